// examples/next: built by Next.js as it stands, rendered on the server, ranked on the page.
import assert from "node:assert/strict"
import { before, test } from "node:test"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { example } from "./examples.mjs"
import { modules, program } from "./project.mjs"
import { nextStart } from "./started.mjs"
import { isAccessible, look } from "./visit.mjs"

let folder
before(async () => {
  folder = await example("next")
  // Here alone the tools lie above the project: see apps/next/next.config.js.
  const config = join(folder, "next.config.js")
  const roots = "import { dirname } from 'node:path'\nconst workspace = dirname(dirname(import.meta.dirname))\n"
  writeFileSync(config, `${roots}export default { outputFileTracingRoot: workspace, turbopack: { root: workspace } }\n`)
  await program(folder, "next", ["build"], { NEXT_TELEMETRY_DISABLED: "1" })
})

test("example Next.js: the server renders the editors' order, the page puts first what this reader opens, a reload keeps it", async () => {
  assert.equal(modules(join(folder, ".next/static")).length, 1)
  const server = await nextStart(folder)
  try {
    const html = await (await fetch(server.origin)).text()
    assert.match(html, /What the tides know of the moon.*The loaf that needs no kneading/s)
    await look(server.origin, async (page) => {
      await page.waitForSelector("ol[data-ranked=true]")
      const titles = () => page.locator("h2").allTextContents()
      const [first, other] = await titles()
      assert.equal(first, "What the tides know of the moon", "before anything is known the editors' order stands")
      await page.locator("summary", { hasText: other }).click()
      await page.waitForFunction((other) => document.querySelector("h2").textContent === other, other)
      await isAccessible(page, "next")
      await page.reload()
      await page.waitForFunction((first) => document.querySelector("ol[data-ranked=true] h2")?.textContent !== first, first)
      assert.equal((await titles())[0], other)
    })
  } finally {
    await server.stop()
  }
})
