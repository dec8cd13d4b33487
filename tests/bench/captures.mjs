// What becomes of signals when the page that gave them goes, and what keeping them costs; beside others that capture.
import { startServer } from "../support/server.mjs";
import { startCollector } from "./captures/collector.mjs";
import { cost } from "./captures/cost.mjs";
import { cycles } from "./captures/cycles.mjs";
import { fates } from "./captures/fates.mjs";
import { own } from "./captures/own.mjs";

/** Opens many pages; `fresh` gives a browser context without a past. */
export async function drive({ origin, fresh, quick, rivals }) {
  const server = await startServer({ publishEvery: 1_000_000 });
  const collector = await startCollector(server.origin);
  const contenders = [
    { name: "flywheel", endpoint: collector.ours, key: server.key },
    ...rivals.map((rival) => ({ ...rival, endpoint: collector.endpoint })),
  ];
  /** A page of a contender's, in which it is open. */
  const visit = async (context, { name, ...options }) => {
    const page = await context.newPage();
    await page.goto(`${origin}/page.html`);
    await page.evaluate(async (options) => {
      globalThis.bench = await import("/bench/captures/page.mjs");
      await bench.open(options);
    }, options);
    return page;
  };
  const world = { origin, fresh, quick, contenders, server, collector, visit };
  try {
    const results = [];
    for (const part of [cost, own, fates, cycles]) results.push(...(await part(world)));
    const { signals, distinct_signals, adds_up } = await server.stats();
    if (signals !== distinct_signals || !adds_up) throw new Error("the server's store does not add up");
    return { results, facts: { signals_on_the_server: signals, counted_twice_there: signals - distinct_signals } };
  } finally {
    await collector.stop();
    await server.stop();
  }
}
