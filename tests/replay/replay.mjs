// Plays a replay log through the public JavaScript API in headless Chromium, a storage of its own for each person,
// against a running server; and the same rows natively.
import { flywheel, startServer } from "../support/server.mjs";
import { listen, open } from "../support/browser.mjs";
import { figures } from "./figures.mjs";
import { groups, read, select } from "./log.mjs";
import { finish, openHere, play } from "./page.mjs";

/** Most steps that are handed to a page at once. */
const STRETCH = 400;
/** The seed of `flywheel replay`. */
const SEED = 1n;

/**
 * @param {{ file: string, people?: number, limit?: number, syncEvery?: number, progress?(done: number, of: number): void }}
 * @returns {Promise<{ people: number, rows: number, browser: object, native: object, signals: object, complaints: string[] }>}
 */
export async function replay({ file, people, limit, syncEvery = 10, progress = () => {} }) {
  // Natively first: it checks every row.
  const [native] = await flywheel("replay", file, ...nativeWords({ people, limit, syncEvery }));
  const rows = select(await read(file), people, limit);
  const server = await startServer();
  let browser;
  try {
    browser = await open();
    const crowd = new Crowd(browser, server, syncEvery);
    const tally = { predictions: [], pairs: [], rewards: [] };
    for (const { user, steps } of stretches(rows)) {
      const ops = steps.map(({ at, expects }) => (expects ? { at, row: rows[at] } : { at }));
      const person = await crowd.person(user);
      for (const expected of await person.evaluate(play, JSON.stringify(ops))) count(tally, rows[expected.at], expected);
      progress(steps.at(-1).at + 1, rows.length);
    }
    const signals = await crowd.finish();
    const { people: persons, signals: stored, distinct_signals: distinct, adds_up } = await server.stats();
    const on_server = { people: persons, stored, distinct, adds_up };
    const { complaints } = crowd;
    return { people: crowd.size, rows: rows.length, browser: figures(tally), native, signals: { ...signals, on_server }, complaints };
  } finally {
    await browser?.close();
    await server.stop();
  }
}

function nativeWords({ people, limit, syncEvery }) {
  const words = ["--json", "--epsilon", "0", "--seed", String(SEED), "--sync-every", String(syncEvery)];
  if (people !== undefined) words.push("--people", String(people));
  if (limit !== undefined) words.push("--limit", String(limit));
  return words;
}

/** What is to be done, in order, cut where the person changes. */
function stretches(rows) {
  const all = [];
  const add = (at, expects) => {
    const { user } = rows[at];
    const last = all.at(-1);
    if (last?.user === user && last.steps.length < STRETCH) last.steps.push({ at, expects });
    else all.push({ user, steps: [{ at, expects }] });
  };
  let first = 0;
  for (const { length } of groups(rows)) {
    for (const expects of [true, false]) for (let at = first; at < first + length; at++) add(at, expects);
    first += length;
  }
  return all;
}

function count(tally, row, { probability, inOrder, reward }) {
  if (inOrder !== undefined) return tally.pairs.push(inOrder);
  if (reward !== undefined) return tally.rewards.push(reward);
  const { thumb, reward: value = thumb === "up" ? 1 : 0 } = row.feedback;
  tally.predictions.push({ p: probability, y: value, user: row.user });
}

/** A browser context for each person. */
class Crowd {
  #browser;
  #server;
  #syncEvery;
  #people = new Map();
  complaints = [];

  constructor(browser, server, syncEvery) {
    [this.#browser, this.#server, this.#syncEvery] = [browser, server, syncEvery];
  }

  get size() {
    return this.#people.size;
  }

  async person(user) {
    const known = this.#people.get(user);
    if (known) return known.page;
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    const complaints = listen(page);
    await page.goto(this.#server.origin);
    await page.waitForFunction(() => globalThis.sdk);
    const seed = seedOf(BigInt(this.#people.size));
    await page.evaluate(openHere, { endpoint: "/", key: this.#server.key, seed, syncEvery: this.#syncEvery });
    this.#people.set(user, { page, context, complaints });
    return page;
  }

  /** Sends what is left of everybody, and adds up. */
  async finish() {
    const sum = { given: 0, acknowledged: 0, in_journals: 0, queued: 0, dropped: {} };
    for (const { page, context, complaints } of this.#people.values()) {
      const { given, acknowledged, signals, queued, dropped } = await page.evaluate(finish);
      sum.given += given;
      sum.acknowledged += acknowledged;
      sum.in_journals += signals;
      sum.queued += queued;
      for (const [code, times] of Object.entries(dropped)) sum.dropped[code] = (sum.dropped[code] ?? 0) + times;
      this.complaints.push(...complaints);
      await context.close();
    }
    return sum;
  }
}

/**
 * The seed with which a person's ties break as they do natively (server/src/replay/world.rs), as decimal digits: one
 * step of SplitMix64 earlier, because the page's first sync draws an id that the native page does not.
 */
function seedOf(number) {
  return BigInt.asUintN(64, mix64(SEED ^ (number << 32n)) - 0x9e37_79b9_7f4a_7c15n).toString();
}

/** The finaliser of SplitMix64, as in core/src/rng.rs. */
function mix64(z) {
  const times = (a, b) => BigInt.asUintN(64, a * b);
  z = times(z ^ (z >> 30n), 0xbf58_476d_1ce4_e5b9n);
  z = times(z ^ (z >> 27n), 0x94d0_49bb_1331_11ebn);
  return z ^ (z >> 31n);
}

/** What is wrong with a replay's result; nothing, when it is as it must be. */
export function faults({ browser, native, signals, complaints }, most) {
  const found = [];
  const differences = difference(browser, native);
  for (const [name, value] of Object.entries(differences)) {
    if (!(Math.abs(value) < most)) found.push(`${name} differs from the native replay by ${value}`);
  }
  if (Object.keys(differences).length === 0) found.push("there is nothing to compare with the native replay");
  const { given, acknowledged, in_journals, queued, dropped, on_server } = signals;
  for (const [name, value] of Object.entries({ acknowledged, in_journals, ...on_server })) {
    if (typeof value === "number" && name !== "people" && value !== given) found.push(`${given} signals were given, ${name}: ${value}`);
  }
  if (queued > 0) found.push(`${queued} signals are still queued`);
  if (Object.keys(dropped).length > 0) found.push(`signals were dropped: ${JSON.stringify(dropped)}`);
  if (!on_server.adds_up) found.push("the server's sums do not add up");
  return [...found, ...complaints.map((complaint) => `a page complained: ${complaint}`)];
}

/** Browser minus native, of the figures that both have. */
export function difference(browser, native) {
  const both = ["events", "log_loss", "log_loss_late", "auc", "auc_within", "accuracy", "mean_reward"].filter(
    // Without predictions the native log-loss is of pairs, whose probability the public interface does not tell.
    (name) => browser[name] !== undefined && native[name] !== undefined,
  );
  return Object.fromEntries(both.map((name) => [name, browser[name] - native[name]]));
}
