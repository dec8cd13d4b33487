// What a person's model takes, beyond everybody's weights: how far the module's memory grows. The module grows by whole
// pages of 64 KiB and never gives one back, so these are upper bounds.
import { open, settle } from "./trained.mjs";

const TOUCHED = 5_000;
const NAMES = 20;
const MIB = 1 << 20;

/** Sees the memory of the next module that is instantiated; the package shows it to nobody. */
function watch() {
  let memory;
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...words) => {
      const made = await original.apply(WebAssembly, words);
      memory = (made.instance ?? made).exports.memory;
      return made;
    };
  }
  return () => memory.buffer.byteLength;
}

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

const line = (name, bytes) => ({ name, unit: "MiB", median: bytes / MIB, q1: bytes / MIB, q3: bytes / MIB, min: bytes / MIB, rounds: 1 });

/** Three figures, each of a person of its own. */
export async function run({ sdk, quick }) {
  const bytes = watch();
  const count = quick ? 5 : TOUCHED / NAMES;
  const person = async (app, feature) => {
    const fw = await open(sdk, { app });
    const grown = await growth(fw, bytes, count, feature);
    await fw.close();
    return grown;
  };
  // The first one pays for what every later call uses again.
  const first = await person("warm-up", (_, n) => `value${n}`);
  const started = bytes();
  const journal = await person("few", (_, n) => `value${n}`);
  const all = await person("many", (at, n) => `value${at}-${n}`);
  return {
    results: [
      {
        case: `${count} signals about ${count * NAMES} features`,
        target: { most: 1, unit: "MiB" },
        contenders: [
          line("flywheel", all - journal),
          line("with journal and decisions", all),
          line(`the same about ${NAMES} features`, journal),
          line("the first person, with all buffers", first),
        ],
      },
    ],
    facts: { touched_features: count * NAMES, module_after_the_start_mib: started / MIB },
  };
}
