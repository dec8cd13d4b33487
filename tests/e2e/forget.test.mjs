// Forgetting. A failure is: anything of the person that stays in this browser or on the server, somebody else's signal
// that goes with it, a late batch that is taken, an erase order that is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();

/** What the browser keeps: how many records, and what is in `meta`. */
async function stored(person) {
  return person.run(async () => {
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open("flywheel:e2e");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const of = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const transaction = db.transaction(["entries", "decisions", "meta"]);
    const [entries, decisions] = await Promise.all(["entries", "decisions"].map((name) => of(transaction.objectStore(name).count())));
    const meta = transaction.objectStore("meta");
    const [erase = [], secret] = await Promise.all(["erase", "secret"].map((name) => of(meta.get(name))));
    db.close();
    return { entries, decisions, orders: erase.length, secret };
  });
}

const here = ({ entries, decisions, orders }) => ({ entries, decisions, orders });
const there = ({ people, signals, erased, adds_up }) => ({ people, signals, erased, adds_up });

test("forget erases here and there, and nobody else", async (t) => {
  const { server, person, quiet } = await world(t);
  const [one, other] = [await person(), await person()];
  await one.visit({ insight: true });
  await other.visit();
  await one.likeShort(3);
  await other.likeShort(2);
  for (const each of [one, other]) await each.run(() => fw.sync());
  assert.deepEqual(there(await server.stats()), { people: 2, signals: 5, erased: 0, adds_up: true });
  const before = await stored(one);
  assert.equal(before.entries, 3);

  await one.run(() => fw.forget());
  const after = await stored(one);
  assert.deepEqual(here(after), { entries: 0, decisions: 0, orders: 0 });
  assert.notEqual(after.secret, before.secret, "who comes back is somebody new");
  assert.deepEqual(await one.run(() => [fw.profile(), fw.status().signals, fw.status().decisions]), [[], 0, 0]);
  assert.deepEqual(there(await server.stats()), { people: 1, signals: 2, erased: 1, adds_up: true });

  // The other one alone is in the weights now.
  const alone = await person();
  await alone.visit();
  await alone.run(() => fw.sync());
  await one.run(() => fw.sync());
  const [score] = await alone.scores();
  assert.ok(score > 0.5);
  assert.deepEqual(await one.scores(), await alone.scores());

  // Life goes on under the new secret.
  await one.likeShort();
  await one.run(() => fw.sync());
  assert.deepEqual(there(await server.stats()), { people: 2, signals: 3, erased: 1, adds_up: true });
  quiet();
});

test("a batch that was on its way when the person was erased is refused", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  await one.likeShort(2);
  await one.run(() => fw.sync());
  const late = JSON.parse(one.posted.findLast(({ path }) => path === "/v1/sync").body);
  assert.equal(late.signals.length, 2);
  await one.run(() => fw.forget());
  // The same batch again, and one that says something new under the old secret.
  const fresh = structuredClone(late);
  for (const signal of fresh.signals) signal.id = signal.id.replace(/^.{2}/, signal.id.startsWith("ff") ? "fe" : "ff");
  for (const batch of [late, fresh]) {
    const response = await fetch(`${server.origin}/v1/sync`, { method: "POST", body: JSON.stringify(batch) });
    const { results } = await response.json();
    assert.deepEqual(results.map(({ outcome }) => outcome), ["erased", "erased"]);
  }
  assert.deepEqual(there(await server.stats()), { people: 0, signals: 0, erased: 1, adds_up: true });
  quiet();
});

test("forgotten offline, the erase order stays until it is acknowledged", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  await one.likeShort(2);
  await one.run(() => fw.sync());
  const back = await one.cutOff();
  await one.likeShort();
  await one.run(() => fw.forget());
  assert.deepEqual(here(await stored(one)), { entries: 0, decisions: 0, orders: 1 });
  assert.equal((await server.stats()).signals, 2, "the server could not hear it");

  await one.reload();
  assert.deepEqual(here(await stored(one)), { entries: 0, decisions: 0, orders: 1 });
  await one.likeShort();
  await back();
  await one.run(() => fw.sync());
  // The old person is gone, the new one has said one thing; the order is carried out and gone, too.
  assert.deepEqual(there(await server.stats()), { people: 1, signals: 1, erased: 1, adds_up: true });
  await one.reload();
  assert.deepEqual(here(await stored(one)), { entries: 1, decisions: 1, orders: 0 });
  const orders = one.posted.filter(({ path }) => path === "/v1/erase").length;
  await one.reload();
  assert.equal(one.posted.filter(({ path }) => path === "/v1/erase").length, orders, "one order, asked no more");
  quiet();
});

test("who never sent anything is forgotten without telling the server", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit({ consent: { share: "ask" } });
  await one.likeShort(2);
  await one.run(() => fw.forget());
  assert.deepEqual(here(await stored(one)), { entries: 0, decisions: 0, orders: 0 });
  assert.deepEqual(one.posted, []);
  assert.equal((await server.stats()).erased, 0);
  quiet();
});
