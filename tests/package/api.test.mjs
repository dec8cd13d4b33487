// What the package shows, against the snapshot in tests/api: it changes only on purpose. The types are not repeated
// there: js/types.ts is written by hand, and tests/types uses each of them.
// `FLYWHEEL_API=write cargo xtask test package` writes the snapshot anew; its diff belongs into the review.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { required } from "../support/browser.mjs";

const pkg = required("FLYWHEEL_PKG");
const snapshots = join(import.meta.dirname, "../api");
const entries = ["index", "slim", "inline", "insight"];

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
  // The shared part carries a hash of its content in its name.
  const names = readdirSync(pkg).map((name) => name.replace(/^shared-[A-Z0-9]+\.js$/, "shared-HASH.js"));
  matches("files.txt", `${names.sort().join("\n")}\n`);
});

test("importing an entry touches nothing, and shows the exports of the snapshot", async () => {
  const before = new Set(Reflect.ownKeys(globalThis));
  const lines = [];
  for (const entry of entries) {
    const module = await import(pathToFileURL(join(pkg, `${entry}.js`)));
    lines.push(`${entry}: ${Object.keys(module).sort().join(", ")}`);
  }
  assert.deepEqual(Reflect.ownKeys(globalThis).filter((key) => !before.has(key)), []);
  matches("exports.txt", `${lines.join("\n")}\n`);
});

test("no file of the package names a folder of the machine that built it", () => {
  for (const name of readdirSync(pkg)) {
    const text = readFileSync(join(pkg, name), "latin1");
    for (const folder of [homedir(), required("FLYWHEEL_TARGET")]) {
      assert.ok(!text.includes(`${folder}/`), `${name} names ${folder}`);
    }
  }
});
