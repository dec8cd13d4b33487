// The app's own redactor, before the built-in one; what it fails on is dropped.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { required } from "../support/browser.mjs";

const pkg = required("FLYWHEEL_PKG");
// Node fetches no files.
globalThis.fetch = async (url) => new Response(readFileSync(url), { headers: { "content-type": "application/wasm" } });
const { Flywheel } = await import(pathToFileURL(join(pkg, "insight.js")));

const open = (redact) =>
  Flywheel.open({ app: "redact", storage: "memory", seed: 1, redact, consent: { share: true, text: true }, endpoint: "/none", key: "pk_test", sync: { automatic: false } });

/** Says a text wherever texts may stand; gives all that the page keeps, as JSON. */
async function kept(redact, text) {
  const fw = await open(redact);
  const candidates = ["a", "b"].map((id) => ({ id, text, features: { short: text.slice(0, 30), list: [text, 7] } }));
  for (const of of [candidates, candidates.map(({ id, features: { short } }) => ({ id, features: { short } }))]) {
    const decision = fw.rank({ surface: "s", context: { prompt: text }, candidates: of });
    fw.correct(decision, { shown: text, corrected: `${text} more` });
    fw.reward(fw.shown({ surface: "s", answer: text }), 1, text.slice(0, 30));
  }
  const all = JSON.stringify(await fw.export());
  await fw.close();
  return all;
}

const text = "Zanzibar asked for it; write to ana@example.org or call +49 30 1234567 about the seven peppercorns.";

test("without a redactor the built-in one works alone, on numbers and on strings", async () => {
  const all = await kept(undefined, text);
  assert.match(all, /Zanzibar/);
  assert.match(all, /\[email\]/);
  assert.doesNotMatch(all, /ana@example|1234567/);
});

test("an app's redactor comes first and cannot switch the built-in one off", async () => {
  const all = await kept((given) => given.replaceAll("Zanzibar", "[place]"), text);
  assert.match(all, /\[place\]/);
  assert.match(all, /\[email\]/);
  assert.doesNotMatch(all, /Zanzibar|ana@example|1234567/);
  const undone = await kept((given) => given.replaceAll("Zanzibar", "bob@example.org"), text);
  assert.doesNotMatch(undone, /bob@example/);
});

for (const [what, redact] of [
  ["throws", () => { throw new Error("broken"); }],
  ["gives no string", () => undefined],
  ["gives a promise", async (given) => given],
]) {
  test(`what a redactor ${what} about is dropped`, async () => {
    assert.doesNotMatch(await kept(redact, text), /Zanzibar|peppercorns|example|\[email\]/);
  });
}

test("a redactor that is no function is refused", async () => {
  await assert.rejects(open("all"), { code: "invalid_value" });
});

test("the usual entry refuses a redactor rather than ignore it", async () => {
  const usual = await import(pathToFileURL(join(pkg, "slim.js")));
  await usual.init(readFileSync(join(pkg, "flywheel_bg.wasm")));
  await assert.rejects(usual.Flywheel.open({ app: "redact", storage: "memory", redact: (given) => given }), { code: "invalid_value" });
});

test("candidates keep their rules and a refused one is still refused", async () => {
  const fw = await open((given) => given);
  const candidates = [{ id: "a" }, { id: "b", pinned: true }];
  assert.equal(fw.rank({ surface: "s", candidates }).best, "b");
  assert.throws(() => fw.rank({ surface: "s", candidates: [{ id: "a" }, null] }), { code: "invalid_value" });
  assert.throws(() => fw.rank({ surface: "s", candidates: [{ id: "a", text: 7 }] }), { code: "invalid_value" });
  assert.throws(() => fw.rank({ surface: "s", context: [], candidates }), { code: "invalid_value" });
  await fw.close();
});
