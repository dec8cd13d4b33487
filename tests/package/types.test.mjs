// The types of the package as it is packed, under each way of finding them: tests/types compiled against it as an ES
// module, as CommonJS, and through a bundler.
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { required } from "../support/browser.mjs"

const root = join(import.meta.dirname, "../..")
let folder

before(() => {
  folder = mkdtempSync(join(tmpdir(), "flywheel-types-"))
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true })
  cpSync(required("FLYWHEEL_PKG"), join(folder, "node_modules/flywheel-sdk"), { recursive: true })
  for (const name of ["@types/react", "csstype"]) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name))
})
after(() => folder && rmSync(folder, { recursive: true, force: true }))

const strict = {
  target: "ES2022", lib: ["ES2022", "DOM", "DOM.Iterable", "ESNext.Disposable"], types: [], jsx: "react-jsx", strict: true,
  exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true,
}

/** What tsc says of an app of this kind, and where it found the package. */
function compiles(type, options, write) {
  const app = mkdtempSync(join(folder, "app-"))
  write(app)
  writeFileSync(join(app, "package.json"), JSON.stringify({ type }))
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...strict, ...options }, include: ["*"] }))
  try {
    return execFileSync(join(root, "node_modules/.bin/tsc"), ["--project", app, "--listFiles"], { encoding: "utf8" })
  } catch (error) {
    assert.fail(error.stdout)
  }
}

const all = (app) => cpSync(join(root, "tests/types"), app, { recursive: true })
const kinds = {
  "an ES module in Node": ["module", { module: "node16", moduleResolution: "node16" }, "d.ts"],
  "CommonJS in Node": ["commonjs", { module: "node16", moduleResolution: "node16" }, "d.cts"],
  "a bundler": ["module", { module: "esnext", moduleResolution: "bundler" }, "d.ts"],
}
for (const [name, [type, options, ending]] of Object.entries(kinds)) {
  test(`every entry has its types for ${name}`, () => {
    const found = compiles(type, options, all)
    for (const entry of ["index", "slim", "inline", "insight", "react", "element"]) {
      assert.ok(found.includes(`flywheel-sdk/${entry}.${ending}`), `${entry}.${ending} is not what was read`)
    }
  })
}

test("a classic script has its types as a global", () => {
  compiles("commonjs", { module: "esnext", moduleResolution: "bundler", moduleDetection: "legacy" }, (app) =>
    writeFileSync(join(app, "script.ts"), `/// <reference types="flywheel-sdk/global" />
      Flywheel.open({ app: "demo" }).then((fw) => {
        const decision: Flywheel.Decision<"a"> = fw.rank({ surface: "s", candidates: [{ id: "a" }] })
        fw.thumb(decision, "up")
        // @ts-expect-error no such thumb
        fw.thumb(decision, "sideways")
      })`))
})
