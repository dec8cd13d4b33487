// Strings cross joined into one: where one ends and the next begins must not depend on what stands there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { required } from "../support/browser.mjs";

const pkg = required("FLYWHEEL_PKG");
const { Flywheel } = await import(pathToFileURL(join(pkg, "slim.js")));
await Flywheel.init(readFileSync(join(pkg, "flywheel_bg.wasm")));

test("a text that was cut within an emoji crosses next to the other half", async () => {
  const fw = await Flywheel.open({ app: "strings", storage: "memory", seed: 1, consent: { text: true } });
  const [shown, corrected] = ["an emoji 😀 cut".slice(0, 10), "an emoji 😀 cut".slice(10)];
  const decision = fw.rank({ surface: "s", candidates: [{ id: "a", text: shown, features: { parts: [shown, corrected] } }] });
  fw.correct(decision, { shown, corrected });
  const { decisions } = await fw.export();
  const { candidate } = decisions[0].candidates[0];
  assert.deepEqual([candidate.text, candidate.features.parts], ["an emoji \ufffd", ["an emoji \ufffd", "\ufffd cut"]]);
  await fw.close();
});
