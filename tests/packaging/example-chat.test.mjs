// examples/chat: built by Vite, with the stub of a model behind it.
import assert from "node:assert/strict"
import { before, test } from "node:test"
import { join } from "node:path"
import { example } from "./examples.mjs"
import { close, modules, program, tool } from "./project.mjs"
import { isAccessible, look } from "./visit.mjs"

let folder
before(async () => {
  folder = await example("chat")
  const said = await program(folder, "vite", ["build", "--logLevel", "warn"])
  assert.equal(said, "")
})

/** Asks, and waits until the answer has streamed; gives its style and its text. */
async function ask(page, question) {
  await page.getByLabel("Your question").fill(question)
  await page.getByRole("button", { name: "Ask" }).click()
  return settled(page)
}

async function settled(page) {
  const article = page.locator("article").last()
  await page.waitForFunction(() => [...document.querySelectorAll("article")].at(-1)?.ariaBusy === "false")
  return { style: await article.locator("small").textContent(), text: await article.locator(".text").textContent() }
}

async function preview(use) {
  const { preview } = await tool("vite")
  const server = await preview({ root: folder, logLevel: "error", preview: { host: "127.0.0.1", port: 0 } })
  try {
    await look(`http://127.0.0.1:${server.httpServer.address().port}/`, use)
  } finally {
    await close(server)
  }
}

test("example chat: one module is in the output", () => {
  assert.equal(modules(join(folder, "dist")).length, 1)
})

test("example chat: answers stream, a thumb down changes the next style, another attempt and an edit are taken, a reload keeps it all", async () => {
  await preview(async (page) => {
    await page.getByRole("button", { name: "Why is the sky blue?" }).click()
    const lengths = []
    while ((await page.locator("article").getAttribute("aria-busy")) === "true") {
      lengths.push((await page.locator(".text").textContent()).length)
      await page.waitForTimeout(20)
    }
    assert.ok(new Set(lengths).size > 2, `it came at once: ${lengths}`)
    const first = await settled(page)

    await page.getByRole("button", { name: "Bad answer" }).click()
    await page.getByRole("button", { name: "Close" }).click()
    const second = await ask(page, "How can I sleep better?")
    assert.notEqual(second.style, first.style)

    await page.getByRole("button", { name: "Try again" }).last().click()
    await page.waitForFunction(() => document.body.textContent.includes("attempt 2"))
    const third = await settled(page)
    assert.match(third.style, /attempt 2/)

    await page.getByRole("button", { name: "Edit" }).last().click()
    await page.getByLabel("The answer, as you want it").last().fill("Get up at seven.")
    await page.getByRole("button", { name: "Save" }).last().click()
    assert.equal((await settled(page)).text, "Get up at seven.")

    await page.getByRole("button", { name: "Good answer" }).last().click()
    await isAccessible(page, "chat")
    await page.reload()
    assert.equal((await settled(page)).text, "Get up at seven.")
    // The thumb on yesterday's answer still stands, and can be taken back.
    const up = page.getByRole("button", { name: "Good answer" }).last()
    await page.waitForFunction(() => document.querySelector("flywheel-feedback")?.flywheel)
    assert.equal(await up.getAttribute("aria-pressed"), "true")
    await up.click()
    assert.equal(await up.getAttribute("aria-pressed"), "false")
  })
})
