// What a page need not download of the JavaScript: names that nobody outside sees, and what wasm-bindgen's glue does for
// browsers and uses that are not ours.

/** Properties of classes that only other files of js/ touch. None is a name in js/types.ts, of a stored thing, or of the web. */
const names = [
  "__wbg_ptr", "address", "afterDecision", "ahead", "allowed", "answered", "arrive", "bare", "busy", "cameBack",
  "catchUp", "categories", "checkOpen", "choose", "claim", "clear_terms", "depart", "destroy", "edited", "exchange",
  "farewell", "flush", "gone", "hear", "identify", "isKept", "isLast", "kept", "lastWords", "learns", "leaving",
  "lookAhead", "mayHaveSent", "mopUp", "notify", "onLost", "onRevived", "online", "opened", "orderErasure",
  "putAside", "rankKnown", "rank_known", "receipt", "refusal", "refuse", "release", "reset", "retire", "retryAfterMs",
  "retryErasure", "revive", "sendIfDue", "sentLast", "settings", "settle", "settled", "spill", "spilt", "tabs",
  "take", "takeWeights", "take_weights", "taken", "tell", "turn", "unsaved", "weightsChanged",
];

/** The same for esbuild; `types` is js/types.ts, where none of them may become a name. */
export function inner(types) {
  const seen = names.find((name) => new RegExp(`\\b${name}\\??[(:<]`).test(types));
  if (seen !== undefined) throw new Error(`\`${seen}\` is a name that apps use now: take it out of xtask/scripts/trim.mjs`);
  return new RegExp(`^(${names.join("|")})$`);
}

/** Parts of the glue: what stands there, and what takes its place. */
const parts = [
  // Nobody frees an engine by hand; the finalization registry does.
  [/    __destroy_into_raw\(\) \{[^]*?\n    \}\n    free\(\) \{[^]*?\n    \}\n/g, ""],
  [/if \(Symbol\.dispose\).*\n/g, ""],
  // Memory that runs out while arguments are copied runs out for good.
  [/try \{\n((?: +(?:ptr|len)\d .*\n)+) +\} catch \(e\) \{[^]*?throw e;\n +\}\n/g, "$1"],
  // In every browser since 2020.
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/g, ""],
  // Older than reference types, without which the module does not load.
  [/\(typeof FinalizationRegistry === 'undefined'\)\n.*\n +: /g, ""],
  // All strings cross with `realloc`.
  [/    if \(realloc === undefined\) \{[^]*?\n    \}\n/g, ""],
];

/** The glue without them, and with the names that the module has now: wasm-opt prints what it renames, in each of its rounds. */
export function trim(glue, printed) {
  for (const [part, instead] of parts) {
    if (!part.test(glue)) throw new Error(`the glue has no ${part}: look at xtask/scripts/trim.mjs again`);
    glue = glue.replaceAll(part, instead);
  }
  const rounds = printed.trim().split(/(?<=^\})\n/m).map((round) => JSON.parse(round));
  const now = (kind, name) => rounds.reduce((name, round) => round[kind].find((row) => row.at(-2) === name).at(-1), name);
  const given = rounds[0].imports.map(([, name]) => `${now("imports", name)}: ${name}`);
  return `${glue}
    export const imports = { a: { ${given.join(", ")} } };
    export function start(exports) {
      const before = wasm;
      wasm = exports;
      // What the collector frees from here on is of the instance before, or so little that it may stay.
      if (before) wasm.__wbg_engine_free = () => {};
      wasm.__wbindgen_start();
      return wasm.memory;
    }`.replaceAll(/\bwasm\.(\w+)/g, (_, name) => `wasm.${now("exports", name)}`);
}
