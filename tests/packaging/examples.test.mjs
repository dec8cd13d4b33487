// What holds of all examples together.
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { manifest } from "./examples.mjs"

const root = join(import.meta.dirname, "../..")
const names = readdirSync(join(root, "examples"))
const pinned = JSON.parse(readFileSync(join(import.meta.dirname, "package.json"), "utf8")).devDependencies
const version = /^version = "(.+)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1]

test("examples name the versions that they are tested with, and the package by its name", () => {
  assert.ok(names.length >= 5, "there are five")
  for (const name of names) {
    const { dependencies = {}, devDependencies = {} } = manifest(name)
    for (const [tool, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (tool === "flywheel-sdk") assert.equal(wanted, `^${version}`, name)
      else assert.equal(wanted, pinned[tool], `${name}: ${tool}`)
    }
  }
})

test("each example has a README and a test of its own", () => {
  for (const name of names) {
    assert.ok(existsSync(join(root, "examples", name, "README.md")), `${name} has no README`)
    const own = name === "endpoint" ? "conformance" : `example-${name}`
    assert.ok(existsSync(join(import.meta.dirname, `${own}.test.mjs`)), `${name} has no test`)
  }
})

test("the endpoint in sixty lines has sixty lines", () => {
  const lines = readFileSync(join(root, "examples/endpoint/endpoint.mjs"), "utf8").split("\n")
  assert.ok(lines.filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length <= 60)
})
