// Makes the package's JavaScript: node bundle.mjs SDK_DIR OUT_DIR FEATURES ENTRY.ts…
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inner, trim } from "./trim.mjs";

const [sdk, outdir, features, ...entryPoints] = process.argv.slice(2);
const glue = join(sdk, "flywheel_bg.js");
const names = readFileSync(join(sdk, "names.txt"), "utf8");
const { warnings } = await build({
  entryPoints,
  outdir,
  alias: { "#wasm": glue, "#wasm-inline": join(sdk, "inline.js") },
  plugins: [
    {
      name: "trim",
      setup: ({ onLoad }) => onLoad({ filter: /flywheel_bg\.js$/ }, () => ({ contents: trim(readFileSync(glue, "utf8"), names) })),
    },
  ],
  mangleProps: inner(readFileSync(new URL("../../js/types.ts", import.meta.url), "utf8")),
  // What only a module with this feature gives is read only in its own bundle.
  define: { INSIGHT: String(features === "insight") },
  bundle: true,
  // Entries that share code share it in the browser too: one module, one set of objects.
  splitting: true,
  // Beside the entries, since `new URL("./flywheel_bg.wasm", import.meta.url)` may end up there.
  chunkNames: "shared-[hash]",
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});
if (warnings.length > 0) process.exit(1);
