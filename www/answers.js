// What the stub model can say: six questions, each answered in six styles. Written by hand, so that
// no model has to be called for this page to work.

/** The questions. `context` is all that the page tells Flywheel about one. */
export const PROMPTS = [
  { id: "debounce", text: "How do I debounce a function in JavaScript?", context: { topic: "code", kind: "how-to" } },
  { id: "race", text: "What is a race condition?", context: { topic: "code", kind: "explain" } },
  { id: "undo", text: "How do I undo my last Git commit?", context: { topic: "code", kind: "how-to" } },
  { id: "rice", text: "How do I cook rice that doesn’t stick?", context: { topic: "kitchen", kind: "how-to" } },
  { id: "sky", text: "Why is the sky blue?", context: { topic: "science", kind: "explain" } },
  { id: "interest", text: "How does compound interest work?", context: { topic: "money", kind: "explain" } },
];

/** `ANSWERS[prompt][style]`; blank lines part paragraphs, `- ` begins an item, three backticks fence code. */
export const ANSWERS = {
  debounce: {
    short: "Keep a timer. Clear it on every call and start it again; run the function only when the timer is left alone long enough.",
    detailed: `Debouncing turns a burst of calls into one. Each call cancels the timer that the call before it started and starts a new one, so the function runs only after a quiet period.

Two decisions are yours. The first is the wait: 150 to 300 ms feels immediate for typing, while saving to a server can wait a second. The second is the edge: on the trailing edge you act on the last value, which is right for search; on the leading edge you act at once and ignore the echo, which is right for a button.

If the function must also run now and then during a long burst, what you want is throttling.`,
    bullets: `- Store a timer outside the function that you return.
- On each call, \`clearTimeout\` the old timer.
- Start a new one with \`setTimeout\`.
- Pass on \`this\` and the arguments.
- 150–300 ms suits typing; use more for network calls.`,
    example: `\`\`\`
function debounce(fn, wait = 200) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), wait);
  };
}

input.oninput = debounce(search);
\`\`\`

Each keystroke resets the timer, so \`search\` runs once, 200 ms after the last one.`,
    friendly: `Good one, everybody needs this sooner or later! Wrap your function so that each call says “wait, not yet” to the one before it. A \`setTimeout\` does the waiting and a \`clearTimeout\` does the interrupting.

Start with 200 ms and see how it feels. If typing seems sluggish, go lower. You’ll know when it’s right.`,
    simple: `Think of a lift. Each time somebody steps in, the door waits a little longer. Only when nobody has come for a moment does it close and go.

A debounced function is that lift: every call makes it wait again, and it goes once the calls stop.`,
  },
  race: {
    short: "Two things touch the same data at once, and the result depends on which of them happens to be first.",
    detailed: `A race condition is a fault in which the outcome depends on timing that nobody controls. Typically two threads or requests read a value, both compute a new one from it, and both write: the second write silently erases the first.

It is hard to find because it is rare. Tests run on an idle machine, where the bad order almost never comes up; production is busy, and there it does.

The remedies make the read and the write one step: a lock, a transaction, an atomic operation, or a design in which only one owner ever writes.`,
    bullets: `- Two parties share one piece of data.
- At least one of them writes.
- Nothing fixes the order in which they act.
- So the result changes from run to run.
- Cures: locks, transactions, atomics, a single owner.`,
    example: `\`\`\`
// Both run at the same time; stock is 1.
if (await stock() > 0) {
  await setStock(await stock() - 1);
  await ship();
}
\`\`\`

Both see 1, both ship, and you have sold something you don’t have. Cure: \`UPDATE … SET stock = stock - 1 WHERE stock > 0\`, and ship only if a row changed.`,
    friendly: `It’s the bug that vanishes the moment you look at it, so don’t feel bad if one has bitten you. Two parts of a program reach for the same thing at the same time, and who wins is luck.

The happy news: once you have seen that the two steps must be one, the cure is usually a single line, such as a lock or a transaction.`,
    simple: `You and your sister both look into the jar and see one biscuit. Each of you thinks “that one is mine” and runs to tell the others. Now two people have been promised the same biscuit.

A race condition is a program that promises the same biscuit twice, because nobody held the jar while deciding.`,
  },
  undo: {
    short: "`git reset --soft HEAD~1`. The commit goes, your changes stay staged. If it is already pushed, use `git revert HEAD`.",
    detailed: `It depends on who has seen the commit. If it is only on your machine, move the branch back by one: \`git reset --soft HEAD~1\` keeps your changes staged, without \`--soft\` they stay in the files but are unstaged, and \`--hard\` throws them away.

If you have pushed it, do not rewrite it, because others may have built on it. \`git revert HEAD\` adds a new commit that does the opposite, and the history stays true.

If you went too far, \`git reflog\` still knows the old commit for some weeks.`,
    bullets: `- Keep the changes staged: \`git reset --soft HEAD~1\`
- Keep them, unstaged: \`git reset HEAD~1\`
- Throw them away: \`git reset --hard HEAD~1\`
- Already pushed: \`git revert HEAD\`
- Regret it: \`git reflog\`, then reset to the old commit`,
    example: `\`\`\`
git reset --soft HEAD~1   # not pushed yet
git revert HEAD           # pushed already
\`\`\`

The first takes the commit off your branch and leaves the work staged. The second adds a commit that undoes it, and harms nobody.`,
    friendly: `No harm done, Git forgets almost nothing! If you haven’t pushed, \`git reset --soft HEAD~1\` takes you back to the moment before, with all your work still there.

If you have pushed, be kind to your colleagues and use \`git revert HEAD\` instead. And if anything goes wrong, \`git reflog\` is your time machine.`,
    simple: `A commit is a page glued into a diary. If nobody has read it, you can peel it off and still have the page in your hand: that is \`git reset --soft HEAD~1\`.

If people have read it, peeling would confuse them. So you glue in a new page that says “never mind the last one”: that is \`git revert HEAD\`.`,
  },
  rice: {
    short: "Rinse until the water is clear, use 1½ parts water to 1 of rice, simmer covered for 12 minutes, rest for 10, then fluff with a fork.",
    detailed: `Stickiness is loose starch. Rinse the rice in cold water and swirl it, three or four times, until the water is nearly clear. Choose a long grain such as basmati; short grains are meant to cling.

Bring 1½ parts of water to the boil for each part of rice, with a little salt. Add the rice, stir once, cover, and turn the heat as low as it goes for 12 minutes. Do not lift the lid, since the steam does the work.

Then take it off the heat and leave it covered for 10 minutes, so that the moisture spreads evenly. Fluff with a fork.`,
    bullets: `- Long grain: basmati or jasmine
- Rinse 3–4 times, until the water is nearly clear
- 1½ parts water to 1 part rice
- Covered, lowest heat, 12 minutes, no peeking
- Off the heat, still covered, 10 minutes
- Fluff with a fork, not a spoon`,
    example: `For two people: 150 g of basmati, 225 ml of water, a pinch of salt.

- 0 min: rinse 4 times and drain
- 3 min: boil the water, add the rice, stir once
- 5 min: cover, lowest heat
- 17 min: off the heat, lid on
- 27 min: fluff and serve`,
    friendly: `You’re one small habit away from good rice: rinse it. Really, three or four times, until you can see your fingers through the water. That’s the glue going down the drain.

After that, lid on, heat low, and leave it in peace. Ten quiet minutes at the end make all the difference. Enjoy!`,
    simple: `Each grain wears a dusty coat. When the coat gets wet and hot, it turns into glue.

So first you wash the coats off. Then the rice takes a hot bath with the lid on, and afterwards it needs a nap. If you stir too much, it wakes up grumpy and clings to its friends.`,
  },
  sky: {
    short: "Air scatters blue light far more than red, so blue reaches you from every direction.",
    detailed: `Sunlight contains all colours. The molecules of the air are much smaller than its wavelengths, and such small things scatter short waves far more than long ones: by the fourth power, so that blue is scattered four or five times as much as red.

The red goes nearly straight on. The blue bounces about and comes to your eye from all over the sky. Violet is scattered even more, but the sun gives off less of it and our eyes see it poorly.

At sunset the light crosses so much air that the blue is gone before it arrives, and what remains is red.`,
    bullets: `- Sunlight is a mix of all colours
- Air molecules scatter short waves most
- Blue is scattered 4–5 times as much as red
- So blue comes from everywhere, red straight from the sun
- At sunset the path is long: blue is lost, red is left`,
    example: `Try it: put a few drops of milk into a glass of water and shine a torch through it in a dark room.

- From the side the water looks bluish: that is the sky.
- From the far end the torch looks orange: that is the sunset.

The droplets of milk do what air does, only in a glass.`,
    friendly: `A lovely question, and people only worked it out some 150 years ago! The air plays favourites: it lets red light walk straight through and throws blue light about like confetti.

So wherever you look up, a little blue is coming your way. Look again at sunset, when the confetti has run out.`,
    simple: `Sunlight is a crowd of runners in coloured shirts. The red ones take big steps and run straight through the air. The blue ones take tiny steps and bump into everything.

Because they bump about everywhere, you see blue shirts wherever you look.`,
  },
  interest: {
    short: "You earn interest on your interest, so the sum grows by a share of itself, faster every year.",
    detailed: `With simple interest only what you paid in earns. With compound interest each year’s interest joins the sum, and the next year’s is computed on all of it. After n years at rate r, what you have is the start times (1 + r)ⁿ.

For a long time the difference is small and then it is large: at 5 % a year, 1,000 has become 1,629 after ten years but 7,040 after forty. Time matters more than the rate.

The same holds for debts, which is why a credit card at 20 % doubles what you owe in under four years.`,
    bullets: `- Interest is added to the sum
- Next time, interest is computed on both
- Formula: start × (1 + rate)ⁿ
- Rule of 72: years to double ≈ 72 ÷ rate in per cent
- It works on debts as well`,
    example: `1,000 at 5 % a year:

- Year 1: 1,050.00
- Year 2: 1,102.50, where 2.50 is interest on interest
- Year 10: 1,628.89
- Year 40: 7,039.99

Without compounding it would be 3,000 after forty years.`,
    friendly: `Money has children here, and its children have children! That’s all there is to it. In the beginning it looks like nothing is happening, and that’s where most people lose heart.

Give it time: your early years do the heavy lifting later. Starting small today beats starting big some day.`,
    simple: `Roll a small snowball down a hill. With each turn snow sticks to it. A bigger ball has more room for snow, so each turn adds more than the one before.

Your money is the ball, the interest is the snow, and the years are the hill. You want a long hill.`,
  },
};
