// The disk is full. A failure is: a call that throws, a receipt that says `saved` and is not, a status that does not say
// that memory is all there is, a signal that the server does not get once. Only Chromium lets a test set the quota.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();
/** Bytes that the page's origin may store. */
const QUOTA = 400_000;

/** Before the page is opened: the browser asks once how much room there is, and then only now and then. */
async function allow({ context, server }, bytes) {
  const session = await context.newCDPSession(await context.newPage());
  await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: bytes });
}

/** Says things of 20 KB each until one is not on disk; gives how each was kept. */
const sayUntilFull = (person) =>
  person.run(async () => {
    const kept = [];
    while (kept.at(-1) !== "memory" && kept.length < 100) {
      const text = Array.from({ length: 2_500 }, (_, n) => `w${(n * 7919 + kept.length).toString(36)}`).join(" ").slice(0, 20_000);
      const receipt = fw.thumb(fw.shown({ surface: "answer", answer: text }), "up");
      kept.push(await receipt.saved);
    }
    return kept;
  });

test("over quota the page works on in memory and says so, and every signal arrives once", async (t) => {
  const { person, holds } = await world(t);
  const one = await person();
  await allow(one, QUOTA);
  await one.visit();
  const kept = await sayUntilFull(one);
  assert.deepEqual([kept[0], kept.at(-1)], ["saved", "memory"], `${kept.length}`);
  assert.deepEqual(await one.run(() => [fw.status().storage, fw.status().storageReason]), ["memory", "QuotaExceededError"]);
  const before = await one.scores();
  await one.likeShort(2);
  assert.ok((await one.scores())[0] > before[0], "it learns on");
  await one.run(() => fw.sync());
  assert.equal(await one.run(() => fw.status().queued), 0);
  await holds(kept.length + 2);
});

test("what was saved before the disk was full is there the next time, and what was said to be in memory only is not", async (t) => {
  const { person, holds } = await world(t);
  const one = await person();
  await allow(one, QUOTA);
  await one.visit();
  const saved = (await sayUntilFull(one)).filter((kept) => kept === "saved").length;
  await one.page.close();
  await one.visit();
  assert.equal(await one.run(() => fw.status().signals), saved);
  await one.run(() => fw.sync());
  await holds(saved);
});
