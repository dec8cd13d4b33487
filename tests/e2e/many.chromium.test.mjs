// Ten thousand signals of a long time offline. A failure is: a signal that is not on the server once, a page that
// cannot be used while they are sent. Only Chromium tells which tasks were long.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";
import { longest } from "../support/tasks.mjs";

const world = worlds();
const SIGNALS = 10_000;
const AT_ONCE = 250;
/** What a person does not notice, in milliseconds (a "long task" of the browsers' own measure). */
const UNNOTICED_MS = 50;

test("10,000 signals collected offline are sent without a task over 50 ms on the main thread: none lost, none twice", async (t) => {
  const { person, quiet, holds } = await world(t);
  const one = await person();
  await one.visit({ sync: { automatic: false } });
  const back = await one.cutOff();
  for (let said = 0; said < SIGNALS; said += AT_ONCE) {
    await one.run(async ([from, count]) => {
      let last;
      for (let n = from; n < from + count; n++) {
        const candidates = [{ id: "short", features: { style: "short", n: n % 97, word: `word-${n % 53}` } }];
        last = fw.thumb(fw.rank({ surface: "answer", candidates }), n % 3 ? "up" : "down");
      }
      await last.saved;
    }, [said, AT_ONCE]);
  }
  assert.equal(await one.run(() => fw.status().queued), SIGNALS);
  await back();
  const { task, value } = await longest(one.page, () => one.run(async () => {
    // By the clock, as the browser itself reports it: on a busy machine it counts what others do, so it is only shown.
    const long = [];
    new PerformanceObserver((list) => long.push(...list.getEntries())).observe({ type: "longtask" });
    const start = performance.now();
    await fw.sync();
    return { took: performance.now() - start, long: long.map(({ duration }) => Math.round(duration)) };
  }));
  t.diagnostic(`sent in ${(value.took / 1_000).toFixed(1)} s; the longest task took ${task.toFixed(1)} ms; long by the clock: ${value.long.join(", ") || "none"}`);
  assert.equal(await one.run(() => fw.status().queued), 0);
  await holds(SIGNALS);
  assert.ok(task <= UNNOTICED_MS, `a task of ${task.toFixed(1)} ms`);
  quiet();
});
