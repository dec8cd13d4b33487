// Prints the largest functions of a module that has names: node functions.mjs MODULE.wasm HOW_MANY
import { readFileSync } from "node:fs";
import { functionsOf } from "./module.mjs";

const [path, most = "40"] = process.argv.slice(2);
const { bodies, names, imported } = functionsOf(readFileSync(path));

const rows = bodies.map(({ length }, index) => [length, names.get(index + imported) ?? `function ${index + imported}`]);
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
