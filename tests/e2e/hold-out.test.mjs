// What is recorded for analysis, from the pages to `flywheel stats`. A failure is: a figure that is not what the people of
// this test counted themselves, somebody who changes sides, an order that was learned for who is held out.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { required } from "../support/browser.mjs";
import { worlds } from "../support/people.mjs";

const world = worlds();
/** People of whom each is a page of its own, with a profile in memory. */
const PEOPLE = 100;
const SHARE = 0.3;

const near = (one, other, what) => assert.ok(Math.abs(one - other) < 1e-9, `${what}: ${one}, and ${other} was counted`);

/** What a person does, in a page: four decisions, and a word about some of them. Gives what they counted. */
async function live([n, holdOut, key]) {
  const { Flywheel } = await import("flywheel-sdk/insight");
  const fw = await Flywheel.open({
    app: "e2e", endpoint: "/", key, storage: "memory", holdOut,
    consent: { share: true }, sync: { automatic: false },
  });
  let fetched = 0;
  fw.on("weights", () => fetched++);
  await fw.sync();
  const styles = ["short", "long", "list"].map((id) => ({ id, features: { style: id } }));
  const counted = [];
  for (let at = 0; at < 4; at++) {
    const decision = fw.rank({ surface: "answer", context: { n: n % 5 }, candidates: styles });
    const say = { 0: "up", 1: n % 2 ? "down" : "up", 2: n % 3 ? undefined : "regenerated", 3: n % 4 ? undefined : "corrected" }[at];
    counted.push({ ...decision, say });
    if (say === "up" || say === "down") fw.thumb(decision, say);
    if (say === "corrected") fw.correct(decision, { share: 0.5 });
    if (say === "regenerated") {
      const next = fw.regenerate(decision);
      counted.push({ ...next, say: undefined });
    }
  }
  const signals = fw.status().signals;
  const { acknowledged } = await fw.sync();
  await fw.close();
  return { counted, signals, acknowledged, fetched };
}

test("what a hundred people decided and said is what the stats tell of both sides", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit({ sync: { automatic: false } });
  const all = [];
  for (let n = 0; n < PEOPLE; n++) all.push(await one.run(live, [n, SHARE, server.key]));
  const { report, seq } = await server.stats();
  const signals = all.reduce((sum, { signals }) => sum + signals, 0);
  assert.equal(all.reduce((sum, { acknowledged }) => sum + acknowledged, 0), signals);

  for (const held of [false, true]) {
    const side = report[held ? "held_out" : "learned"];
    const mine = all.map(({ counted }) => counted).filter(([first]) => first.heldOut === held);
    const decisions = mine.flat();
    assert.ok(mine.length > 10, `${mine.length} people on this side`);
    assert.ok(decisions.every(({ heldOut }) => heldOut === held), "nobody changes sides");
    if (held) assert.ok(decisions.every(({ order, propensity }) => order.join() === "short,long,list" && propensity === 1), "the order is the app's own");
    else assert.ok(decisions.some(({ order }) => order.join() !== "short,long,list"), "the order was learned");
    const share = (...words) => decisions.filter(({ say }) => words.includes(say)).length / decisions.length;
    assert.equal(side.decisions, decisions.length);
    assert.equal(side.explored, decisions.filter(({ explored }) => explored).length);
    near(side.thumbs_up, share("up"), "thumbs up");
    near(side.thumbs_down, share("down"), "thumbs down");
    near(side.corrections, share("corrected"), "corrections");
    near(side.regenerations, share("regenerated"), "regenerations");
    near(side.acceptance, 1 - share("down", "corrected", "regenerated"), "acceptance");
    assert.equal(side.on_people.people, mine.length);
    const own = mine.map((of) => 1 - Math.min(1, of.filter(({ say }) => ["down", "corrected", "regenerated"].includes(say)).length / of.length));
    near(side.on_people.acceptance, own.reduce((sum, rate) => sum + rate, 0) / own.length, "acceptance of people");

    const judged = decisions.filter(({ say }) => say === "up" || say === "down").map(({ scores, say }) => ({ p: scores[0], good: Number(say === "up") }));
    assert.equal(side.judged, judged.length);
    near(side.log_loss, judged.reduce((sum, { p, good }) => sum - Math.log(good ? p : 1 - p), 0) / judged.length, "log-loss");
    const bins = Array.from({ length: 20 }, (_, bin) => judged.filter(({ p }) => Math.min(Math.floor(p * 20), 19) === bin));
    const apart = bins.map((bin) => Math.abs(bin.reduce((sum, { p, good }) => sum + p - good, 0)));
    near(side.calibration_error, apart.reduce((sum, bin) => sum + bin, 0) / judged.length, "calibration error");
  }

  const of = (name) => [...report.stages, report.velocity].find((stage) => stage.name === name);
  // Where the gate holds back the last version, what it would have contained is not published.
  const counts = { "captured to sent": signals, "sent to folded": signals, "folded to published": seq, "captured to published": seq };
  for (const [name, count] of Object.entries(counts)) {
    assert.equal(of(name).count, count, name);
    assert.ok(of(name).mean_ms >= 0 && of(name).mean_ms < 60_000, name);
  }
  assert.equal(of("published to fetched").count, all.reduce((sum, { fetched }) => sum + fetched, 0));
  const outcomes = all.flatMap(({ counted }) => counted).filter(({ say, version }) => say !== undefined && version > 0);
  assert.equal(of("published to outcome").count, outcomes.length);
  assert.ok(report.velocity.half_ms > 0 && report.records_left_out === 0);
  const words = execFileSync(required("FLYWHEEL_BIN"), ["stats", "--data", join(server.folder, "data")], { encoding: "utf8" });
  t.diagnostic(words);
  assert.match(words, new RegExp(`decisions +${report.learned.decisions} +${report.held_out.decisions}\n`));
  quiet();
});

test("who is held out stays so after a reload and a new secret, and the endpoint's share holds from its first answer", async (t) => {
  const { server, person, quiet } = await world(t);
  const set = async (share) => {
    execFileSync(required("FLYWHEEL_BIN"), ["set", "--hold-out", share, "--data", join(server.folder, "data")]);
    // A running server looks for what is ordered once a second.
    await pause(1_500);
  };
  await set("1");
  const one = await person();
  await one.visit({ insight: true, ties: "given", sync: { automatic: false } });
  const held = () => one.run(() => fw.rank({ surface: "answer", candidates: [{ id: "a" }, { id: "b" }] }).heldOut);
  assert.equal(await held(), false, "nobody has said anything yet");
  await one.run(() => fw.sync());
  assert.equal(await held(), true, "the endpoint has");
  await set("0");
  await one.run(() => fw.sync());
  assert.equal(await held(), true, "it is settled for as long as the page is open");
  await one.run(() => fw.close());
  await one.reload();
  assert.equal(await held(), false, "and looked at anew when it is opened");

  // The person's place, between two shares: found by opening with each.
  const sides = async () => {
    const found = [];
    for (const holdOut of [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) {
      await one.run(() => fw.close());
      await one.visit({ insight: true, holdOut, sync: { automatic: false } });
      found.push(await held());
    }
    return found;
  };
  const before = await sides();
  await one.run(() => fw.rotate());
  assert.deepEqual(await sides(), before, "under another secret everybody stays on their side");
  quiet();
});
