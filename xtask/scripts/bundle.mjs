// Makes the package's JavaScript: node bundle.mjs ROOT LEAN_SDK INSIGHT_SDK OUT_DIR
import { build, transform } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { minify } from "terser";
import { inner, trim } from "./trim.mjs";

const [root, lean, insight, outdir] = process.argv.slice(2);
const source = (name) => join(root, "js", `${name}.ts`);

/** Every bundle, each with one module's glue in it at most. `apart` writes its source map beside it. */
const bundles = [
  // Entries that share code share it in the browser too: one module, one set of objects.
  { sdk: lean, entries: ["index", "slim", "inline"], format: "esm", splitting: true, apart: true },
  { sdk: insight, entries: ["insight"], format: "esm", apart: true },
  { sdk: insight, entries: ["insight-inline"], format: "esm" },
  { entries: ["react", "element"], format: "esm", apart: true },
  { sdk: lean, entries: ["global"], format: "iife", apart: true },
  // `require` has nothing to find a file by, so that the module is text in all of them.
  { sdk: lean, entries: ["inline"], format: "cjs" },
  { sdk: lean, entries: ["slim"], format: "cjs" },
  { sdk: insight, entries: ["insight-inline"], format: "cjs" },
  { entries: ["react", "element"], format: "cjs" },
];

/** What a page need not download: names that only we see, and what the glue does for others. */
const trimmed = (sdk) => ({
  name: "trim",
  setup({ onLoad }) {
    const names = () => readFileSync(join(sdk, "names.txt"), "utf8");
    onLoad({ filter: /flywheel_bg\.js$/ }, ({ path }) => ({ contents: trim(readFileSync(path, "utf8"), names()) }));
  },
});

/** A style sheet is a string, without blanks and comments. */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

let warned = 0;
for (const { sdk, entries, format, splitting, apart } of bundles) {
  const { warnings } = await build({
    entryPoints: entries.map(source),
    outdir,
    outExtension: { ".js": format === "cjs" ? ".cjs" : ".js" },
    alias: sdk ? { "#wasm": join(sdk, "flywheel_bg.js"), "#wasm-inline": join(sdk, "inline.js") } : {},
    plugins: sdk ? [trimmed(sdk)] : [styles],
    mangleProps: sdk ? inner(readFileSync(source("types"), "utf8")) : undefined,
    // What only a module with this feature gives is read only in its own bundle.
    define: { INSIGHT: String(sdk === insight) },
    external: ["react"],
    bundle: true,
    splitting: splitting ?? false,
    // Beside the entries, since `new URL("./flywheel_bg.wasm", import.meta.url)` may end up there; without a hash, which
    // would be of the folder's name too.
    chunkNames: "shared",
    format,
    globalName: format === "iife" ? "Flywheel" : undefined,
    // Tells Node the names that a CommonJS module has, for those who import it.
    platform: format === "cjs" ? "node" : "browser",
    target: "es2022",
    minify: true,
    // Beside the file and not named in it: nobody downloads what nobody opens.
    sourcemap: apart ? "external" : false,
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
  });
  warned += warnings.length;
}
for (const name of readdirSync(outdir).filter((name) => name.endsWith(".js.map"))) {
  await squeeze(join(outdir, name.replace(/\.map$/, "")));
  settle(join(outdir, name));
}
if (warned > 0) process.exit(1);

/** What a page downloads gets smaller still: 3 % (docs/decisions/0080-the-package.md). */
async function squeeze(path) {
  const [text, content] = [path, `${path}.map`].map((file) => readFileSync(file, "utf8"));
  const { code, map } = await minify(text, {
    ecma: 2020,
    module: !path.endsWith("global.js"),
    // React reads one: "use client".
    compress: { passes: 3, directives: false },
    sourceMap: { content, includeSources: true },
  });
  writeFileSync(path, code);
  writeFileSync(`${path}.map`, map);
}

/** A map that is the same wherever it was made, without the module's bytes in it. */
function settle(path) {
  const map = JSON.parse(readFileSync(path, "utf8"));
  const called = (source) => {
    const inside = relative(root, join(outdir, source)).split(sep).join("/");
    return inside.startsWith("js/") ? inside : `glue/${basename(source)}`;
  };
  map.sources.forEach((source, at) => {
    if (source.endsWith("inline.js")) map.sourcesContent[at] = null;
  });
  map.sources = map.sources.map((source) => `flywheel-sdk/${called(source)}`);
  writeFileSync(path, JSON.stringify(map));
}
