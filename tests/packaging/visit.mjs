// A page is opened in a browser; whatever it complains about is a failure.
import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { after, before } from "node:test"
import { listen, open, required } from "../support/browser.mjs"
import { sameChance } from "../support/chance.mjs"
import { serve } from "../support/static.mjs"
import { home } from "./project.mjs"

/** How long a page may take on a busy machine, dev servers that build on demand included, in milliseconds. */
const PATIENCE = 30_000

let browser
before(async () => {
  browser = await open()
})
after(() => browser?.close())

/**
 * Opens the address for a new person, and gives what `use` gives.
 * @param {(page: import("playwright-core").Page, asked: { url: string, status: number }[]) => Promise<any>} use
 *   what this person does there; `asked` is what the page has asked for so far
 */
export async function look(address, use) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } })
  try {
    await context.addInitScript(sameChance)
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE)
    const complaints = listen(page)
    const asked = []
    page.on("response", (response) => asked.push({ url: response.url(), status: response.status() }))
    await page.goto(address)
    const value = await use(page, asked).catch((error) => {
      throw new Error([error.stack, ...complaints].join("\n"))
    })
    assert.deepEqual(complaints, [])
    return value
  } finally {
    await context.close()
  }
}

/** Opens an app of the matrix; gives what it found, and what it asked for. */
export function visit(address) {
  return look(address, async (page, asked) => {
    const handle = await page.waitForFunction(() => globalThis.result)
    return { result: await handle.jsonValue(), asked }
  })
}

/** It opened, ranked, took a thumb that reached the disk, and has learned from it: the other one leads. */
export function hasLearned(result, storage = "indexeddb") {
  assert.equal(result.error, undefined)
  assert.deepEqual([...result.first].sort(), ["long", "short"])
  assert.deepEqual(result.then, [...result.first].reverse(), "the order after a thumb down")
  assert.deepEqual([result.storage, result.saved, result.signals], [storage, storage === "memory" ? "memory" : "saved", 1])
}

/** A folder of built files, as any server would serve it. */
export async function visitFolder(folder, path = "/", mounts = {}) {
  const site = await serve(folder, mounts)
  try {
    return await visit(site.origin + path)
  } finally {
    await site.close()
  }
}

/** Nothing that axe finds fault with, in light and in dark; a picture of each is kept for people to look at. */
export async function isAccessible(page, name) {
  const axe = createRequire(join(home, "package.json")).resolve("axe-core/axe.min.js")
  await page.addScriptTag({ path: axe })
  const pictures = join(required("FLYWHEEL_TARGET"), "examples")
  mkdirSync(pictures, { recursive: true })
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) })
    const { violations } = await page.evaluate(() => globalThis.axe.run())
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ""}`).join("\n  ")}`)
    assert.deepEqual(found, [], `${name} in ${colorScheme}`)
  }
}
