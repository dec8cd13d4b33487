// What the package shows, against the snapshots in tests/api: it changes only on purpose. The types are not repeated
// there: js/types.ts is written by hand, and tests/types uses each of them.
// `FLYWHEEL_API=write cargo xtask test package` writes the snapshots anew; their diff belongs into the review.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { required } from "../support/browser.mjs";

const pkg = required("FLYWHEEL_PKG");
const snapshots = join(import.meta.dirname, "../api");
const manifest = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));
const files = () => readdirSync(pkg, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
/** The JavaScript that each entry has for `import` (in a browser and in Node), and for `require`. */
const scripts = Object.entries(manifest.exports).flatMap(([name, target]) =>
  name === "./global" ? [] : ["import", "require"].flatMap((kind) =>
    Object.entries(target[kind] ?? {}).filter(([condition]) => condition !== "types").map(([condition, file]) => ({ name, kind, condition, file }))));

/** Compares with the file, or writes it. */
function matches(name, text) {
  const path = join(snapshots, name);
  if (process.env.FLYWHEEL_API === "write") {
    mkdirSync(snapshots, { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(text, readFileSync(path, "utf8"), `tests/api/${name}`);
}

test("the packed files are those of the snapshot", () => {
  const listed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: pkg, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ files }] = Object.values(JSON.parse(listed));
  const names = files.map(({ path }) => path);
  matches("files.txt", `${names.sort().join("\n")}\n`);
});

test("the exports map is that of the snapshot", () => {
  const { main, module, types, unpkg, jsdelivr, sideEffects, exports, peerDependencies, dependencies } = manifest;
  matches("package.json", `${JSON.stringify({ main, module, types, unpkg, jsdelivr, sideEffects, exports, peerDependencies, dependencies }, null, 2)}\n`);
});

test("whatever the exports map names is there, types first", () => {
  const visit = (target) => {
    if (typeof target === "string") return void assert.ok(existsSync(join(pkg, target)), target);
    const [first] = Object.keys(target);
    assert.ok("types" in target ? first === "types" : first === "import", JSON.stringify(target));
    Object.values(target).forEach(visit);
  };
  Object.values(manifest.exports).forEach(visit);
  for (const path of [manifest.main, manifest.module, manifest.types, manifest.unpkg, ...manifest.sideEffects]) visit(path);
});

test("importing an entry touches nothing, and shows the exports of the snapshot", async () => {
  const before = new Set(Reflect.ownKeys(globalThis));
  const names = new Map();
  for (const { name, kind, file } of scripts) {
    const path = join(pkg, file);
    const module = kind === "import" ? await import(pathToFileURL(path)) : createRequire(import.meta.url)(path);
    const shown = Object.keys(module).sort().join(", ");
    assert.equal(shown, names.get(name) ?? shown, `${file} shows what the others of ${name} show`);
    names.set(name, shown);
  }
  assert.deepEqual(Reflect.ownKeys(globalThis).filter((key) => !before.has(key)), []);
  matches("exports.txt", `${[...names].map(([name, shown]) => `${name}: ${shown}`).join("\n")}\n`);
});

test("in Node every entry that opens a page opens one, by import and by require", () => {
  for (const name of [".", "./inline", "./insight"]) {
    for (const kind of ["import", "require"]) {
      const { file } = scripts.find((script) => script.name === name && script.kind === kind && script.condition !== "browser");
      const path = JSON.stringify(kind === "import" ? pathToFileURL(join(pkg, file)) : join(pkg, file));
      const source = `const { Flywheel } = ${kind === "import" ? `await import(${path})` : `createRequire(import.meta.url)(${path})`}
        const fw = await Flywheel.open({ app: "node" })
        const { best } = fw.rank({ surface: "s", candidates: [{ id: "only" }] })
        fw.thumb(fw.shown({ surface: "s", answer: "Hello." }), "up")
        console.log(best, fw.status().storage, fw.status().signals)
        await fw.close()`;
      const said = execFileSync(process.execPath, ["--input-type=module", "--eval", `import { createRequire } from "node:module"; ${source}`], { encoding: "utf8" });
      assert.equal(said.trim(), "only memory 1", `${name} by ${kind}`);
    }
  }
});

test("no file of the package names a folder of the machine that built it", () => {
  for (const entry of files()) {
    const text = readFileSync(join(entry.parentPath, entry.name), "latin1");
    for (const folder of [homedir(), required("FLYWHEEL_TARGET"), join(import.meta.dirname, "../..")]) {
      assert.ok(!text.includes(`${folder}/`), `${entry.name} names ${folder}`);
    }
  }
});

test("a source map stands beside what a page downloads, unnamed and with its sources", () => {
  for (const { file } of scripts.filter(({ kind, condition }) => kind === "import" && condition !== "node")) {
    assert.ok(!readFileSync(join(pkg, file), "utf8").includes("sourceMappingURL"), `${file} costs nobody its map`);
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(pkg, `${file}.map`), "utf8"));
    for (const [at, source] of sources.entries()) {
      assert.match(source, /^flywheel-sdk\/(js|glue)\//);
      if (source.startsWith("flywheel-sdk/js/") && !source.endsWith(".css")) {
        assert.equal(sourcesContent[at], readFileSync(join(import.meta.dirname, "../..", source.slice("flywheel-sdk/".length)), "utf8"), source);
      }
    }
  }
});
