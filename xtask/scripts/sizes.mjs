// Prints "ENTRY RAW GZIP BROTLI" for each entry of a package: node sizes.mjs PKG_DIR
// An entry is its own file, everything that it imports, and the wasm module, each compressed alone,
// as a server sends them; what comes beside an open page (./react, ./element) is that file alone.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const pkg = process.argv[2];
const { exports } = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));
/** The module that an entry fetches. */
const wasm = (name) => join(pkg, exports[`${name}.wasm`] ?? exports["./flywheel.wasm"]);
// Holds the module as text, so the file beside it is never fetched.
const carriesTheModule = new Set(["./inline"]);
// Add to an entry that is there already, and import none.
const needsNoModule = new Set(["./react", "./element"]);

function reachable(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, , path] of text.matchAll(/(?:\bfrom|\bimport)\s*(\(\s*)?["'](\.[^"']+\.js)["']/g)) {
    reachable(join(dirname(file), path), seen);
  }
  return seen;
}

function brotli(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params }).length;
}

for (const [name, target] of Object.entries(exports)) {
  if (typeof target !== "object") continue;
  const files = [...reachable(join(pkg, (target.import ?? target).default))];
  if (!carriesTheModule.has(name) && !needsNoModule.has(name)) files.push(wasm(name));
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const bytes = readFileSync(file);
    sum.raw += bytes.length;
    sum.gzip += gzipSync(bytes, { level: 9 }).length;
    sum.brotli += brotli(bytes);
  }
  console.log(name, sum.raw, sum.gzip, sum.brotli);
}
