// Requests of any size that is allowed, while the module's memory grows under them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { required } from "../support/browser.mjs";

const pkg = required("FLYWHEEL_PKG");
const { Flywheel } = await import(pathToFileURL(join(pkg, "slim.js")));
await Flywheel.init(readFileSync(join(pkg, "flywheel_bg.wasm")));

test("a request of any size is ranked at once, however much memory it needs", async () => {
  for (const features of [1, 5, 20, 100, 300]) {
    for (const count of [10, 100, 300, 1_000]) {
      const fw = await Flywheel.open({ app: "memory", storage: "memory", seed: 1 });
      const named = (of) => Object.fromEntries(Array.from({ length: features }, (_, name) => [`f${name}`, of * name + 0.5]));
      const candidates = Array.from({ length: count }, (_, of) => ({ id: `c${of}`, features: named(of) }));
      assert.equal(fw.rank({ surface: "s", candidates }).order.length, count, `${count} with ${features} features`);
      await fw.close();
    }
  }
});

test("names that stand before nothing may come last, however many are new", async () => {
  const fw = await Flywheel.open({ app: "memory", storage: "memory", seed: 1 });
  for (let at = 0; at < 15_000; at++) {
    const features = { a: 1, [`nothing ${at}`]: null };
    assert.equal(fw.rank({ surface: "s", candidates: [{ id: "a", features }, { id: "b" }] }).order.length, 2, `${at}`);
  }
  await fw.close();
});

test("a candidate is remembered as it was read, whatever its getters say later", async () => {
  const fw = await Flywheel.open({ app: "memory", storage: "memory", seed: 1, epsilon: 0 });
  let said = 0;
  const moody = { id: "moody", features: { get mood() { return said++ === 0 ? "one" : "two"; } } };
  const one = { id: "plain", features: { mood: "one" } };
  const score = (candidate) => fw.rank({ surface: "s", candidates: [candidate] }).scores[0];
  for (let at = 0; at < 40; at++) score(moody);
  for (let at = 0; at < 5; at++) fw.thumb(fw.rank({ surface: "s", candidates: [one] }), "up");
  assert.equal(score(moody), score({ id: "moody", features: { mood: "two" } }));
  assert.ok(score(moody) < score(one));
  await fw.close();
});
