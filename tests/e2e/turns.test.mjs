// Ten tabs of one person. A failure is: a signal that the server does not have in the end, one that it counts twice, a
// receipt that does not settle in the tab where it was given, tabs that know different things in the end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();
const TABS = 10;
const THUMBS = 20;
const ALL = TABS * THUMBS;

/** Opens the tabs of one person; gives their pages. */
async function tabsOf(person, options) {
  const pages = [];
  for (let tab = 0; tab < TABS; tab++) {
    await person.visit(options);
    pages.push(person.page);
  }
  return pages;
}

/** Gives thumbs in a tab; `pause`: milliseconds between two. Its receipts stay in the page. */
const speak = (page, tab, pause) =>
  page.evaluate(async ([thumbs, tab, pause]) => {
    globalThis.receipts = [];
    globalThis.acknowledged = 0;
    for (let n = 0; n < thumbs; n++) {
      const decision = fw.rank({ surface: "answer", candidates: [{ id: "one", features: { own: `${tab} ${n}` } }] });
      const receipt = fw.thumb(decision, n % 3 ? "up" : "down");
      void receipt.acknowledged.then((how) => (acknowledged += how === "acknowledged" ? 1 : 0));
      receipts.push(receipt);
      if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    await Promise.all(receipts.map((receipt) => receipt.saved));
  }, [THUMBS, tab, pause]);

/** How many signals were posted, and how many of them before. */
function posted(person) {
  const ids = person.posted.filter(({ path }) => path === "/v1/sync").flatMap(({ body }) => JSON.parse(body).signals.map(({ id }) => id));
  return { posted: ids.length, again: ids.length - new Set(ids).size };
}

async function counted(server) {
  const { signals, distinct_signals, adds_up, people } = await server.stats();
  assert.deepEqual({ signals, distinct_signals, adds_up, people }, { signals: ALL, distinct_signals: ALL, adds_up: true, people: 1 });
}

const settled = (page, receipts) =>
  page.waitForFunction((receipts) => fw.status().queued === 0 && acknowledged === receipts, receipts, { polling: 50, timeout: 60_000 });

/** What each tab predicts; the version that it predicts by is the same. */
async function agree(pages) {
  const known = await Promise.all(pages.map((page) => page.evaluate(async () => {
    const candidates = ["0 0", "3 7", "9 19"].map((own) => ({ id: own, features: { own } }));
    const { order, scores, version } = fw.rank({ surface: "answer", candidates });
    return [version, candidates.map(({ id }) => scores[order.indexOf(id)]), fw.status().signals];
  })));
  for (const each of known) assert.deepEqual(each, known[0]);
}

test("ten tabs that send by themselves: none lost, none twice, and no two send the same at once", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  const pages = await tabsOf(one, { sync: { count: 5, waitMs: 200 } });
  await Promise.all(pages.map((page, tab) => speak(page, tab, 20)));
  await Promise.all(pages.map((page) => settled(page, THUMBS)));
  await counted(server);
  const { posted: sent, again } = posted(one);
  console.log(`${ALL} signals of ${TABS} tabs: ${sent} posted, ${again} of them again`);
  assert.ok(again <= ALL / 10, `${again} were sent again`);
  quiet();
});

test("ten tabs that are all asked to send at once: none lost, none twice, all know the same", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  const pages = await tabsOf(one);
  await Promise.all(pages.map((page, tab) => speak(page, tab, 0)));
  await Promise.all(pages.map((page) => page.evaluate(() => fw.sync())));
  await Promise.all(pages.map((page) => settled(page, THUMBS)));
  await counted(server);
  // Who has older weights than the others gets the newest.
  for (const page of pages) await page.evaluate(() => fw.sync());
  await agree(pages);
  quiet();
});

