// examples/plain: served as files.
import assert from "node:assert/strict"
import { before, test } from "node:test"
import { serve } from "../support/static.mjs"
import { example } from "./examples.mjs"
import { isAccessible, look } from "./visit.mjs"

let folder
before(async () => {
  folder = await example("plain")
})

test("example plain: after a thumb down another style explains, the profile says so, and a reload forgets nothing", async () => {
  const site = await serve(folder)
  try {
    await look(site.origin, async (page) => {
      const style = () => page.locator("#style").textContent()
      await page.waitForFunction(() => document.querySelector("#style").textContent !== "")
      const first = await style()
      await page.click("#down")
      assert.equal(await page.locator("#down").getAttribute("aria-pressed"), "true")
      assert.equal(await page.locator("#profile .disliked").count() > 0, true)
      await page.getByRole("button", { name: "How does a vaccine work?" }).click()
      assert.notEqual(await style(), first)
      await page.click("#up")
      assert.ok(await page.locator("#profile .liked").count() > 0)
      await isAccessible(page, "plain")
      const bars = await page.locator("#profile").textContent()
      await page.reload()
      await page.waitForFunction(() => document.querySelector("#style").textContent !== "")
      assert.equal(await page.locator("#profile").textContent(), bars)
    })
  } finally {
    await site.close()
  }
})
