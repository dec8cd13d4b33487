// What the stub knows.
export const answers = [
  {
    about: /sky|blue/i,
    short: "Air scatters blue light much more than red, so blue reaches your eye from every direction.",
    steps: "1. Sunlight holds all colours.\n2. Air molecules scatter short waves most.\n3. Blue waves are short, so they bounce around the whole sky.\n4. From wherever you look, blue arrives.",
    example: "Shine a torch through a glass of water with a drop of milk: from the side it looks bluish, and what comes straight through looks orange. The sky is that glass.",
  },
  {
    about: /sort|list|array|code|python|javascript/i,
    short: "Use `sorted(items, key=len)`: it gives a new list and leaves yours alone.",
    steps: "1. Decide what to order by, and write it as a function.\n2. Pass it as `key`.\n3. Use `sorted` for a new list, `.sort()` to change yours.\n4. Add `reverse=True` for the other way round.",
    example: "words = [\"pear\", \"fig\", \"banana\"]\nsorted(words, key=len)\n# ['fig', 'pear', 'banana']",
  },
  {
    about: /sleep|tired|habit/i,
    short: "Get up at the same time every day, weekends too; the rest follows.",
    steps: "1. Fix the time you get up.\n2. Light in the first half hour, none in the last.\n3. No coffee after two.\n4. In bed only when you are tired.",
    example: "Mia got up at seven for three weeks, Sundays as well. In the first she was tired at ten, in the second she slept through, in the third she woke before the alarm.",
  },
  {
    about: /./,
    short: "In one sentence: start with the smallest piece that you can try, and let what you see decide the next.",
    steps: "1. Write down what would count as done.\n2. Try the smallest piece.\n3. Look at what happened.\n4. Change one thing, and repeat.",
    example: "Somebody who wanted to learn to bake made the same loaf nine times and changed only the time in the oven. The tenth was good, and she knew why.",
  },
]