test("without locks and channels ten tabs lose none and double none", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.context.addInitScript(() => {
    delete globalThis.BroadcastChannel;
    Object.defineProperty(navigator, "locks", { value: undefined });
  });
  const pages = await tabsOf(one, { sync: { count: 5, waitMs: 200 } });
  await Promise.all(pages.map((page, tab) => speak(page, tab, 20)));
  await Promise.all(pages.map((page) => settled(page, THUMBS)));
  await counted(server);
  quiet();
});

test("the sending tab is closed while its request is under way: another tab sends", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  const back = await one.cutOff();
  const pages = await tabsOf(one, { sync: { automatic: false } });
  await Promise.all(pages.map((page, tab) => speak(page, tab, 0)));
  await back();
  // Its request never arrives, and it has the lock.
  let begun;
  const arrived = new Promise((resolve) => (begun = resolve));
  await pages[0].route("**/v1/sync", () => begun());
  void pages[0].evaluate(() => void fw.sync().catch(() => {}));
  await arrived;
  await pages[0].close();
  await pages[1].evaluate(async () => {
    while (fw.status().queued > 0) await fw.sync();
  });
  await Promise.all(pages.slice(1).map((page) => settled(page, THUMBS)));
  await counted(server);
  quiet();
});

test("forgotten in one of ten tabs, the server knows nobody, and what the others say next is somebody new's", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  const pages = await tabsOf(one, { sync: { count: 5, waitMs: 100 } });
  await Promise.all(pages.map((page, tab) => speak(page, tab, 0)));
  await Promise.all(pages.map((page) => settled(page, THUMBS)));
  await pages[4].evaluate(() => fw.forget());
  for (const page of pages) await page.waitForFunction(() => fw.status().signals === 0, undefined, { polling: 20, timeout: 10_000 });
  const { people, signals, erased } = await server.stats();
  assert.deepEqual({ people, signals, erased }, { people: 0, signals: 0, erased: 1 });
  for (const page of pages) await speak(page, 0, 0);
  await Promise.all(pages.map((page) => settled(page, THUMBS)));
  await counted(server);
  quiet();
});

test("what a program says at the browser carries that with it", async (t) => {
  const { person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  await one.likeShort();
  await one.run(() => fw.sync());
  const [signal] = one.posted.flatMap(({ body }) => JSON.parse(body).signals ?? []);
  assert.deepEqual([await one.run(() => navigator.webdriver), signal.automated], [true, true]);
  // It is no choice of the person, and does not go with what is forgotten.
  await one.run(() => fw.forget());
  await one.likeShort();
  await one.run(() => fw.sync());
  assert.ok(one.posted.filter(({ path }) => path === "/v1/sync").flatMap(({ body }) => JSON.parse(body).signals).every(({ automated }) => automated));
  quiet();
});

test("who asks to send while a request begins by itself waits for that too", async (t) => {
  const { person, quiet, holds } = await world(t);
  const one = await person();
  await one.visit({ sync: { count: 1, waitMs: 0, refreshMs: 0 } });
  await one.run(() => fw.sync());
  const queued = await one.run(async () => {
    // The page takes its turn by itself and is asked right then; the second to ask gets no answer before the first sends.
    const posted = new Promise((resolve) => {
      const send = fetch.bind(globalThis);
      globalThis.fetch = (...request) => {
        resolve();
        return send(...request);
      };
    });
    let asked = 0;
    const take = navigator.locks.request.bind(navigator.locks);
    const synced = new Promise((resolve) => {
      navigator.locks.request = async (...request) => {
        asked += 1;
        if (asked === 1) queueMicrotask(() => resolve(fw.sync()));
        else await posted;
        return take(...request);
      };
      // If what had begun before took the thumb along, there is nothing left to begin.
      void posted.then(() => asked === 0 && resolve(fw.sync()));
    });
    fw.thumb(fw.rank({ surface: "answer", candidates: [{ id: "short", features: { style: "short" } }] }), "up");
    await synced;
    return fw.status().queued;
  });
  assert.equal(queued, 0);
  await holds(1);
  quiet();
});
