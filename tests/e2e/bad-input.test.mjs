// Bad input is a clear error with a stable code, and never a broken instance. A failure is: no error, another code, an
// error that is not a FlywheelError, or an instance that does not work on as before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();

/** Runs every row of a table in the page and gives what came of each: a code, or what else happened. */
async function codesOf(person, table) {
  const rows = Object.entries(table).map(([what, [, call]]) => [what, String(call)]);
  return person.run(async (rows) => {
    const rank = (candidates, more = {}) => fw.rank({ surface: "answer", candidates, ...more });
    const one = (features, more) => rank([{ id: "a", features, ...more }]);
    const two = () => rank([{ id: "a" }, { id: "b" }]);
    const nobody = "018f3c2e-0000-7000-8000-000000000000";
    const long = "x".repeat(65);
    const megabyte = "word ".repeat(210_000);
    globalThis.given = { rank, one, two, nobody, long, megabyte };
    const found = {};
    for (const [what, call] of rows) {
      try {
        const value = await (0, eval)(`(${call})`)(globalThis.given);
        found[what] = `no error, but ${JSON.stringify(value)}`;
      } catch (error) {
        const isOurs = sdk.isFlywheelError(error) && error.message.length > 0;
        found[what] = isOurs ? error.code : `not ours: ${error}`;
      }
    }
    return found;
  }, rows);
}

const expected = (table) => Object.fromEntries(Object.entries(table).map(([what, [code]]) => [what, code]));

/** Row: the code, and a call that must throw it. The calls run in the page. */
const RANKING = {
  "no request": ["invalid_value", () => fw.rank()],
  "no candidates": ["no_candidates", ({ rank }) => rank([])],
  "candidates that are no list": ["invalid_value", ({ rank }) => rank({ length: 1 })],
  "1,001 candidates": ["too_many_candidates", ({ rank }) => rank(Array.from({ length: 1_001 }, (_, n) => ({ id: `${n}` })))],
  "two candidates with one id": ["duplicate_candidate", ({ rank }) => rank([{ id: "a" }, { id: "b" }, { id: "a" }])],
  "a candidate that is null": ["invalid_value", ({ rank }) => rank([{ id: "a" }, null])],
  "a hole in the list": ["invalid_value", ({ rank }) => rank([{ id: "a" }, , { id: "b" }])],
  "an id that is a number": ["invalid_value", ({ rank }) => rank([{ id: 7 }])],
  "an empty id": ["invalid_name", ({ rank }) => rank([{ id: "" }])],
  "an id of 65 characters": ["invalid_name", ({ rank, long }) => rank([{ id: long }])],
  "an empty surface": ["invalid_name", ({ rank }) => rank([{ id: "a" }], { surface: "" })],
  "no surface": ["invalid_value", ({ rank }) => rank([{ id: "a" }], { surface: undefined })],
  "all candidates forbidden": ["invalid_rules", ({ rank }) => rank([{ id: "a", forbidden: true }])],
  "two rules for a candidate": ["invalid_rules", ({ rank }) => rank([{ id: "a", pinned: true, minimumShare: 0.1 }])],
  "minimum shares above 1": ["invalid_rules", ({ rank }) => rank([{ id: "a", minimumShare: 0.6 }, { id: "b", minimumShare: 0.6 }])],
  "a minimum share of -1": ["out_of_range", ({ rank }) => rank([{ id: "a", minimumShare: -1 }])],
  "a minimum share of NaN": ["not_finite", ({ rank }) => rank([{ id: "a", minimumShare: NaN }])],
  "a minimum share in words": ["invalid_value", ({ rank }) => rank([{ id: "a", minimumShare: "half" }])],
  "NaN": ["not_finite", ({ one }) => one({ n: NaN })],
  "Infinity": ["not_finite", ({ one }) => one({ n: Infinity })],
  "-Infinity in a list": ["not_finite", ({ one }) => one({ n: [1, -Infinity] })],
  "NaN in the context": ["not_finite", ({ rank }) => rank([{ id: "a" }], { context: { n: NaN } })],
  "__proto__": ["reserved_key", ({ one }) => one(JSON.parse('{"__proto__":"x"}'))],
  "constructor": ["reserved_key", ({ one }) => one({ constructor: "x" })],
  "prototype in the context": ["reserved_key", ({ rank }) => rank([{ id: "a" }], { context: { prototype: 1 } })],
  "__proto__ in the context": ["reserved_key", ({ rank }) => rank([{ id: "a" }], { context: JSON.parse('{"__proto__":1}') })],
  "an object inside": ["nested_value", ({ one }) => one({ deep: { er: 1 } })],
  "the whole page inside": ["nested_value", ({ rank }) => rank([{ id: "a" }], { context: { page: window } })],
  "the whole page inside a list": ["nested_value", ({ one }) => one({ pages: [window, document.body] })],
  "what holds itself a thousand times": ["nested_value", ({ one }) => {
    const self = {};
    for (let n = 0; n < 1_000; n++) self[n] = self;
    return one({ self });
  }],
  "a list inside a list": ["nested_value", ({ one }) => one({ deep: [[1]] })],
  "a function": ["invalid_value", ({ one }) => one({ f: () => 1 })],
  "a bigint": ["invalid_value", ({ one }) => one({ n: 1n })],
  "features that are a list": ["invalid_value", ({ one }) => one(["x"])],
  "513 features": ["too_many_features", ({ one }) => one(Object.fromEntries(Array.from({ length: 513 }, (_, n) => [`f${n}`, 1])))],
  "a feature's name of 65 characters": ["invalid_name", ({ one, long }) => one({ [long]: 1 })],
  "a megabyte as a value": ["text_too_long", ({ one, megabyte }) => one({ words: megabyte })],
  "a megabyte as a text": ["text_too_long", ({ one, megabyte }) => one({}, { text: megabyte })],
  "a megabyte that was shown": ["text_too_long", ({ megabyte }) => fw.shown({ surface: "answer", answer: megabyte })],
  "a text that is a number": ["invalid_value", ({ one }) => one({}, { text: 5 })],
  "after a decision that never was": ["unknown_decision", ({ rank, nobody }) => rank([{ id: "a" }], { after: nobody })],
};

