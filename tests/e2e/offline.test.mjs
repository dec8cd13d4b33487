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

const counted = ({ signals, distinct_signals, adds_up }) => ({ signals, distinct_signals, adds_up });
const exactly = (signals) => ({ signals, distinct_signals: signals, adds_up: true });

test("offline feedback queues, survives a reload, and arrives exactly once", async (t) => {
  const { server, person, quiet } = await world(t);
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
  assert.deepEqual(counted(await server.stats()), exactly(0));
  await back();
  assert.equal((await one.run(() => fw.sync())).acknowledged, 5);
  await one.run(() => fw.sync());
  assert.deepEqual(counted(await server.stats()), exactly(5));
  quiet();
});

test("when the network is back the queue goes by itself", async (t) => {
  const { server, person, quiet } = await world(t);
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
  assert.deepEqual(counted(await server.stats()), exactly(2));
  quiet();
});

test("a request whose answer is cut off is repeated and counts once", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  await one.likeShort(4);
  const manners = [
    // The server answers, nothing arrives.
    async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    },
    // Half of the answer arrives.
    async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      await route.fulfill({ response, body: text.slice(0, text.length / 2), headers: { "content-type": "application/json" } });
    },
    // Something between page and server answers in its place.
    async (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" }),
  ];
  const codes = [];
  for (const manner of manners) {
    await one.context.route("**/v1/sync", manner, { times: 1 });
    const { code, queued } = await one.run(failedSync);
    assert.equal(queued, 4, "an entry leaves the queue only on the server's word");
    codes.push(code);
  }
  assert.deepEqual(codes, ["offline", "invalid_json", "unavailable"]);
  assert.deepEqual(counted(await server.stats()), exactly(4), "the server had them from the first time");
  const sums = await one.run(() => fw.sync());
  assert.equal(sums.acknowledged, 4);
  assert.deepEqual(counted(await server.stats()), exactly(4));
  const repeated = one.posted.filter(({ path }) => path === "/v1/sync").map(({ body }) => JSON.parse(body));
  assert.equal(repeated.length, 4);
  const ids = repeated.map(({ signals }) => signals.map(({ id }) => id));
  for (const again of ids) assert.deepEqual(again, ids[0], "the same ids each time");
  one.complaints = one.complaints.filter((line) => !line.includes("502"));
  quiet();
});

test("one bad answer about one signal holds up no other", async (t) => {
  const { server, person } = await world(t);
  const one = await person();
  await one.visit();
  const [first] = await one.likeShort(3);
  // An outcome that only this test gives: come again later.
  await one.context.route("**/v1/sync", async (route) => {
    const response = await route.fetch();
    const reply = await response.json();
    for (const verdict of reply.results) if (verdict.id === first) Object.assign(verdict, { outcome: "retry", seq: undefined, taught: undefined });
    await route.fulfill({ response, json: reply });
  }, { times: 1 });
  const result = await one.run(() => fw.sync());
  assert.deepEqual([result.acknowledged, result.queued], [3, 0], "asked again within the same sync, it was there already");
  assert.deepEqual(counted(await server.stats()), exactly(3));
});
