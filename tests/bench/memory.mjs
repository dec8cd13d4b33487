// What a person's model takes, beyond everybody's weights: how far the module's memory grows. The module grows by whole
// pages of 64 KiB and never gives one back, so these are upper bounds.
import { watch } from "./module-memory.mjs";
import { pool } from "./requests.mjs";
import { open, settle } from "./trained.mjs";

const TOUCHED = 5_000;
const NAMES = 20;
const MIB = 1 << 20;
/** As many decisions as a page keeps. */
const DECISIONS = 2_000;

/** Thumbs about answers of 20 features each; `distinct` of them so that every feature is a new one. */
async function growth(fw, bytes, count, feature) {
  const before = bytes();
  for (let at = 0; at < count; at++) {
    const features = Object.fromEntries(Array.from({ length: NAMES }, (_, n) => [`name${n}`, feature(at, n)]));
    fw.thumb(fw.rank({ surface: "bench", candidates: [{ id: "answer", features }] }), at % 2 ? "up" : "down");
    if (at % 50 === 49) await settle(fw);
  }
  await settle(fw);
  return bytes() - before;
}

/** Decisions of 10 candidates × 20 features with five keys of context, without a word about them. */
async function decisions(fw, bytes, count) {
  const before = bytes();
  for (const [at, request] of pool(count, { seed: 71 }).entries()) {
    fw.rank(request);
    if (at % 50 === 49) await settle(fw);
  }
  await settle(fw);
  return bytes() - before;
}

const line = (name, bytes) => ({ name, unit: "MiB", median: bytes / MIB, q1: bytes / MIB, q3: bytes / MIB, min: bytes / MIB, rounds: 1 });

/** Each figure of a person of its own. */
export async function run({ sdk, quick }) {
  const bytes = watch();
  const count = quick ? 5 : TOUCHED / NAMES;
  const person = async (app, grow) => {
    const fw = await open(sdk, { app });
    const grown = await grow(fw);
    await fw.close();
    return grown;
  };
  const says = (feature) => (fw) => growth(fw, bytes, count, feature);
  // The first one pays for what every later call uses again.
  const first = await person("warm-up", says((_, n) => `value${n}`));
  const started = bytes();
  const journal = await person("few", says((_, n) => `value${n}`));
  const all = await person("many", says((at, n) => `value${at}-${n}`));
  const kept = quick ? 10 : DECISIONS;
  const decided = await person("decided", (fw) => decisions(fw, bytes, kept));
  return {
    results: [
      {
        case: `${count} signals about ${count * NAMES} features`,
        target: { of: "the features alone", most: 1, unit: "MiB" },
        contenders: [
          line("the features alone", all - journal),
          line("with journal and decisions", all),
          line(`the same about ${NAMES} features`, journal),
          line("the first person, with all buffers", first),
          line(`${kept} decisions of 10 × 20, nothing said`, decided),
        ],
      },
    ],
    facts: { touched_features: count * NAMES, module_after_the_start_mib: started / MIB },
  };
}
