// Next.js, built by webpack and by Turbopack, and started as on a server: the page comes rendered, and learns.
import assert from "node:assert/strict"
import { test } from "node:test"
import { join } from "node:path"
import { fresh, modules, program } from "./project.mjs"
import { nextStart } from "./started.mjs"
import { hasLearned, visit } from "./visit.mjs"

for (const builder of ["webpack", "turbopack"]) {
  test(`Next.js (${builder}): rendered on the server, the page learns and one module is in its output`, async () => {
    const folder = await fresh(`next-${builder}`, ["next", "common"])
    await program(folder, "next", ["build", `--${builder}`], { NEXT_TELEMETRY_DISABLED: "1" })
    // What browsers get; the server's own output is beside it.
    assert.equal(modules(join(folder, ".next/static")).length, 1)
    const server = await nextStart(folder)
    try {
      const html = await (await fetch(server.origin)).text()
      assert.match(html, /Rendered on the server.*It learns on the page/s)
      const { result, asked } = await visit(server.origin)
      hasLearned(result)
      assert.equal(asked.filter(({ url }) => url.endsWith(".wasm")).length, 1)
    } finally {
      await server.stop()
    }
  })
}
