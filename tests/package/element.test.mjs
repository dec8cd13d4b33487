// <flywheel-feedback> as people use it: by mouse, keyboard and screen reader, in both directions, light and dark.
import assert from "node:assert/strict"
import { mkdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { blankSite } from "../support/blank.mjs"
import { listen, required } from "../support/browser.mjs"

const here = blankSite("element")
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
const shots = join(required("FLYWHEEL_TARGET"), "element")
mkdirSync(shots, { recursive: true })

const answer = "The sky is blue because air scatters short waves of light more than long ones."

/** A page with one answer in the element, and what `run` gives of it. */
async function visit(run, { options = {}, lang = "en", dir = "ltr", texts, policy } = {}) {
  const context = await here.browser.newContext({ viewport: { width: 640, height: 400 }, ...options })
  const page = await context.newPage()
  const complaints = listen(page)
  const meta = policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}">` : ""
  await page.route("**/element.html", (route) => route.fulfill({
    contentType: "text/html",
    body: `<!doctype html><html lang="${lang}" dir="${dir}"><meta charset="utf-8">${meta}<title>An answer</title>
      <link rel="stylesheet" href="/page.css"><main><h1>Why is the sky blue?</h1>
      <flywheel-feedback><p>${answer}</p></flywheel-feedback><p>What stands below.</p></main>`,
  }))
  await page.route("**/page.css", (route) => route.fulfill({
    contentType: "text/css",
    body: `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif } main { max-width: 34rem; margin: 1.5rem auto }
      h1 { font-size: 1.25rem } p { margin: 0 } flywheel-feedback:not(:defined) { display: block; padding-block-end: 2.25rem }`,
  }))
  await page.goto(`${here.site.origin}/element.html`)
  await page.evaluate(async (texts) => {
    const element = (globalThis.element = document.querySelector("flywheel-feedback"))
    const rect = () => JSON.stringify(document.querySelector("main > p").getBoundingClientRect())
    const before = rect()
    const { Flywheel } = await import("/pkg/index.js")
    await import("/pkg/element.js")
    if (texts) element.texts = texts
    globalThis.heard = []
    for (const name of ["thumb", "reason", "again", "edit", "error"]) {
      document.addEventListener(`flywheel-${name}`, ({ detail }) => heard.push([name, detail]))
    }
    globalThis.fw = await Flywheel.open({ app: "element", storage: "memory", epsilon: 0, seed: 1 })
    const candidates = ["short", "long"].map((id) => ({ id, features: { style: id } }))
    globalThis.rank = () => fw.rank({ surface: "style", candidates })
    element.flywheel = fw
    element.decision = rank()
    globalThis.moved = () => rect() !== before
  }, texts)
  const value = await run(page)
  await context.close()
  assert.deepEqual(complaints, [])
  return value
}

/** What axe finds wrong. */
async function wrong(page) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

const shown = (page) => page.locator("flywheel-feedback")
const named = (page, name) => shown(page).getByRole("button", { name, exact: true })
const said = (page) => shown(page).getByRole("status").textContent()

const looks = {
  light: {},
  dark: { options: { colorScheme: "dark" } },
  rtl: {
    lang: "he",
    dir: "rtl",
    texts: {
      up: "תשובה טובה", down: "תשובה לא טובה", again: "לנסות שוב", edit: "עריכה", why: "מה לא היה נכון?",
      reasons: { incorrect: "לא נכון", too_long: "ארוך מדי", too_short: "קצר מדי" }, thanks: "תודה", save: "שמירה", cancel: "ביטול",
    },
  },
}
for (const [name, look] of Object.entries(looks)) {
  test(`axe finds nothing in the element, whatever is open: ${name}`, () =>
    visit(async (page) => {
      const shoot = (what) => page.screenshot({ path: join(shots, `${name}-${what}.png`), animations: "disabled" })
      const buttons = shown(page).locator("[part~=button]")
      assert.deepEqual(await wrong(page), [])
      await shoot("rest")
      await buttons.nth(0).click()
      await shoot("up")
      await buttons.nth(1).click()
      assert.deepEqual(await wrong(page), [])
      await shoot("reasons")
      await buttons.nth(3).click()
      assert.deepEqual(await wrong(page), [])
      await shoot("edit")
    }, look))
}