const FEEDBACK = {
  "an unknown decision": ["unknown_decision", ({ nobody }) => fw.thumb(nobody, "up")],
  "what is no decision's id": ["unknown_decision", () => fw.thumb("nonsense", "up")],
  "no decision": ["invalid_value", () => fw.thumb(undefined, "up")],
  "a thumb sideways": ["invalid_value", ({ two }) => fw.thumb(two(), "sideways")],
  "a reward of NaN": ["not_finite", ({ two }) => fw.reward(two(), NaN)],
  "a reward above 1": ["out_of_range", ({ two }) => fw.reward(two(), 1.5)],
  "a reward in words": ["invalid_value", ({ two }) => fw.reward(two(), "much")],
  "a reason of 65 characters": ["invalid_name", ({ two, long }) => fw.reward(two(), 1, long)],
  "an unknown candidate preferred": ["unknown_candidate", ({ two }) => fw.prefer(two(), "c")],
  "the only one preferred": ["no_alternative", ({ one }) => fw.prefer(one({}), "a")],
  "an empty correction": ["invalid_value", ({ two }) => fw.correct(two(), {})],
  "no correction": ["invalid_value", ({ two }) => fw.correct(two())],
  "an edited share above 1": ["out_of_range", ({ two }) => fw.correct(two(), { share: 2 })],
  "an edited share of NaN": ["not_finite", ({ two }) => fw.correct(two(), { share: NaN })],
  "a corrected megabyte": ["text_too_long", ({ two, megabyte }) => fw.correct(two(), { shown: "a", corrected: megabyte })],
  "another attempt at nothing": ["unknown_decision", ({ nobody }) => fw.regenerate(nobody)],
  "listening for an event that is none": ["invalid_value", () => fw.on("nonsense", () => {})],
  "listening with what is no function": ["invalid_value", () => fw.on("status", 7)],
  "consent in other words": ["invalid_value", () => fw.consent({ share: "maybe" })],
  "consent that is no object": ["invalid_value", () => fw.consent("yes")],
};

const OPENING = {
  "no options": ["invalid_value", () => sdk.Flywheel.open()],
  "no app": ["invalid_value", () => sdk.Flywheel.open({})],
  "an empty app": ["invalid_name", () => sdk.Flywheel.open({ app: "" })],
  "an endpoint without a key": ["invalid_key", () => sdk.Flywheel.open({ app: "x", endpoint: "/" })],
  "an endpoint with a secret key": ["invalid_key", () => sdk.Flywheel.open({ app: "x", endpoint: "/", key: "sk_x" })],
  "an epsilon above 1": ["out_of_range", () => sdk.Flywheel.open({ app: "x", epsilon: 2 })],
  "an epsilon of NaN": ["not_finite", () => sdk.Flywheel.open({ app: "x", epsilon: NaN })],
  "a policy that is none": ["invalid_value", () => sdk.Flywheel.open({ app: "x", explore: { policy: "luck" } })],
  "a policy of the other entry": ["invalid_value", () => sdk.Flywheel.open({ app: "x", explore: { policy: "thompson" } })],
  "batches of none": ["out_of_range", () => sdk.Flywheel.open({ app: "x", sync: { count: 0 } })],
  "batches of too many": ["out_of_range", () => sdk.Flywheel.open({ app: "x", sync: { count: 257 } })],
  "a storage that is none": ["invalid_value", () => sdk.Flywheel.open({ app: "x", storage: "cloud" })],
};

