// Opened and closed time and again. A failure is: the page's heap is larger after another thousand times than after the
// first, which pay for what all later ones use again. The module's memory is only shown: it never shrinks, and grows as
// the collector is late in saying which engines nobody has any more.
import assert from "node:assert/strict"
import { test } from "node:test"
import { watch } from "../bench/module-memory.mjs"
import { blankSite } from "../support/blank.mjs"

const here = blankSite("growth", { also: ["--js-flags=--expose-gc"] })
const TIMES = 1_000
/** What the collector may leave of a page's own doing, in bytes: 100 a time would be a leak. */
const SLACK = 64 * 1_024

/** Runs in the page: so many instances one after the other, half of them with a stored profile. */
async function openAndClose(times) {
  const { Flywheel } = await import("/pkg/index.js")
  for (let at = 0; at < times; at++) {
    const fw = await Flywheel.open({ app: "growth", storage: at % 2 ? "indexeddb" : "memory" })
    fw.rank({ surface: "answer", candidates: [{ id: "a", features: { n: at % 7 } }, { id: "b" }] })
    await fw.close()
    // The module learns from the collector which instances nobody has any more.
    if (at % 20 === 19) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return moduleBytes()
}

test("a thousand times open and closed, the heap does not grow", { timeout: 300_000 }, async () => {
  const page = await here.browser.newPage()
  await page.addInitScript(`globalThis.moduleBytes = (${watch})()`)
  await page.goto(`${here.site.origin}/`)
  const session = await page.context().newCDPSession(page)
  const used = async () => {
    const module = await page.evaluate(openAndClose, TIMES)
    await session.send("HeapProfiler.collectGarbage")
    return [(await session.send("Runtime.getHeapUsage")).usedSize, module]
  }
  const [heap, module] = await used()
  const [later, moduleLater] = await used()
  console.log(`the heap ${later - heap} bytes larger, the module's memory ${moduleLater - module}`)
  assert.ok(later - heap <= SLACK, `${later - heap} bytes`)
})
