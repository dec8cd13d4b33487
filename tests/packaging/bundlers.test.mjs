// webpack, esbuild, Rollup and Parcel: each with the least configuration that it needs for any package of this kind.
import assert from "node:assert/strict"
import { cpSync } from "node:fs"
import { test } from "node:test"
import { join } from "node:path"
import { fresh, modules, program, tool } from "./project.mjs"
import { hasLearned, visitFolder } from "./visit.mjs"

/** The built folder is opened; one module is in it, and the page asked for that one alone. */
async function works(folder) {
  const { result, asked } = await visitFolder(folder)
  hasLearned(result)
  assert.equal(modules(folder).length, 1)
  assert.equal(asked.filter(({ url }) => url.endsWith(".wasm")).length, 1)
}

test("webpack 5: the page learns and one module is in the output", async () => {
  const folder = await fresh("webpack", ["common", "webpack"])
  const { default: webpack } = await tool("webpack")
  const config = { mode: "production", context: folder, entry: "./main.js", output: { path: join(folder, "dist") } }
  const stats = await new Promise((resolve, reject) =>
    webpack(config, (error, stats) => (error ? reject(error) : resolve(stats))),
  )
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString())
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"))
  await works(join(folder, "dist"))
})

test("esbuild: the page learns with the module as a file and one module is in the output", async () => {
  const folder = await fresh("esbuild", ["common", "esbuild"])
  const words = ["main.js", "--bundle", "--format=esm", "--loader:.wasm=file", "--outdir=dist", "--log-level=warning"]
  assert.equal(await program(folder, "esbuild", words), "")
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"))
  await works(join(folder, "dist"))
})

test("Rollup: the page learns and one module is in the output", async () => {
  const folder = await fresh("rollup", ["common", "rollup"])
  const said = await program(folder, "rollup", ["--config", "--silent"])
  assert.equal(said, "")
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"))
  await works(join(folder, "dist"))
})

test("Parcel: the page learns and one module is in the output", async () => {
  // Parcel reads `exports` when it is told to.
  const folder = await fresh("parcel", ["common"], { "@parcel/resolver-default": { packageExports: true } })
  await program(folder, "parcel", ["build", "index.html", "--dist-dir", "dist", "--no-cache", "--log-level", "warn"])
  await works(join(folder, "dist"))
})
