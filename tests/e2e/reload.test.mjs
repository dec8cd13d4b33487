// A reload loses nothing. A failure is: a score that differs in a bit, a decision that is forgotten, a taken-back thumb
// that leaves a trace here or on the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();
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
