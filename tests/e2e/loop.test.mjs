// The loop turns once: what one person says makes the next one start better. A failure is: a call returns before the
// page has learned, a receipt does not settle, the server does not publish, the newcomer starts no better than even.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();

test("a thumb is learned at once, saved, acknowledged, and makes the next person start better", async (t) => {
  const { server, person, quiet } = await world(t);
  const first = await person();
  await first.visit();
  assert.deepEqual(await first.scores(), [0.5, 0.5, 0.5], "nothing is known yet");

  const told = await first.run(() => {
    const candidates = ["short", "long", "list"].map((style) => ({ id: style, features: { style } }));
    const rank = () => fw.rank({ surface: "answer", context: { topic: "code" }, candidates });
    globalThis.heard = [];
    fw.on("weights", ({ version }) => heard.push(version));
    const decision = rank();
    globalThis.receipt = fw.thumb(decision, "up");
    const next = rank();
    return { decision, next, state: receipt.state };
  });
  assert.equal(told.state, "queued", "in the same breath nothing is on disk yet");
  assert.equal(told.next.best, told.decision.best);
  assert.ok(told.next.scores[0] > 0.5, `${told.next.scores[0]} right after the thumb`);
  assert.ok(told.next.scores[0] > told.next.scores[1], "the others gain less");
  assert.ok(Math.abs(told.decision.propensity - 1 / 3) < 1e-12, "three were tied");

  assert.equal(await first.run(() => receipt.saved), "saved");
  const synced = await first.run(() => fw.sync());
  assert.deepEqual(synced, { acknowledged: 1, queued: 0, version: 1 });
  assert.equal(await first.run(() => receipt.acknowledged), "acknowledged");
  assert.deepEqual(await first.run(() => [receipt.state, heard, fw.status().version]), ["acknowledged", [1], 1]);

  const second = await person();
  await second.visit({ insight: true });
  assert.deepEqual(await second.scores(), [0.5, 0.5, 0.5], "a newcomer who has not asked yet");
  const { version, acknowledged } = await second.run(() => fw.sync());
  assert.ok(version >= 1 && acknowledged === 0);
  const newcomer = await second.run((liked) => {
    const candidates = ["short", "long", "list"].map((style) => ({ id: style, features: { style } }));
    const decision = fw.rank({ surface: "answer", context: { topic: "code" }, candidates });
    return { best: decision.best, score: decision.scores[0], liked, profile: fw.profile() };
  }, told.decision.best);
  assert.equal(newcomer.best, newcomer.liked);
  assert.ok(newcomer.score > 0.5, `the newcomer starts at ${newcomer.score}`);
  assert.deepEqual(newcomer.profile, [], "what others said is not the newcomer's profile");

  const { people, signals, distinct_signals, adds_up } = await server.stats();
  assert.deepEqual({ people, signals, distinct_signals, adds_up }, { people: 1, signals: 1, distinct_signals: 1, adds_up: true });
  quiet();
});

test("one person alone predicts the same with and without sync, within what the weights round", async (t) => {
  const { person, quiet } = await world(t);
  const [synced, local] = [await person(), await person()];
  await synced.visit();
  await local.visit({ endpoint: undefined, key: undefined });
  for (let round = 0; round < 5; round++) {
    for (const one of [synced, local]) await one.likeShort(3);
    await synced.run(() => fw.sync());
  }
  const [with_, without] = [await synced.scores(), await local.scores()];
  for (const [at, score] of without.entries()) {
    assert.ok(score > 0.5 && Math.abs(with_[at] - score) < 0.01, `${with_[at]} with and ${score} without`);
  }
  assert.equal(local.asked.length, 0);
  quiet();
});

test("every kind of feedback reaches the server", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  const kinds = await one.run(async () => {
    const candidates = ["short", "long"].map((style) => ({ id: style, features: { style } }));
    const rank = () => fw.rank({ surface: "answer", candidates });
    const receipts = [
      fw.thumb(rank(), "up"),
      fw.thumb(rank(), "down"),
      fw.correct(fw.shown({ surface: "answer", answer: "teh cat" }), { shown: "teh cat", corrected: "the cat" }),
      fw.correct(rank(), { share: 0.25 }),
      fw.prefer(rank(), "long"),
      fw.reward(rank(), 0.7, "copied"),
    ];
    const next = fw.regenerate(rank());
    receipts.push(fw.thumb(next, "up"));
    await fw.sync();
    return { attempt: next.attempt, states: receipts.map((receipt) => receipt.state) };
  });
  assert.equal(kinds.attempt, 2);
  assert.deepEqual(new Set(kinds.states), new Set(["acknowledged"]));
  const { signals, adds_up } = await server.stats();
  assert.deepEqual({ signals, adds_up }, { signals: 8, adds_up: true });
  quiet();
});
