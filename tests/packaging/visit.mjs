// A page is opened in a browser and must have gone through the loop.
import assert from "node:assert/strict"
import { after, before } from "node:test"
import { listen, open } from "../support/browser.mjs"
import { serve } from "../support/static.mjs"

/** How long a page may take on a busy machine, dev servers that build on demand included, in milliseconds. */
const PATIENCE = 60_000

let browser
before(async () => {
  browser = await open()
})
after(() => browser?.close())

/**
 * Opens the address; gives what the page found and what it asked for. Whatever it complains about is a failure.
 * @param {(page: import("playwright-core").Page) => Promise<void>} [use] what a person does there
 */
export async function visit(address, use) {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const complaints = listen(page)
    const asked = []
    page.on("response", (response) => asked.push({ url: response.url(), status: response.status() }))
    await page.goto(address)
    const handle = await page.waitForFunction(() => globalThis.result, null, { timeout: PATIENCE }).catch((error) => {
      throw new Error(`${error.message}\n${complaints.join("\n")}`)
    })
    const result = await handle.jsonValue()
    await use?.(page)
    assert.deepEqual(complaints, [])
    return { result, asked }
  } finally {
    await context.close()
  }
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
