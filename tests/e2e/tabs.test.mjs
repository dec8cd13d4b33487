// Many tabs of one person. A failure is: a signal that the server does not hold once, one that waits for a tab that is
// gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();

/** In a page: so many thumbs, one every few milliseconds. */
async function talk([signals, milliseconds]) {
  for (let n = 0; n < signals; n++) {
    fw.thumb(fw.shown({ surface: "answer", answer: { features: { n: `${n}` } } }), n % 3 ? "up" : "down");
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}

const idle = (tab) => tab.waitForFunction(() => fw.status().queued === 0, undefined, { polling: 50, timeout: 60_000 });

test("ten tabs send at once: none lost, none twice", async (t) => {
  const { person, holds, quiet } = await world(t);
  const one = await person();
  const [tabs, signals] = [[], 30];
  for (let tab = 0; tab < 10; tab++) {
    await one.visit({ sync: { automatic: true, count: 5, waitMs: 100 } });
    tabs.push(one.page);
  }
  await Promise.all(tabs.map((tab) => tab.evaluate(talk, [signals, 10])));
  await Promise.all(tabs.map(idle));
  await holds(10 * signals);
  quiet();
});

test("the sending tab is closed before it hears the answer: the next page sends what it left, and nothing counts twice", async (t) => {
  let late = false;
  const { person, holds } = await world(t, { faults: () => (late ? "overtake" : "pass") });
  const one = await person();
  for (let closing = 0; closing < 5; closing++) {
    await one.visit({ sync: { automatic: true, count: 1, waitMs: 0 } });
    late = true;
    const asked = one.asked.length;
    await one.run(talk, [4, 5]);
    await one.until(() => fw.status().inFlight > 0);
    assert.ok(one.asked.length >= asked);
    await one.page.close();
    late = false;
  }
  await one.visit();
  await one.run(() => fw.sync());
  await holds(5 * 4);
});

test("the sending tab is closed while another is open: that one sends what it left", async (t) => {
  let away = false;
  const { person, holds } = await world(t, { faults: () => (away ? "drop" : "pass") });
  const one = await person();
  const options = { sync: { automatic: true, count: 2, waitMs: 100, refreshMs: 0 } };
  await one.visit(options);
  const stays = one.page;
  await one.visit(options);
  const goes = one.page;
  await goes.waitForFunction(() => fw.status().inFlight === 0);
  away = true;
  await goes.evaluate(talk, [6, 5]);
  await goes.evaluate(async () => {
    await fw.thumb(fw.shown({ surface: "answer", answer: { features: { last: true } } }), "up").saved;
  });
  await goes.close();
  away = false;
  // It has heard of them, though it did not say them.
  await stays.waitForFunction(() => fw.status().signals === 7, undefined, { polling: 50, timeout: 10_000 });
  await idle(stays);
  await holds(7);
});
