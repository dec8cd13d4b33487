// Prints the largest functions of a module that has names: node functions.mjs MODULE.wasm HOW_MANY
import { readFileSync } from "node:fs";

const [path, most = "40"] = process.argv.slice(2);
const bytes = readFileSync(path);
const IMPORT = 2, CODE = 10, CUSTOM = 0, FUNCTION_NAMES = 1;
let at = 8;

function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}

function text() {
  const length = number();
  at += length;
  return bytes.toString("utf8", at - length, at);
}

/** Reads past one import; true if it is a function. */
function importsFunction() {
  text(), text();
  const kind = bytes[at++];
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };
  if (kind === 0) number();
  else if (kind === 1) at++, limits();
  else if (kind === 2) limits();
  else if (kind === 3) at += 2;
  else at++, number();
  return kind === 0;
}

const sizes = [];
const names = new Map();
let imported = 0;
while (at < bytes.length) {
  const section = bytes[at++];
  const end = number() + at;
  if (section === IMPORT) {
    for (let left = number(); left > 0; left--) imported += importsFunction() ? 1 : 0;
  } else if (section === CODE) {
    for (let left = number(); left > 0; left--) {
      const size = number();
      sizes.push(size);
      at += size;
    }
  } else if (section === CUSTOM && text() === "name") {
    while (at < end) {
      const kind = bytes[at++];
      const after = number() + at;
      if (kind === FUNCTION_NAMES) {
        for (let left = number(); left > 0; left--) {
          const index = number();
          names.set(index, text());
        }
      }
      at = after;
    }
  }
  at = end;
}

const rows = sizes.map((size, index) => [size, names.get(index + imported) ?? `function ${index + imported}`]);
const crates = new Map();
for (const [size, name] of rows) {
  const crate = /^[<&]*(?:dyn |mut )?(\w+)/.exec(name)?.[1] ?? name;
  crates.set(crate, (crates.get(crate) ?? 0) + size);
}
const print = (list) => {
  for (const [size, name] of list) console.log(String(size).padStart(8), name.slice(0, 140));
};
console.log(`${rows.length} functions, raw bytes; by where the name begins:`);
print([...crates].map(([name, size]) => [size, name]).sort((a, b) => b[0] - a[0]).slice(0, 12));
console.log("the largest:");
print(rows.sort((a, b) => b[0] - a[0]).slice(0, Number(most)));
