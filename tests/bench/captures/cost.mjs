// What capturing costs: the caller's time, and the bytes that are handed to the storage.
import { spread } from "../measure.mjs";

const CAPTURES = 100;
const ROUNDS = 15;
const KEPT = 1_000;
/** Of words in each capture that is kept, in bytes. */
const BYTES = 200;
/** How long a contender may take to write what it writes, in milliseconds. */
const WRITING_MS = 8_000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Beside the others: our thumb about a decision made before, and all that it takes to show an answer and hear about it. */
async function waited({ fresh, quick, contenders, visit }) {
  const rounds = quick ? 1 : ROUNDS;
  const kinds = contenders.flatMap((one) => (one.name === "flywheel" ? [{ ...one, call: "thumbs" }, { ...one, name: "flywheel, with the decision", call: "capture" }] : [{ ...one, call: "capture" }]));
  const waits = kinds.map(() => []);
  await fresh(async (context) => {
    const pages = [];
    for (const one of kinds) pages.push(await visit(context, one));
    for (let round = -2; round < rounds; round++) {
      for (let turn = 0; turn < pages.length; turn++) {
        const who = (turn + Math.max(round, 0)) % pages.length;
        const options = { run: `cost${who}`, from: (round + 2) * CAPTURES, count: CAPTURES, bytes: BYTES };
        const took = await pages[who].evaluate(([call, options]) => bench[call](options), [kinds[who].call, options]);
        if (round >= 0) waits[who].push(took);
        // What it left for later is not the next one's burden.
        await pause(quick ? 0 : 300);
      }
    }
  });
  return kinds.map(({ name }, who) => ({ name, unit: "ms", ...spread(waits[who]) }));
}

/** Bytes in payloads, of words in features or in texts. */
async function written({ fresh, quick, contenders, visit }, text) {
  const count = quick ? 100 : KEPT;
  const lines = [];
  for (const one of contenders) {
    const bytes = await fresh(async (context) => {
      const page = await visit(context, one);
      return page.evaluate(async ([options, milliseconds]) => {
        const written = bench.watchStorage();
        for (let from = 0; from < options.count; from += 100) {
          bench.capture({ ...options, from, count: 100 });
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        return written();
      }, [{ run: "kept", count, bytes: BYTES, text }, quick ? 200 : WRITING_MS]);
    });
    lines.push({ name: one.name, unit: "×", ...spread([bytes / (count * BYTES)]) });
  }
  return lines;
}

/** Cases beside the others. */
export async function cost(world) {
  return [
    { case: `${CAPTURES} captures of ${BYTES} B in a row, the caller's time`, target: { most: 5, unit: "ms" }, contenders: await waited(world) },
    { case: `bytes handed to the storage, in payloads: ${KEPT} captures of ${BYTES} B`, target: { most: 3, unit: "×" }, contenders: await written(world, false) },
    { case: `the same, a text of ${BYTES} B`, target: { most: 3, unit: "×" }, contenders: await written(world, true) },
  ];
}
