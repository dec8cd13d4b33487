// A person with several devices, a new secret, a file taken along, weights and signals that wait. A failure is: a device
// that starts without what the others know, a signal that is lost or counts twice, a person who stays after forgetting,
// a list whose order jumps, a signal that leaves before its time.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { required } from "../support/browser.mjs";
import { worlds } from "../support/people.mjs";

const world = worlds();

/** What a host's own server does: gives a function that signs tokens (docs/protocol.md, "Several devices"). */
async function host({ folder }) {
  const words = ["key", "create", "--kind", "secret", "--data", join(folder, "data")];
  const [secret] = execFileSync(required("FLYWHEEL_BIN"), words, { encoding: "utf8" }).match(/sk_\w+/);
  // A running server looks for new keys once a second.
  await pause(1_500);
  return (person) => {
    const key = createHash("sha256").update(secret).digest();
    const payload = Buffer.from(JSON.stringify({ person, until: Date.now() + 60_000 })).toString("base64url");
    return `${payload}.${createHmac("sha256", key).update(payload).digest("base64url")}`;
  };
}

test("devices that join know what the others taught, count as one person, and are forgotten together", async (t) => {
  const { server, person, quiet, holds } = await world(t);
  const token = await host(server);
  const [phone, laptop] = [await person(), await person()];
  await phone.visit({ insight: true });
  await phone.likeShort(5);
  await phone.run(() => fw.sync());
  await phone.run((token) => fw.join(token), token("ada"));
  await laptop.visit({ insight: true });
  await laptop.likeShort(2);
  await laptop.run(() => fw.sync());
  const alone = await laptop.scores();
  await laptop.run((token) => fw.join(token), token("ada"));
  const [short] = await laptop.scores();
  assert.ok(short > alone[0] + 0.01, `${short} after joining, ${alone[0]} before`);
  assert.equal((await server.stats()).people, 1);
  await holds(7);
  // What is learned there comes at the next visit, and what came is there after a reload to the bit.
  await phone.reload();
  await phone.until(() => fw.status().signals > 5);
  await phone.run(() => fw.sync());
  await laptop.run(() => fw.sync());
  // Each learned its own signals from what it knew then, so that the two are near each other and not the same.
  const known = await Promise.all([phone, laptop].map((one) => one.scores()));
  assert.ok(Math.abs(known[0][0] - known[1][0]) < 0.05, `${known[0]} and ${known[1]}`);
  await phone.run(() => fw.forget());
  assert.deepEqual(await server.stats().then(({ people, signals, adds_up }) => ({ people, signals, adds_up })), { people: 0, signals: 0, adds_up: true });
  quiet();
});

test("a token that nobody signed joins nobody", async (t) => {
  const { server, person } = await world(t);
  await host(server);
  const one = await person();
  await one.visit({ insight: true });
  const code = await one.run(() => fw.join("eyJwZXJzb24iOiJhZGEifQ.AAAA").catch((error) => error.code));
  assert.equal(code, "invalid_key");
});

test("under a new secret the person is the same; the old one says and erases nothing", async (t) => {
  const { server, person, quiet, holds } = await world(t);
  const one = await person();
  await one.visit({ insight: true });
  await one.likeShort(3);
  await one.run(() => fw.sync());
  const secrets = () => new Set(one.posted.map(({ body }) => JSON.parse(body).secret));
  await one.run(() => fw.rotate());
  await one.likeShort(2);
  await one.run(() => fw.sync());
  assert.equal(secrets().size, 2);
  assert.equal((await server.stats()).people, 1);
  await holds(5);
  // It is the one that is stored.
  await one.reload();
  await one.likeShort(1);
  await one.run(() => fw.sync());
  assert.equal(secrets().size, 2);
  await holds(6);
  await one.run(() => fw.forget());
  assert.deepEqual(await server.stats().then(({ people, signals }) => ({ people, signals })), { people: 0, signals: 0 });
  quiet();
});

test("the answer to a new secret is lost: the next visit asks again, and forgetting erases under both", async (t) => {
  let cut = false;
  const { server, person, holds } = await world(t, { faults: () => (cut ? "lose" : "pass") });
  const [one, two] = [await person(), await person()];
  for (const each of [one, two]) {
    await each.visit({ insight: true });
    await each.likeShort(2);
    await each.run(() => fw.sync());
    cut = true;
    assert.notEqual(await each.run(() => fw.rotate().catch((error) => error.code)), undefined);
    cut = false;
  }
  await one.reload();
  await one.likeShort(1);
  await one.until(async () => (await fw.sync(), fw.status().queued === 0));
  await holds(5);
  await two.run(() => fw.forget());
  await holds(3);
  assert.equal((await server.stats()).people, 1);
});

test("what was exported on one device is taken in on another, each signal once", async (t) => {
  const { person, quiet, holds } = await world(t);
  const [old, fresh] = [await person(), await person()];
  await old.visit();
  await old.likeShort(3);
  await old.run(() => fw.sync());
  await old.likeShort(2);
  const file = await old.run(() => fw.export());
  await fresh.visit({ insight: true });
  assert.equal(await fresh.run((file) => fw.import(file), file), 5);
  assert.equal(await fresh.run((file) => fw.import(file), file), 0);
  await fresh.reload();
  assert.equal(await fresh.run(() => fw.status().signals), 5);
  const code = (file) => fresh.run((file) => fw.import(file).catch((error) => error.code), file);
  assert.deepEqual([await code({}), await code({ ...file, model: "fw1" })], ["invalid_value", "unsupported_model"]);
  await fresh.run(() => fw.sync());
  await old.run(() => fw.sync());
  await holds(5);
  quiet();
});

test("weights that are held change no order until they are adopted", async (t) => {
  const { person, quiet } = await world(t);
  const [teacher, reader] = [await person(), await person()];
  await teacher.visit();
  await teacher.likeShort(5);
  await teacher.run(() => fw.sync());
  await reader.visit({ holdWeights: true });
  const before = await reader.scores();
  const heard = await reader.run(async () => {
    const heard = [];
    fw.on("weights", (event) => heard.push(event));
    await fw.sync();
    return heard;
  });
  assert.deepEqual(heard.map(({ held }) => held), [true]);
  assert.deepEqual(await reader.scores(), before);
  await reader.run(() => fw.adopt());
  const adopted = await reader.scores();
  assert.ok(adopted[0] > before[0]);
  // At the next visit they do not wait.
  await reader.reload();
  assert.deepEqual(await reader.scores(), adopted);
  quiet();
});

test("signals wait until there are so many of them, and are learned all the same", async (t) => {
  const { person, quiet, holds } = await world(t);
  const one = await person();
  await one.visit({ contributeAfter: { signals: 4 } });
  await one.likeShort(3);
  await one.run(() => fw.sync());
  await holds(0);
  assert.equal(await one.run(() => fw.status().queued), 3);
  assert.ok((await one.scores())[0] > 0.5);
  await one.likeShort(1);
  await one.run(() => fw.sync());
  await holds(4);
  quiet();
});

test("a large batch is packed on its way, a small one is not", async (t) => {
  const { person, quiet, holds } = await world(t);
  const one = await person();
  await one.visit();
  await one.likeShort(1);
  await one.run(() => fw.sync());
  await one.likeShort(20);
  await one.run(() => fw.sync());
  assert.deepEqual(one.posted.map(({ packed }) => packed), [false, true]);
  await holds(21);
  quiet();
});