const CLOSED = {
  "rank": ["closed", ({ two }) => two()],
  "thumb": ["closed", ({ nobody }) => fw.thumb(nobody, "up")],
  "status": ["closed", () => fw.status()],
  "sync": ["closed", () => fw.sync()],
  "forget": ["closed", () => fw.forget()],
  "export": ["closed", () => fw.export()],
  "consent": ["closed", () => fw.consent({ share: true })],
};

test("each bad input has its code, and the instance works on", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  await one.likeShort(2);
  const before = [await one.scores(), await one.run(() => fw.status().signals)];
  for (const table of [RANKING, FEEDBACK, OPENING]) {
    assert.deepEqual(await codesOf(one, table), expected(table));
    assert.deepEqual([await one.scores(), await one.run(() => fw.status().signals)], before, "nothing was learned from it");
  }
  await one.likeShort();
  assert.equal((await one.run(() => fw.sync())).acknowledged, 3);
  await one.reload();
  assert.equal(await one.run(() => fw.status().signals), 3);
  assert.deepEqual(await one.run(() => fw.status().dropped), {});
  assert.equal((await server.stats()).signals, 3);

  await one.run(() => fw.close());
  assert.deepEqual(await codesOf(one, CLOSED), expected(CLOSED));
  assert.equal(await one.run(() => fw.close()), undefined, "closing again does nothing");
  quiet();
});

test("odd input that is allowed arrives as it was", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  await one.run(async () => {
    const features = { "käse 🧀": "größe", empty: "", nothing: null, not: undefined, off: false, list: [], tiny: 5e-324, huge: 1e308 };
    const shown = fw.shown({ surface: "日本語", context: features, answer: { features, text: "half of a pair: \ud83e" } });
    await fw.thumb(shown, "up").saved;
  });
  assert.equal((await one.run(() => fw.sync())).acknowledged, 1);
  const [signal] = JSON.parse(one.posted.at(-1).body).signals;
  assert.deepEqual([signal.surface, signal.context["käse 🧀"]], ["日本語", "größe"]);
  assert.deepEqual([signal.context.tiny, signal.context.huge], [5e-324, 1e308]);
  assert.ok((await server.stats()).adds_up);
  quiet();
});

test("a wrong key is said, and nothing is lost", async (t) => {
  const { server, person } = await world(t);
  const one = await person();
  await one.visit({ key: "pk_wrong" });
  await one.likeShort(2);
  const code = () => fw.sync().then(() => "none", ({ code }) => code);
  assert.equal(await one.run(code), "invalid_key");
  assert.deepEqual(await one.run(() => [fw.status().queued, fw.status().lastError]), [2, "invalid_key"]);
  await one.reload({});
  assert.equal((await one.run(() => fw.sync())).acknowledged, 2);
  assert.equal((await server.stats()).signals, 2);
});

test("weights that were damaged on the way change nothing", async (t) => {
  const { person } = await world(t);
  const [teacher, one] = [await person(), await person()];
  await teacher.visit();
  await teacher.likeShort(3);
  await teacher.run(() => fw.sync());
  await one.visit();
  await one.run(() => {
    globalThis.codes = [];
    fw.on("error", ({ code }) => codes.push(code));
  });
  const before = await one.scores();
  const damages = [
    (delta) => delta.slice(0, delta.length / 2),
    // Every letter of the last third is another one.
    (delta) => delta.slice(0, (2 * delta.length) / 3) + delta.slice((2 * delta.length) / 3).replace(/[A-Y]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 1)),
  ];
  for (const damage of damages) {
    one.way.edit(({ weights }) => {
      weights.delta = damage(weights.delta);
    });
    await one.run(() => fw.sync());
    assert.deepEqual(await one.scores(), before);
  }
  const codes = await one.run(() => codes);
  assert.equal(codes.length, damages.length, codes.join());
  for (const code of codes) assert.ok(["invalid_weights", "weights_hash_mismatch"].includes(code), code);
  assert.equal((await one.run(() => fw.sync())).version, 1, "the next answer brings them again");
  assert.notDeepEqual(await one.scores(), before);
});
