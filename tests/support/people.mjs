// People in front of pages, for tests of browser and server together: one browser for a file of tests, a server of its
// own for each test, a browser context of its own for each person.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { listen, open } from "./browser.mjs";
import { startProxy } from "./proxy.mjs";
import { startServer } from "./server.mjs";

/** What a test cuts off on purpose is in the console too. */
const CUT_OFF = /Failed to load resource: net::ERR_/;

/**
 * Prepares a browser; gives a function with which each test gets its world:
 * `const { server, person } = await world(t)`. `faults` says what the
 * way between pages and server does to each request (see proxy.mjs).
 */
export function worlds() {
  let browser;
  before(async () => {
    browser = await open();
  });
  after(() => browser?.close());

  return async function world(t, { faults, ...options } = {}) {
    const server = await startServer(options);
    const people = [];
    t.after(async () => {
      for (const one of people) await one.leave();
      await server.stop();
    });
    const person = async () => {
      const one = await Person.meet(browser, server, faults);
      people.push(one);
      return one;
    };
    /** Asserts that no page complained. */
    const quiet = () => assert.deepEqual(people.flatMap(({ complaints }) => complaints.filter((line) => !CUT_OFF.test(line))), []);
    /** Asserts that the server's store holds so many signals, each once, and that its sums add up to them. */
    const holds = async (count) => {
      const { signals, distinct_signals, adds_up } = await server.stats();
      assert.deepEqual({ signals, distinct_signals, adds_up }, { signals: count, distinct_signals: count, adds_up: true });
    };
    return { server, person, quiet, holds };
  };
}

/** Somebody with a browser profile and a way to the server of their own. */
class Person {
  complaints = [];

  static async meet(browser, server, faults) {
    const person = new Person();
    person.way = await startProxy(server.origin, faults);
    person.server = { ...server, origin: person.way.origin };
    person.context = await browser.newContext();
    return person;
  }

  async leave() {
    await this.context.close();
    await this.way.stop();
  }

  /** Paths of everything that was asked of the endpoint, oldest first. */
  get asked() {
    return this.way.requests.map(({ path }) => path);
  }

  /** What was posted to the endpoint: `{ path, body }`. */
  get posted() {
    return this.way.requests.filter(({ method }) => method === "POST");
  }

  /** Opens the page in a new tab and Flywheel in it, as `fw`. `clock`: milliseconds by which the page's clock is off. */
  async visit(options = {}, { clock = 0 } = {}) {
    this.page = await this.context.newPage();
    const complaints = listen(this.page);
    Object.defineProperty(complaints, "push", { value: (...lines) => this.complaints.push(...lines) });
    await this.page.addInitScript((clock) => {
      const real = Date.now;
      Date.now = () => real() + clock;
    }, clock);
    await this.page.goto(this.server.origin);
    await this.open(options);
  }

  /** Opens Flywheel in the page that is there, of the entry with everything in it if `insight`. */
  async open({ insight = false, ...options } = {}) {
    this.options = { insight, ...options };
    await this.page.waitForFunction(() => globalThis.sdk);
    const { key } = this.server;
    const usual = { app: "e2e", endpoint: "/", key, consent: { share: true, text: true }, epsilon: 0, sync: { automatic: false } };
    await this.page.evaluate(async ([options, insight]) => {
      const { Flywheel } = insight ? await import("flywheel-sdk/insight") : sdk;
      globalThis.fw = await Flywheel.open(options);
    }, [{ ...usual, ...options }, insight]);
  }

  async reload(options = this.options) {
    await this.page.reload();
    await this.open(options);
  }

  /** Runs a function in the page, where `fw` is the open instance; gives what it returns. */
  run(call, argument) {
    return this.page.evaluate(call, argument);
  }

  /** Waits until a function in the page returns something true, or a promise of it: which `waitForFunction` would take
   * for true whatever it comes to. */
  async until(call, argument) {
    const end = Date.now() + 20_000;
    while (!(await this.run(call, argument))) {
      assert.ok(Date.now() < end, `it never came true: ${call}`);
      await pause(20);
    }
  }

  /** The endpoint cannot be reached, while the page itself can; gives a function that ends it. */
  async cutOff() {
    const cut = (route) => route.abort("internetdisconnected");
    await this.context.route("**/v1/**", cut);
    return () => this.context.unroute("**/v1/**", cut);
  }

  /** Says up to the style `short`, so many times, each about a decision of its own; gives the receipts' ids. */
  likeShort(times = 1) {
    return this.run(async (times) => {
      const receipts = [];
      for (let n = 0; n < times; n++) {
        const candidates = [{ id: "short", features: { style: "short" } }];
        receipts.push(fw.thumb(fw.rank({ surface: "answer", candidates }), "up"));
      }
      for (const receipt of receipts) await receipt.saved;
      return receipts.map((receipt) => receipt.id);
    }, times);
  }

  /** The scores of the styles, in the order short, long, list. */
  scores() {
    return this.run(() => {
      const styles = ["short", "long", "list"];
      const candidates = styles.map((style) => ({ id: style, features: { style } }));
      const { order, scores } = fw.rank({ surface: "answer", context: { topic: "code" }, candidates });
      return styles.map((style) => scores[order.indexOf(style)]);
    });
  }
}
