// What arrives when the page goes: its process killed, left at once, left a moment later; and of ten tabs at once. After
// each, the person comes back, and whatever was kept may still be sent.
import { kill, pids } from "../../support/processes.mjs";

/** How long nothing may come before nothing more is expected, in milliseconds; the slowest sends every three seconds. */
const QUIET_MS = 5_000;
const PATIENCE_MS = 30_000;
const LARGE = 3_072;
const TABS = 10;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let runs = 0;

/** Waits until all has come, or nothing more does; gives what came. */
async function arrived(collector, run, count) {
  const start = performance.now();
  for (;;) {
    await pause(250);
    const { came } = collector.count(run);
    const since = Math.min(collector.quiet(), performance.now() - start);
    // Once all are there, what comes now is a repetition.
    if (since > (came === count ? QUIET_MS / 2 : QUIET_MS) || performance.now() - start > PATIENCE_MS) return collector.count(run);
  }
}

/** The ways to go. Each gets an open page of the contender in a context of its own. */
const WAYS = [
  {
    what: "50 captures, then the renderer is killed",
    count: 50,
    go: async ({ page, capture }) => {
      const renderers = await pids(page.context().browser(), "renderer");
      await capture(page);
      kill(renderers);
      await pause(200);
    },
  },
  { what: "30 × 3 KB and an instant navigation", count: 30, bytes: LARGE, go: ({ page, capture }) => capture(page, { leaveAfter: 0 }) },
  { what: "100 × 3 KB and a navigation after 150 ms", count: 100, bytes: LARGE, go: ({ page, capture }) => capture(page, { leaveAfter: 150 }) },
  {
    what: `${TABS} tabs at once, 20 captures each`,
    count: 20 * TABS,
    go: async ({ page, capture, visit }) => {
      const tabs = [page];
      while (tabs.length < TABS) tabs.push(await visit());
      await Promise.all(tabs.map((tab, at) => capture(tab, { from: 20 * at, count: 20 })));
      await pause(8_000);
      for (const tab of tabs) await tab.close();
    },
  },
];

/** Captures, and leaves the page by itself in the same task or so many milliseconds later. */
function captureIn(run, all, bytes) {
  return (page, { from = 0, count = all, leaveAfter } = {}) => {
    const gone = leaveAfter === undefined ? undefined : page.waitForURL("**/page.html?gone");
    const work = page.evaluate(async ([options, leaveAfter]) => {
      bench.capture(options);
      if (leaveAfter === 0) location.href = "/page.html?gone";
      else if (leaveAfter !== null) setTimeout(() => (location.href = "/page.html?gone"), leaveAfter);
    }, [{ run, from, count, bytes, text: bytes === LARGE }, leaveAfter ?? null]);
    return Promise.all([work, gone]);
  };
}

async function one(world, contender, { count, bytes = 200, go }) {
  const { fresh, visit, collector, server } = world;
  const run = `run${runs++}`;
  const before = (await server.stats()).signals;
  return fresh(async (context) => {
    const page = await visit(context, contender);
    await go({ page, capture: captureIn(run, count, bytes), visit: () => visit(context, contender) });
    // The person comes back.
    await page.close().catch(() => undefined);
    const again = await visit(context, contender);
    await again.evaluate(() => globalThis.contender.synced?.());
    const { came, again: twice } = await arrived(collector, run, count);
    const held = (await server.stats()).signals - before;
    return { lost: count - came, twice, held };
  });
}

const line = (name, count, all) => ({ name, unit: `of ${all}`, median: count, q1: count, q3: count, min: count, rounds: 1 });

/** Cases beside the others. */
export async function fates(world) {
  const results = [];
  for (const way of WAYS) {
    const [lost, twice] = [[], []];
    for (const contender of world.contenders) {
      const seen = await one(world, contender, way);
      lost.push(line(contender.name, seen.lost, way.count));
      twice.push(line(contender.name, seen.twice, way.count));
      if (contender.name === "flywheel") {
        if (seen.held !== way.count - seen.lost) throw new Error(`${way.what}: ${JSON.stringify(seen)}: what came is not what counts`);
        twice.push(line("flywheel, counted twice", seen.held - (way.count - seen.lost), way.count));
      }
    }
    results.push(
      { case: `${way.what}: lost`, target: { most: 0, unit: `of ${way.count}` }, contenders: lost },
      { case: `${way.what}: arrived more than once`, target: { of: "flywheel, counted twice", most: 0, unit: `of ${way.count}` }, contenders: twice },
    );
  }
  return results;
}
