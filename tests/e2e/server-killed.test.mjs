// The server dies while four tabs of one person send, and comes back. A failure is: a signal that it does not hold in
// the end, one that it holds twice, a tab that never notices that it is back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();
const TABS = 4;
const DEATHS = 3;
/** Of each tab between two deaths, one every ten milliseconds. */
const SIGNALS = 30;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("the server is killed and restarted while four tabs send: none lost, none twice", async (t) => {
  const { server, person, holds } = await world(t);
  const one = await person();
  const tabs = [];
  for (let tab = 0; tab < TABS; tab++) {
    await one.visit({ sync: { automatic: true, count: 3, waitMs: 100 } });
    tabs.push(one.page);
  }
  for (let death = 0; death < DEATHS; death++) {
    const talking = tabs.map((tab) =>
      tab.evaluate(async (signals) => {
        for (let n = 0; n < signals; n++) {
          fw.thumb(fw.shown({ surface: "answer", answer: { features: { n: `${n}` } } }), n % 3 ? "up" : "down");
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }, SIGNALS),
    );
    // Somewhere in the middle of it, another place each time.
    await pause(60 + 70 * death);
    await server.kill();
    await Promise.all(talking);
    await server.restart();
  }
  // Each tab finds out by itself, after a back-off of its own.
  for (const tab of tabs) await tab.waitForFunction(() => fw.status().queued === 0, undefined, { timeout: 60_000 });
  await holds(TABS * DEATHS * SIGNALS);
  assert.ok(one.asked.length >= TABS * DEATHS, "they did send while it died");
});
