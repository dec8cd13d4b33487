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
  const context = await here.browser.newContext({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, ...options })
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
    body: `:root { color-scheme: light dark; background: Canvas; font: 1rem/1.5 system-ui, sans-serif } main { max-width: 34rem; margin: 1.5rem auto }
      h1 { font-size: 1.25rem } flywheel-feedback:not(:defined) { display: flow-root; padding-block-end: 2.375rem }`,
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

/** What axe finds wrong, once nothing moves. */
async function wrong(page) {
  await page.evaluate(axe)
  await page.evaluate(() => Promise.all(element.shadowRoot.getAnimations().map(({ finished }) => finished)))
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any.map(({ message }) => message).join()}`))
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
      await page.mouse.move(0, 0)
      assert.deepEqual(await wrong(page), [])
      await shoot("edit")
    }, look))
}

test("what is pressed is learned before the event is told, and pressing again takes it back", () =>
  visit(async (page) => {
    await named(page, "Good answer").click()
    assert.equal(await said(page), "Thank you")
    assert.equal(await named(page, "Good answer").getAttribute("aria-pressed"), "true")
    const [once] = await page.evaluate(() => [fw.status().signals, heard])
    assert.equal(once, 1)
    await named(page, "Good answer").click()
    assert.equal(await said(page), "Taken back")
    const { told, scores, pressed } = await page.evaluate(() => ({
      told: heard.map(([name, { thumb, decision }]) => [name, thumb, decision.id === element.decision.id]),
      scores: rank().scores,
      pressed: element.thumb,
    }))
    assert.deepEqual(told, [["thumb", "up", true], ["thumb", null, true]])
    assert.deepEqual([scores, pressed], [[0.5, 0.5], null])
  }))

test("a reason goes with the thumb, one at a time, and can be kept from Flywheel", () =>
  visit(async (page) => {
    await page.evaluate(() => {
      globalThis.calls = []
      for (const name of ["thumb", "reward"]) {
        const own = fw[name].bind(fw)
        fw[name] = (decision, ...given) => (calls.push([name, ...given]), own(decision, ...given))
      }
    })
    const calls = () => page.evaluate(() => calls.splice(0))
    await named(page, "Bad answer").click()
    assert.equal(await named(page, "Bad answer").getAttribute("aria-expanded"), "true")
    await named(page, "Too long").click()
    assert.deepEqual(await calls(), [["thumb", "down"], ["reward", 0, "too_long"]])
    assert.equal(await named(page, "Bad answer").getAttribute("aria-expanded"), "false")
    assert.equal(await shown(page).locator("[part=reasons]").isVisible(), false)
    await page.evaluate(() => {
      element.decision = rank()
      element.addEventListener("flywheel-reason", (event) => event.preventDefault())
    })
    assert.equal(await named(page, "Bad answer").getAttribute("aria-pressed"), "false", "another answer, nothing said")
    await named(page, "Bad answer").click()
    assert.equal(await named(page, "Too long").getAttribute("aria-pressed"), "false")
    await named(page, "Too long").click()
    assert.deepEqual(await calls(), [["thumb", "down"]])
    assert.deepEqual(await page.evaluate(() => heard.filter(([name]) => name === "reason").map(([, { reason }]) => reason)), ["too_long", "too_long"])
  }))

test("another attempt is the next decision of the same request", () =>
  visit(async (page) => {
    await named(page, "Try again").click()
    const found = await page.evaluate(() => {
      const [[name, { decision, next }]] = heard
      return { name, before: decision.attempt, after: next.attempt, current: element.decision.id === next.id }
    })
    assert.deepEqual(found, { name: "again", before: 1, after: 2, current: true })
  }))

test("an edit begins with the text in its place, and teaches what was made of it", () =>
  visit(async (page) => {
    await named(page, "Edit").click()
    const editor = shown(page).getByRole("textbox")
    assert.equal(await editor.inputValue(), answer)
    assert.equal(await page.evaluate(() => moved()), false, "what stands below stays where it is")
    const apart = await editor.evaluate((editor) => {
      const top = editor.getBoundingClientRect().top + parseFloat(getComputedStyle(editor).paddingTop)
      return top - element.querySelector("p").getBoundingClientRect().top
    })
    assert.ok(Math.abs(apart) < 1, `the first line moved by ${apart} px`)
    await page.keyboard.press("Escape")
    assert.equal(await editor.isVisible(), false)
    await named(page, "Edit").click()
    await editor.fill("Air scatters blue light most.")
    await page.keyboard.press("Control+Enter")
    const { name, shown: was, corrected, signals } = await page.evaluate(() => ({ name: heard[0][0], ...heard[0][1], signals: fw.status().signals }))
    assert.deepEqual({ name, was, corrected, signals }, { name: "edit", was: answer, corrected: "Air scatters blue light most.", signals: 1 })
    assert.equal(await said(page), "Saved, thank you")
    assert.equal(await shown(page).evaluate((element) => element.shadowRoot.activeElement.part.contains("edit")), true, "the focus is back")
    await named(page, "Edit").click()
    await named(page, "Save").click()
    assert.equal(await page.evaluate(() => fw.status().signals), 1, "nothing was changed")
  }))

for (const [dir, forward] of [["ltr", "ArrowRight"], ["rtl", "ArrowLeft"]]) {
  test(`everything is reached by keyboard: ${dir}`, () =>
    visit(async (page) => {
      const focused = () => shown(page).evaluate((element) => element.shadowRoot.activeElement?.getAttribute("part"))
      await page.keyboard.press("Tab")
      assert.equal(await focused(), "button up")
      await page.keyboard.press(forward)
      assert.equal(await focused(), "button down")
      await page.keyboard.press("End")
      assert.equal(await focused(), "button edit")
      await page.keyboard.press(forward)
      assert.equal(await focused(), "button up", "round and round")
      await page.keyboard.press(forward)
      await page.keyboard.press("Enter")
      assert.equal(await shown(page).locator("[part=reasons]").isVisible(), true)
      assert.equal(await focused(), "button down", "the focus is not taken away")
      await page.keyboard.press("Tab")
      assert.equal(await focused(), "button close")
      await page.keyboard.press("Tab")
      await page.keyboard.press(forward)
      assert.equal(await shown(page).evaluate((element) => element.shadowRoot.activeElement.textContent), "Too long")
      assert.equal(await named(page, "Bad answer").getAttribute("aria-expanded"), "true")
      await page.keyboard.press("Escape")
      assert.equal(await named(page, "Bad answer").getAttribute("aria-expanded"), "false")
      assert.equal(await focused(), "button down")
      assert.equal(await shown(page).locator("[part=reasons]").isVisible(), false)
      await page.keyboard.press("Tab")
      assert.equal(await focused(), undefined, "one stop, then the page goes on")
    }, { dir }))
}

test("nothing on the page moves whatever is pressed", () =>
  visit(async (page) => {
    for (const name of ["Good answer", "Bad answer", "Not correct", "Try again", "Edit", "Cancel"]) {
      await named(page, name).click()
      assert.equal(await page.evaluate(() => moved()), false, name)
    }
  }))

test("where people want no motion there is none", async () => {
  const moving = (page) =>
    page.evaluate(() => {
      element.shadowRoot.querySelector("[part~=down]").click()
      return element.shadowRoot.getAnimations().length
    })
  assert.equal(await visit(moving, { options: { reducedMotion: "reduce" } }), 0)
  assert.ok((await visit(moving, { options: { reducedMotion: "no-preference" } })) > 0)
})

test("a strict policy lets it work and look as it should", () =>
  visit(async (page) => {
    await named(page, "Bad answer").click()
    const display = await shown(page).locator("[part=row]").evaluate((row) => getComputedStyle(row).display)
    assert.equal(display, "flex")
    await named(page, "Edit").click()
    assert.equal(await page.evaluate(() => moved()), false)
  }, { policy: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'" }))

test("what is set before the element is known counts, and what is pressed before the page is open waits", () =>
  visit(async (page) => {
    const found = await page.evaluate(async () => {
      const early = document.createElement("flywheel-feedback")
      const [made] = [Object.assign(document.createElement("x-late"), { decision: rank(), thumb: "up", texts: { up: "Yes" } })]
      const { FlywheelFeedback } = await import("/pkg/element.js")
      customElements.define("x-late", class extends FlywheelFeedback {})
      document.body.append(early, made)
      const up = made.shadowRoot.querySelector("[part~=up]")
      const rests = [up.disabled, up.ariaPressed, up.ariaLabel]
      let open
      made.flywheel = new Promise((resolve) => (open = resolve))
      const down = made.shadowRoot.querySelector("[part~=down]")
      down.click()
      const before = fw.status().signals
      open(fw)
      await made.flywheel
      await null
      return { rests, before, after: fw.status().signals, thumb: made.thumb }
    })
    assert.deepEqual(found, { rests: [true, "true", "Yes"], before: 0, after: 1, thumb: "down" })
  }))

test("what cannot be said is shown and told", () =>
  visit(async (page) => {
    await page.evaluate(() => (element.decision = "00000000-0000-7000-8000-000000000000"))
    await named(page, "Good answer").click()
    assert.equal(await said(page), "That did not work")
    assert.deepEqual(await page.evaluate(() => heard.map(([name, { error }]) => [name, error.code])), [["error", "unknown_decision"]])
    assert.equal(await named(page, "Good answer").getAttribute("aria-pressed"), "false")
  }))

test("the attribute says what is offered, and in which words", () =>
  visit(async (page) => {
    await page.evaluate(() => {
      element.setAttribute("actions", "again thumbs")
      element.setAttribute("texts", '{ "up": "Gut", "again": "Nochmal" }')
    })
    const names = await shown(page).locator("[part=bar] > button:visible").evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel))
    assert.deepEqual(names, ["Gut", "Bad answer", "Nochmal"])
  }))
