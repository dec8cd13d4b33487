// What the person allows. A failure is: a request that was not allowed, a word that leaves without consent to text,
// anything stored where learning is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();

/** Words that appear nowhere else. */
const WORDS = ["grandmothers", "zanzibar", "peppercorns", "marzipan", "quicksilver", "xylophone", "ottoman"];
const TEXT = `My ${WORDS.join(" and ")} are a secret`;

/** Says something of every kind about texts, and does all that might send. */
async function sayEverything(person) {
  await person.run(async (text) => {
    const about = () => fw.rank({
      surface: "answer",
      context: { prompt: text, topic: "food", tags: [text, "short"] },
      candidates: [{ id: "a", text, features: { style: "short", note: text } }, { id: "b", text: `${text} again` }],
    });
    const receipts = [
      fw.thumb(about(), "up"),
      fw.prefer(about(), "b"),
      fw.correct(about(), { shown: text, corrected: `${text} indeed` }),
      fw.thumb(fw.regenerate(about()), "up"),
      fw.reward(fw.shown({ surface: "answer", answer: text }), 0.5, "copied"),
    ];
    for (const receipt of receipts) await receipt.saved;
  }, TEXT);
}

const wordsIn = (bodies) => WORDS.filter((word) => bodies.some((body) => body.toLowerCase().includes(word)));

/** Everything that the browser has stored, as one text. */
const everythingStored = (person) =>
  person.run(async () => {
    const all = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
      for (const store of db.objectStoreNames) {
        const records = await new Promise((resolve) => (db.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result)));
        all.push(JSON.stringify(records));
      }
      db.close();
    }
    return all.join("\n");
  });

test("while sharing is undecided nothing of the person leaves, and what was said goes when it is granted", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit({ consent: { share: "ask" }, sync: { count: 1, waitMs: 0 } });
  await sayEverything(one);
  assert.equal(await one.run(() => fw.sync().catch(({ code }) => code)), "share_refused");
  await one.reload();
  await one.run(() => fw.close());
  assert.deepEqual(one.posted, []);
  assert.deepEqual([...new Set(one.asked)], ["/v1/head"], "only everybody's weights, which says nothing about anyone");
  assert.equal((await server.stats()).signals, 0);

  await one.reload();
  assert.equal(await one.run(() => fw.status().consent.share), "ask");
  await one.run(() => fw.consent({ share: true }));
  await one.until(() => fw.status().queued === 0);
  assert.equal((await server.stats()).signals, 6);
  await one.reload();
  assert.equal(await one.run(() => fw.status().consent.share), "granted", "the choice is remembered");
  quiet();
});

test("refused, nothing is sent, now or later", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit({ consent: { share: false }, sync: { count: 1, waitMs: 0 } });
  await one.likeShort(2);
  await one.run(() => fw.consent({ share: true }));
  await one.likeShort();
  await one.until(() => fw.status().queued === 0 && fw.status().version > 0);
  assert.equal((await server.stats()).signals, 1, "only what was said while it was allowed");
  quiet();
});

test("Global Privacy Control counts as a refusal", async (t) => {
  const { person, quiet } = await world(t);
  const one = await person();
  await one.context.addInitScript(() => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { value: true }));
  await one.visit({ sync: { count: 1, waitMs: 0 } });
  await one.likeShort(2);
  assert.equal(await one.run(() => fw.status().consent.share), "denied");
  await one.run(() => fw.close());
  assert.deepEqual(one.posted, []);
  quiet();
});

test("without consent to text no word leaves, nor is one stored", async (t) => {
  const { server, person, quiet } = await world(t);
  const [closed, open] = [await person(), await person()];
  for (const [one, text] of [[closed, false], [open, true]]) {
    await one.visit({ consent: { share: true, text } });
    await sayEverything(one);
    assert.equal((await one.run(() => fw.sync())).acknowledged, 6);
  }
  const bodies = (one) => one.posted.map(({ body }) => body);
  assert.deepEqual(wordsIn(bodies(closed)), []);
  assert.deepEqual(wordsIn([await everythingStored(closed)]), []);
  assert.ok(bodies(closed).some((body) => body.includes("prompt.size")), "the form of it does");
  assert.deepEqual(wordsIn(bodies(open)), WORDS, "with consent they do: so this test can fail");
  assert.ok((await server.stats()).adds_up);
  quiet();
});

test("consent to text that is taken back holds for what was not sent yet", async (t) => {
  const { person, quiet } = await world(t);
  const one = await person();
  await one.visit({ consent: { share: true, text: true } });
  await sayEverything(one);
  await one.run(() => fw.consent({ text: false }));
  assert.equal((await one.run(() => fw.sync())).acknowledged, 6);
  assert.deepEqual(wordsIn(one.posted.map(({ body }) => body)), []);
  quiet();
});

test("where learning is refused nothing is stored or learned, and ranking works", async (t) => {
  const { server, person, quiet } = await world(t);
  const one = await person();
  await one.visit({ consent: { learn: false, share: true }, sync: { count: 1, waitMs: 0 } });
  const codes = await one.run(() => {
    const candidates = [{ id: "a", features: { style: "short" } }, { id: "b" }];
    const decision = fw.rank({ surface: "answer", candidates });
    const code = (call) => {
      try {
        return call().state;
      } catch (error) {
        return error.code;
      }
    };
    return [decision.order.length, code(() => fw.thumb(decision, "up")), code(() => fw.reward(decision, 1))];
  });
  assert.deepEqual(codes, [2, "learn_refused", "learn_refused"]);
  assert.deepEqual(await one.scores(), [0.5, 0.5, 0.5]);
  await one.run(() => fw.close());
  assert.deepEqual(await one.run(() => indexedDB.databases().then((all) => all.length)), 0);
  assert.equal(await everythingStored(one), "{}\n{}\n");
  assert.deepEqual(one.asked, []);
  assert.equal((await server.stats()).people, 0);
  quiet();
});

test("learning refused later deletes what was stored", async (t) => {
  const { person, quiet } = await world(t);
  const one = await person();
  await one.visit();
  await one.likeShort(2);
  assert.equal(await one.run(() => indexedDB.databases().then((all) => all.length)), 1);
  await one.run(() => fw.consent({ learn: false }));
  assert.deepEqual(await one.run(() => indexedDB.databases().then((all) => all.length)), 0);
  assert.deepEqual(await one.scores(), [0.5, 0.5, 0.5]);
  quiet();
});
