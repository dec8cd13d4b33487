// A site of one blank page beside the package, and a browser to open it in, for all tests of a file.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before } from "node:test"
import { listen, open, required } from "./browser.mjs"
import { serve } from "./static.mjs"

/** `{ browser, site }`, as `open` of browser.mjs takes its options, filled before the first test and let go of after the last. */
export function blankSite(name, options) {
  const here = {}
  let folder
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), `flywheel-${name}-`))
    writeFileSync(join(folder, "index.html"), `<!doctype html><title>${name}</title>`)
    here.site = await serve(folder, { "/pkg/": required("FLYWHEEL_PKG") })
    here.browser = await open(options)
  })
  after(async () => {
    await here.browser?.close()
    await here.site?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })
  /**
   * Runs in a new page of a browser context of its own, which takes `prepare` with it into every page; asserts that the
   * page did not complain.
   */
  here.visit = async (run, prepare) => {
    const context = await here.browser.newContext()
    if (prepare) await context.addInitScript(prepare)
    const page = await context.newPage()
    const complaints = listen(page)
    await page.goto(`${here.site.origin}/`)
    const value = await run(page, context)
    await context.close()
    assert.deepEqual(complaints, [])
    return value
  }
  return here
}
