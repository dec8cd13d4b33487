// Two copies of the package in one page, and pages without modules.
import assert from "node:assert/strict"
import { test } from "node:test"
import { listen } from "../support/browser.mjs"
import { blankSite } from "../support/blank.mjs"

const here = blankSite("copies")

/** A page, what it warned of, and what `run` gives in it; /copy1/ and /copy2/ are the package once more. */
async function visit(run) {
  const context = await here.browser.newContext()
  const page = await context.newPage()
  const complaints = listen(page)
  const warnings = []
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()))
  await page.route("**/copy*/**", (route) => route.fulfill({ path: route.request().url().replace(/^.*\/copy\d/, process.env.FLYWHEEL_PKG) }))
  await page.goto(`${here.site.origin}/`)
  const value = await run(page)
  await context.close()
  assert.deepEqual(complaints, [])
  return { value, warnings }
}

test("copies in one page warn once, and what each was told is kept once", async () => {
  const { value, warnings } = await visit(async (page) => {
    await page.evaluate(async () => {
      const pages = []
      for (const copy of ["pkg", "copy1", "copy2"]) {
        const { Flywheel } = await import(`/${copy}/index.js`)
        pages.push(await Flywheel.open({ app: "copies" }))
      }
      const request = { surface: "s", candidates: [{ id: "a", features: { s: "a" } }] }
      const expected = (fw) => fw.rank(request).scores[0]
      const [first, ...others] = pages
      await first.thumb(first.rank(request), "up").saved
      const once = expected(first)
      for (const fw of others) await fw.thumb(fw.rank(request), "up").saved
      // The first was told once, and hears of the others as tabs do.
      while (expected(first) <= once) await new Promise((resolve) => setTimeout(resolve, 10))
      for (const fw of pages) await fw.close()
    })
    await page.reload()
    return page.evaluate(async () => {
      const { Flywheel } = await import("/pkg/index.js")
      const fw = await Flywheel.open({ app: "copies" })
      const { signals, storage } = fw.status()
      await fw.close()
      return { signals, storage }
    })
  })
  assert.deepEqual(value, { signals: 3, storage: "indexeddb" })
  assert.deepEqual(warnings, ["flywheel-sdk is in this page twice"])
})

test("entries that share their code are one copy, opened as often as you like", async () => {
  const { warnings } = await visit((page) =>
    page.evaluate(async () => {
      for (const entry of ["index", "inline", "slim", "index"]) {
        const { Flywheel } = await import(`/pkg/${entry}.js`)
        await (await Flywheel.open({ app: entry })).close()
      }
    }))
  assert.deepEqual(warnings, [])
})

test("a classic script is a global that finds its module beside itself", async () => {
  const { value, warnings } = await visit(async (page) => {
    await page.evaluate(() => (globalThis.before = Object.keys(globalThis)))
    await page.addScriptTag({ url: "/pkg/global.js" })
    return page.evaluate(async () => {
      const added = Object.keys(globalThis).filter((name) => !before.includes(name) && name !== "before")
      const fw = await Flywheel.open({ app: "classic", storage: "memory" })
      const { best } = fw.rank({ surface: "s", candidates: [{ id: "only" }] })
      await fw.close()
      const [wrong] = await Promise.allSettled([Flywheel.open({})])
      return { added, names: Object.keys(Flywheel).sort(), best, wrong: Flywheel.isFlywheelError(wrong.reason) }
    })
  })
  assert.deepEqual(value, { added: ["Flywheel"], names: ["init", "isFlywheelError", "open"], best: "only", wrong: true })
  assert.deepEqual(warnings, [])
})
