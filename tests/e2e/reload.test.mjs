// A reload loses nothing. A failure is: a score that differs in a bit, a decision that is forgotten, a taken-back thumb
// that leaves a trace here or on the server.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();

/** An id of now (RFC 9562, version 7). */
function uuidv7() {
  const random = randomUUID();
  const now = Date.now().toString(16).padStart(12, "0");
  return `${now.slice(0, 8)}-${now.slice(8)}-7${random.slice(15)}`;
}
const DAY = 24 * 60 * 60 * 1_000;

test("after a reload the scores are the same to the bit", async (t) => {
  const { person, quiet } = await world(t);
  const [one, other] = [await person(), await person()];
  await other.visit();
  await other.likeShort(4);
  await other.run(() => fw.sync());
  await one.visit({ insight: true });
  await one.run(async () => {
    await fw.sync();
    for (let n = 0; n < 12; n++) {
      const candidates = ["short", "long", "list"].map((style) => ({ id: style, features: { style, size: n / 7 } }));
      const decision = fw.rank({ surface: "answer", context: { topic: n % 2 ? "code" : "food" }, candidates });
      await fw.thumb(decision, n % 3 ? "up" : "down").saved;
    }
    await fw.sync();
    await fw.thumb(fw.shown({ surface: "answer", answer: "words that were liked" }), "up").saved;
  });
  const before = [await one.scores(), await one.run(() => fw.profile()), await one.run(() => fw.status().version)];
  assert.notDeepEqual(before[0], [0.5, 0.5, 0.5]);
  // The newest weights are only stored every few seconds, and when the page is left: this is when it is left.
  await one.reload();
  assert.deepEqual([await one.scores(), await one.run(() => fw.profile()), await one.run(() => fw.status().version)], before);
  quiet();
});

test("yesterday's decision takes feedback, and null takes it back without a trace", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit({}, { clock: -DAY });
  const id = await one.run(async () => {
    const decision = fw.rank({ surface: "answer", candidates: [{ id: "short", features: { style: "short" } }] });
    // The page is left in an orderly way; feedback comes another day.
    await fw.close();
    return decision.id;
  });
  await one.page.close();

  await one.visit({ insight: true });
  await one.run((id) => fw.thumb(id, "up").saved, id);
  const liked = await one.scores();
  assert.ok(liked[0] > 0.5);
  await one.run(() => fw.sync());
  assert.equal((await server.stats()).signals, 1);

  await one.reload();
  assert.ok((await one.scores())[0] > 0.5, "it is still liked");
  await one.run((id) => fw.thumb(id, null).saved, id);
  assert.deepEqual(await one.run(() => fw.profile()), []);
  await one.run(() => fw.sync());
  assert.deepEqual(await one.scores(), [0.5, 0.5, 0.5], "nothing is left here");

  const newcomer = await person();
  await newcomer.visit();
  await newcomer.run(() => fw.sync());
  assert.deepEqual(await newcomer.scores(), [0.5, 0.5, 0.5], "nor there");
  const { signals, adds_up } = await server.stats();
  assert.deepEqual({ signals, adds_up }, { signals: 2, adds_up: true });
  quiet();
});

test("weights are stored as they came, and after many steps whole ones are asked for", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  const stored = () =>
    one.run(async () => {
      const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
      const db = await done(indexedDB.open("flywheel:e2e"));
      const parts = await done(db.transaction("meta").objectStore("meta").get("weights"));
      db.close();
      return parts.map((part) => part[5]);
    });
  await one.likeShort();
  await one.run(() => fw.sync());
  const batch = JSON.parse(one.posted[0].body);
  /** Somebody else says the same, and this page hears of it: each time a step. */
  const turns = async (count) => {
    for (let n = 0; n < count; n++) {
      const [id, request, secret] = Array.from({ length: 3 }, () => uuidv7());
      const body = JSON.stringify({ ...batch, request, secret: secret.replaceAll("-", ""), signals: [{ ...batch.signals[0], id }] });
      assert.equal((await fetch(`${server.origin}/v1/sync`, { method: "POST", body })).status, 200);
      await one.run(() => fw.sync());
    }
  };
  await turns(2);
  const before = [await one.scores(), await one.run(() => fw.status().version)];
  assert.equal(before[1], 3);
  await one.reload();
  assert.deepEqual([await one.scores(), await one.run(() => fw.status().version)], before);
  const parts = await stored();
  assert.equal(parts.length, 3);
  assert.deepEqual(parts.map((base) => base === 0), [true, false, false], "whole ones, and the steps since");

  await turns(67);
  const asked = one.posted.map(({ body }) => JSON.parse(body).version);
  assert.deepEqual([asked[0], asked.slice(1).filter((version) => version === 0).length], [0, 1]);
  const after = [await one.scores(), await one.run(() => fw.status().version)];
  assert.equal(after[1], 70);
  await one.reload();
  assert.deepEqual([await one.scores(), await one.run(() => fw.status().version)], after);
  const { length } = await stored();
  assert.ok(length < 64, `${length} parts`);
  quiet();
});

test("a decision older than 30 days is forgotten, younger ones are not", async (t) => {
  const { person } = await world(t);
  const one = await person();
  const ids = [];
  for (const days of [31, 29]) {
    await one.visit({}, { clock: -days * DAY });
    ids.push(
      await one.run(async () => {
        const decision = fw.rank({ surface: "answer", candidates: [{ id: "short" }] });
        await fw.close();
        return decision.id;
      }),
    );
    await one.page.close();
  }
  await one.visit();
  const codes = await one.run((ids) => {
    return ids.map((id) => {
      try {
        return fw.thumb(id, "up").state;
      } catch (error) {
        return error.code;
      }
    });
  }, ids);
  assert.deepEqual(codes, ["unknown_decision", "queued"]);
});
