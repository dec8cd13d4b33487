// A network that drops, delays, repeats, reorders and cuts, between three tabs and the server. A failure is: a signal
// that is not in the server's store once, a tab that stops trying.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";
import { FATES } from "../support/proxy.mjs";

const world = worlds();
const TABS = 3;
const SIGNALS = 60;

/** Each fate in its turn, and nothing after each: with two tabs and more who meets which is chance. */
function inTurn() {
  const bad = Object.keys(FATES).filter((fate) => fate !== "pass");
  let asked = 0;
  return () => (asked++ % 2 ? "pass" : bad[(asked >> 1) % bad.length]);
}

test("a network that drops, delays, repeats and cuts: none lost, none twice", async (t) => {
  const { person, holds } = await world(t, { faults: inTurn() });
  const one = await person();
  const tabs = [];
  for (let tab = 0; tab < TABS; tab++) {
    await one.visit({ sync: { automatic: true, count: 4, waitMs: 50, refreshMs: 0 } });
    tabs.push(one.page);
  }
  await Promise.all(tabs.map((tab) =>
    tab.evaluate(async (signals) => {
      for (let n = 0; n < signals; n++) {
        fw.thumb(fw.shown({ surface: "answer", answer: { features: { n: `${n}` } } }), n % 3 ? "up" : "down");
        await new Promise((resolve) => setTimeout(resolve, 10));
        // An app that asks does not wait for the back-off: more requests, more faults.
        if (n % 5 === 4) await fw.sync().catch(() => undefined);
      }
      while (fw.status().queued > 0) await fw.sync().catch(() => undefined);
    }, SIGNALS),
  ));
  assert.deepEqual(new Set(one.way.requests.map(({ fate }) => fate)), new Set(Object.keys(FATES)), "each kind of fault was met");
  await holds(TABS * SIGNALS);
});
