// Whether opening and closing leaves anything behind in the page's memory.
import { watch } from "../module-memory.mjs";
import { open } from "../../support/browser.mjs";

const CYCLES = 1_000;
/** The first ones pay for what all later ones use again. */
const WARM_UP = 1_000;
const KIB = 1_024;

/** Runs in the page: so many instances one after the other, half of them on the stored profile. */
async function openAndClose(count) {
  const { Flywheel } = await import("flywheel-sdk");
  for (let at = 0; at < count; at++) {
    const stored = at % 2 === 0;
    const fw = await Flywheel.open({ app: "cycles", storage: stored ? "indexeddb" : "memory" });
    if (stored) await fw.export();
    else fw.thumb(fw.rank({ surface: "answer", candidates: [{ id: "a", features: { n: at % 7 } }, { id: "b" }] }), "up");
    await fw.close();
    // The module learns from the collector which instances nobody has any more.
    if (at % 20 === 19 || at === count - 1) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  return globalThis.moduleBytes();
}

/** The case of ours alone. */
export async function cycles({ origin, quick }) {
  const browser = await open({ also: ["--js-flags=--expose-gc"] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.addInitScript(`globalThis.moduleBytes = (${watch})()`);
    await page.goto(`${origin}/page.html`);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const used = async (count) => {
      const module = await page.evaluate(openAndClose, count);
      const { metrics } = await session.send("Performance.getMetrics");
      const of = (wanted) => metrics.find(({ name }) => name === wanted).value;
      return { heap: of("JSHeapUsedSize"), listeners: of("JSEventListeners"), module };
    };
    const before = await used(quick ? 4 : WARM_UP);
    const count = quick ? 4 : CYCLES;
    const after = await used(count);
    const line = (name, unit, value) => ({ name, unit, median: value, q1: value, q3: value, min: value, rounds: 1 });
    return [
      {
        case: `growth over ${count} times opened and closed`,
        // Less than what a single instance holds: what is kept of each would be a thousand times as much.
        target: { most: 100, unit: "KiB" },
        contenders: [
          line("flywheel", "KiB", (after.heap - before.heap + after.module - before.module) / KIB),
          line("of it the module's memory", "KiB", (after.module - before.module) / KIB),
          line("listeners", "", after.listeners - before.listeners),
        ],
      },
    ];
  } finally {
    await browser.close();
  }
}
