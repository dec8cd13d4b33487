// Nothing is lost and nothing counts twice when the network fails. A failure is: a signal that is not on the server
// once, a call that throws because the network is away, a queue that does not survive a reload.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();

/** What a failing `sync()` rejects with, and how things stand afterwards. */
const failedSync = () =>
  fw.sync().then(
    () => ({ code: "none" }),
    ({ name, code }) => ({ name, code, queued: fw.status().queued, failures: fw.status().failures }),
  );

test("offline feedback queues, survives a reload, and arrives exactly once", async (t) => {
  const { person, quiet, holds } = await world(t);
  const one = await person();
  await one.visit();
  const back = await one.cutOff();
  await one.likeShort(3);
  const before = await one.scores();
  assert.deepEqual(await one.run(failedSync), { name: "FlywheelError", code: "offline", queued: 3, failures: 1 });
  await one.reload();
  assert.equal(await one.run(() => fw.status().queued), 3);
  assert.deepEqual(await one.scores(), before);
  await one.likeShort(2);
  assert.deepEqual(await one.run(failedSync), { name: "FlywheelError", code: "offline", queued: 5, failures: 1 });
  await holds(0);
  await back();
  assert.equal((await one.run(() => fw.sync())).acknowledged, 5);
  await one.run(() => fw.sync());
  await holds(5);
  quiet();
});

test("when the network is back the queue goes by itself", async (t) => {
  const { person, quiet, holds } = await world(t);
  const one = await person();
  // A signal goes as soon as it is said.
  await one.visit({ sync: { count: 1, waitMs: 0, refreshMs: 0 } });
  await one.until(() => fw.status().version === 0 && fw.status().inFlight === 0);
  await one.context.setOffline(true);
  await one.likeShort(2);
  await one.until(() => fw.status().failures > 0);
  assert.equal(await one.run(() => fw.status().queued), 2);
  await one.context.setOffline(false);
  await one.until(() => fw.status().queued === 0);
  assert.deepEqual(await one.run(() => [fw.status().failures, fw.status().lastError]), [0, undefined]);
  await holds(2);
  quiet();
});

test("a request whose answer is cut off is repeated and counts once", async (t) => {
  // The server answers and nothing arrives; half of the answer arrives; something in between answers in its place.
  const faults = ["lose", "halve", "replace"];
  const { person, quiet, holds } = await world(t, { faults: () => faults.shift() ?? "pass" });
  const one = await person();
  await one.visit();
  await one.likeShort(4);
  const codes = [];
  for (let failure = 0; failure < 3; failure++) {
    const { code, queued } = await one.run(failedSync);
    assert.equal(queued, 4, "an entry leaves the queue only on the server's word");
    codes.push(code);
  }
  assert.deepEqual(codes, ["offline", "invalid_json", "unavailable"]);
  // The server had them from the first time.
  await holds(4);
  const sums = await one.run(() => fw.sync());
  assert.equal(sums.acknowledged, 4);
  await holds(4);
  const repeated = one.posted.filter(({ path }) => path === "/v1/sync").map(({ body }) => JSON.parse(body));
  assert.equal(repeated.length, 4);
  const ids = repeated.map(({ signals }) => signals.map(({ id }) => id));
  for (const again of ids) assert.deepEqual(again, ids[0], "the same ids each time");
  one.complaints = one.complaints.filter((line) => !line.includes("502"));
  quiet();
});

test("one bad answer about one signal holds up no other", async (t) => {
  const { person, holds } = await world(t);
  const one = await person();
  await one.visit();
  const [first] = await one.likeShort(3);
  // An outcome that only this test gives: come again later.
  one.way.edit(({ results }) => {
    Object.assign(results.find(({ id }) => id === first), { outcome: "retry", seq: undefined, taught: undefined });
  });
  const result = await one.run(() => fw.sync());
  assert.deepEqual([result.acknowledged, result.queued], [3, 0], "asked again within the same sync, it was there already");
  await holds(3);
});
