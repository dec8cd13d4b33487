// examples/search: built by Vite, served as files.
import assert from "node:assert/strict"
import { before, test } from "node:test"
import { join } from "node:path"
import { serve } from "../support/static.mjs"
import { example } from "./examples.mjs"
import { modules, program } from "./project.mjs"
import { isAccessible, look } from "./visit.mjs"

let folder
before(async () => {
  folder = await example("search")
  assert.equal(await program(folder, "vite", ["build", "--logLevel", "warn"]), "")
})

test("example search: what is clicked moves up, for words that were never searched as well", async () => {
  assert.equal(modules(join(folder, "dist")).length, 1)
  const site = await serve(join(folder, "dist"))
  try {
    await look(site.origin, async (page) => {
      const kinds = () => page.locator("#results small").allTextContents()
      const results = async (query) => {
        await page.getByLabel("Search").fill(query)
        await page.waitForFunction((query) => document.querySelector("#results strong")?.textContent.toLowerCase().includes(query), query)
        return kinds()
      }
      await results("pasta")
      const wanted = (await kinds()).at(-1)
      assert.deepEqual((await kinds()).slice(0, 2), ["video", "video"], "before anything is known the engine's order stands")
      for (let click = 0; click < 8 && (await kinds())[0] !== wanted; click++) {
        await page.locator("#results button", { hasText: wanted }).last().click()
        await page.waitForTimeout(100)
      }
      assert.equal((await kinds())[0], wanted)
      assert.equal((await results("soup"))[0], wanted, "a kind that is liked is liked elsewhere")
      await isAccessible(page, "search")
    })
  } finally {
    await site.close()
  }
})
