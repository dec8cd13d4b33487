// flywheel-sdk/react as apps use it: strict mode, server rendering, hot reload.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { build } from "esbuild"
import { blankSite } from "../support/blank.mjs"
import { listen, required } from "../support/browser.mjs"

const here = blankSite("react")
let folder, script, html

/** One of react/, with React in its development form, where it looks for mistakes. */
async function bundled(entry, { platform, format }) {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "react", entry)],
    bundle: true,
    write: false,
    platform,
    format,
    jsx: "automatic",
    alias: { "flywheel-sdk/react": join(required("FLYWHEEL_PKG"), "react.js") },
    nodePaths: [join(import.meta.dirname, "../../node_modules")],
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
  })
  return outputFiles[0].text
}

before(async () => {
  script = await bundled("page.jsx", { platform: "browser", format: "iife" })
  folder = mkdtempSync(join(tmpdir(), "flywheel-react-"))
  writeFileSync(join(folder, "server.cjs"), await bundled("server.jsx", { platform: "node", format: "cjs" }))
  html = createRequire(import.meta.url)(join(folder, "server.cjs")).html()
})
after(() => folder && rmSync(folder, { recursive: true, force: true }))

/** A page with the pieces, and `given` in its root; gives what `run` gives. React's complaints fail the test. */
async function visit(run, given = "") {
  const context = await here.browser.newContext()
  const page = await context.newPage()
  const complaints = listen(page)
  await page.route("**/app.html", (route) =>
    route.fulfill({ contentType: "text/html", body: `<!doctype html><meta charset="utf-8"><title>React</title><div id="root">${given}</div>` }))
  await page.route("**/app.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }))
  await page.goto(`${here.site.origin}/app.html`)
  await page.addScriptTag({ url: "/app.js" })
  await page.evaluate(async () => {
    globalThis.root = document.querySelector("#root")
    globalThis.opened = []
    globalThis.ended = []
    const { Flywheel } = await import("/pkg/index.js")
    /** Opens, and writes down who is opened, who is closed, and how often is ranked. */
    globalThis.open = async () => {
      const fw = await Flywheel.open({ app: "react", epsilon: 0, seed: 1 })
      const [rank, close] = [fw.rank.bind(fw), fw.close.bind(fw)]
      fw.ranked = 0
      fw.rank = (request) => (fw.ranked++, rank(request))
      fw.close = () => (ended.push(fw), close())
      opened.push(fw)
      return fw
    }
    /** Strict only at the root are effects run twice. */
    globalThis.strictly = (...given) => createElement(StrictMode, null, createElement(...given))
    /** When a condition holds, looked at after each task. */
    globalThis.until = async (holds) => {
      for (let left = 2_000; !holds(); left--) {
        if (left === 0) throw new Error(`never: ${holds}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    globalThis.ready = () => document.querySelector("[data-decision]") !== null
    globalThis.press = (name) => [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name).click()
    globalThis.items = () => [...document.querySelectorAll("li")].map(({ textContent }) => textContent)
    globalThis.decision = () => document.querySelector("article").dataset.decision
    /** What is expected of the first of what would be shown now. */
    globalThis.expected = (fw) => fw.rank({ surface: "style", context: { topic: "code" }, candidates: styles }).scores[0]
    /** Likes lists so much that they come first from now on. */
    globalThis.likeLists = (fw) => {
      for (let at = 0; at < 20; at++) {
        const made = fw.rank({ surface: "style", context: { topic: "code" }, candidates: styles })
        fw.thumb(made, made.best === "list" ? "up" : "down")
      }
      fw.ranked = 0
    }
  })
  const value = await page.evaluate(run)
  await context.close()
  assert.deepEqual(complaints, [])
  return value
}

test("under strict mode one page is opened and one decision made", async () => {
  const found = await visit(async () => {
    const root = createRoot(globalThis.root)
    root.render(strictly(App, { open }))
    await until(ready)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const [fw] = opened
    const mounted = { opened: opened.length, closed: ended.length, ranked: fw.ranked, said: document.querySelector("output").textContent }
    // Another render is the same request, though all of it is made anew.
    root.render(strictly(App, { open: () => open(), children: createElement(Answer, { candidates: structuredClone(styles) }) }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const again = { opened: opened.length, ranked: fw.ranked }
    root.unmount()
    await until(() => ended.length === 1)
    return { mounted, again, opened: opened.length }
  })
  assert.deepEqual(found, {
    mounted: { opened: 1, closed: 0, ranked: 1, said: "open" },
    again: { opened: 1, ranked: 1 },
    opened: 1,
  })
})

test("a thumb is learned and shown, pressing again takes it back, and the order changes only when asked", async () => {
  const found = await visit(async () => {
    createRoot(globalThis.root).render(strictly(App, { open }))
    await until(ready)
    const [fw] = opened
    const given = () => document.querySelector("article").dataset.given
    const seen = []
    press("Good")
    await until(() => given() === "up")
    seen.push(fw.status().signals)
    press("Good")
    await until(() => given() === "")
    seen.push(expected(fw))
    press("Bad")
    await until(() => given() === "down")
    const before = [items(), decision()]
    likeLists(fw)
    const meanwhile = [items(), decision()]
    press("Anew")
    await until(() => decision() !== before[1])
    const anew = items()
    const untouched = given()
    press("Again")
    return { seen, still: JSON.stringify(before) === JSON.stringify(meanwhile), first: anew[0], count: anew.length, untouched, attempt: next.attempt }
  })
  assert.deepEqual(found, { seen: [1, 0.5], still: true, first: "As list", count: 3, untouched: "", attempt: 2 })
})

test("what is known already is shown before anything is painted", async () => {
  const found = await visit(async () => {
    const fw = await open()
    likeLists(fw)
    const root = createRoot(globalThis.root)
    root.render(strictly(FlywheelProvider, { flywheel: fw }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    root.render(strictly(FlywheelProvider, { flywheel: fw }, createElement(Answer)))
    // What stands there when the task ends that put it there: nothing is painted before.
    const seen = []
    await new Promise((resolve) => {
      const look = () => (seen.push(items()[0]), seen.length < 5 ? requestAnimationFrame(look) : resolve())
      new MutationObserver((_, watch) => (watch.disconnect(), look())).observe(globalThis.root, { childList: true, subtree: true })
    })
    root.unmount()
    await new Promise((resolve) => setTimeout(resolve, 20))
    return { seen: [...new Set(seen)], closed: ended.length, ranked: fw.ranked }
  })
  assert.deepEqual(found, { seen: ["As list"], closed: 0, ranked: 1 })
})

test("a server renders the app's own order and the browser takes it over", async () => {
  assert.match(html, /<ol><li>As plain<\/li><li>As list<\/li><li>As long<\/li><\/ol>/)
  assert.match(html, /<output>closed<\/output>/)
  const found = await visit(async () => {
    const before = await open()
    likeLists(before)
    await before.close()
    const served = items()
    const mistakes = []
    hydrateRoot(globalThis.root, strictly(App, { open }), { onRecoverableError: (error) => mistakes.push(String(error)) })
    await until(ready)
    return { served, mistakes, first: items()[0] }
  }, html)
  assert.deepEqual(found, { served: ["As plain", "As list", "As long"], mistakes: [], first: "As list" })
})

test("hot reload keeps the page and the decision, and a component that starts anew finds what was learned", async () => {
  const found = await visit(async () => {
    // A component as the development server registers it: twice the same, then with other hooks.
    const version = (name, key, extra) => {
      const made = () => {
        if (extra) useState(0)
        return createElement(FlywheelProvider, { open }, createElement("h1", null, name), createElement(Answer))
      }
      runtime.register(made, "Page")
      runtime.setSignature(made, key)
      return made
    }
    const first = version("one", "a")
    createRoot(globalThis.root).render(strictly(first))
    await until(ready)
    press("Good")
    const made = decision()
    const title = () => document.querySelector("h1").textContent
    version("two", "a")
    runtime.performReactRefresh()
    await until(() => title() === "two")
    await new Promise((resolve) => setTimeout(resolve, 30))
    const kept = { opened: opened.length, closed: ended.length, same: decision() === made, given: document.querySelector("article").dataset.given }
    version("three", "b", true)
    runtime.performReactRefresh()
    await until(() => title() === "three" && ended.length === 1 && opened.length === 2 && ready())
    return { kept, closed: ended[0] === opened[0], signals: opened[1].status().signals, learned: expected(opened[1]) > 0.5 }
  })
  assert.deepEqual(found, { kept: { opened: 1, closed: 0, same: true, given: "up" }, closed: true, signals: 1, learned: true })
})

test("what is said before the page is open waits for it", async () => {
  const found = await visit(async () => {
    const before = await open()
    const stored = before.rank({ surface: "style", candidates: styles })
    await before.thumb(stored, "up").saved
    await before.close()
    let go
    const gate = new Promise((resolve) => (go = resolve))
    const provider = { open: () => gate.then(open) }
    function Yesterday() {
      const { given, down } = useFeedback(stored.id, "up")
      return createElement("button", { onClick: down, "data-given": given }, "Bad")
    }
    createRoot(globalThis.root).render(strictly(App, provider, createElement(Yesterday)))
    const button = () => document.querySelector("button")
    await until(() => button() !== null)
    const initially = button().dataset.given
    press("Bad")
    await until(() => button().dataset.given === "down")
    const meanwhile = opened.length
    go()
    await until(() => opened[1]?.status().signals === 2)
    return { initially, meanwhile }
  })
  assert.deepEqual(found, { initially: "up", meanwhile: 1 })
})

test("a mistake goes to onError, and the app lives on in its own order", async () => {
  const found = await visit(async () => {
    const errors = []
    const onError = (error) => errors.push(error.code ?? error.message)
    const show = (root, props, answer) => root.render(strictly(App, { onError, ...props }, createElement(Answer, answer)))
    const root = createRoot(globalThis.root)
    show(root, { open }, { surface: "" })
    await until(() => errors.length > 0)
    const broken = items()
    show(root, { open }, { candidates: [] })
    await until(() => items().length === 0)
    show(root, { open }, {})
    await until(ready)
    root.unmount()
    const other = createRoot(globalThis.root)
    show(other, { open: () => { throw new Error("no") } }, {})
    await until(() => errors.includes("no"))
    return { codes: [...new Set(errors)], broken, unopened: items() }
  })
  const own = ["As plain", "As list", "As long"]
  assert.deepEqual(found, { codes: ["invalid_name", "no"], broken: own, unopened: own })
})

test("outside a provider the hooks keep the app's own order and say so once", async () => {
  const found = await visit(async () => {
    const warnings = []
    console.warn = (words) => warnings.push(words)
    createRoot(globalThis.root).render([1, 2].map((key) => createElement(Answer, { key })))
    await until(() => items().length === 6)
    press("Good")
    return { first: items()[0], warnings }
  })
  assert.equal(found.first, "As plain")
  assert.equal(found.warnings.length, 1)
  assert.match(found.warnings[0], /FlywheelProvider/)
})
