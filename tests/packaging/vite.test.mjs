// Vite: its dev server, which serves what it optimised, and its build.
import assert from "node:assert/strict"
import { before, test } from "node:test"
import { join } from "node:path"
import { close, fresh, modules, program, tool } from "./project.mjs"
import { hasLearned, visit, visitFolder } from "./visit.mjs"

let folder
before(async () => {
  folder = await fresh("vite", ["common"])
})

test("vite build: the page learns and one module is in the output", async () => {
  const said = await program(folder, "vite", ["build", "--logLevel", "warn"])
  assert.equal(said, "")
  hasLearned((await visitFolder(join(folder, "dist"))).result)
  assert.equal(modules(join(folder, "dist")).length, 1)
})

test("vite dev: the page learns cold and warm", async () => {
  const { createServer } = await tool("vite")
  for (const _ of ["cold", "warm"]) {
    const server = await createServer({ root: folder, logLevel: "error", server: { host: "127.0.0.1", port: 0 } })
    try {
      await server.listen()
      const { result, asked } = await visit(`http://127.0.0.1:${server.httpServer.address().port}/`)
      hasLearned(result)
      assert.equal(asked.filter(({ url }) => url.includes(".wasm")).length, 1)
    } finally {
      await close(server)
    }
  }
})
