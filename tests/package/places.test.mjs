// Where a page may run it: workers, frames without a storage, twice in one page. (Node without a browser: memory.test.mjs
// and panic.test.mjs.)
import assert from "node:assert/strict"
import { test } from "node:test"
import { blankSite } from "../support/blank.mjs"

const here = blankSite("places")

test("in dedicated and shared workers it keeps the profile of the page, and hears and tells", () =>
  here.visit(async (page) => {
    const script = `import { Flywheel } from "${here.site.origin}/pkg/index.js"
      const fw = await Flywheel.open({ app: "places", epsilon: 0 })
      const start = async (port) => {
        const saved = await fw.thumb(fw.rank({ surface: "s", candidates: [{ id: "a" }] }), "up").saved
        port.postMessage([saved, fw.status().storage])
        while (fw.status().signals < 3) await new Promise((resolve) => setTimeout(resolve, 5))
        port.postMessage("heard")
      }
      if (globalThis.onconnect === undefined) start(globalThis)
      else globalThis.take = start`
    const found = await page.evaluate(async (script) => {
      const { Flywheel } = await import("/pkg/index.js")
      const fw = await Flywheel.open({ app: "places", epsilon: 0 })
      const url = URL.createObjectURL(new Blob([script.replace("globalThis.onconnect === undefined", "true")], { type: "text/javascript" }))
      const shared = URL.createObjectURL(new Blob([`const ports = []; globalThis.onconnect = (e) => globalThis.take ? take(e.ports[0]) : ports.push(e.ports[0])
        ;(async () => { await import("${URL.createObjectURL(new Blob([script.replace("globalThis.onconnect === undefined", "false")], { type: "text/javascript" }))}"); ports.forEach((port) => take(port)) })()`], { type: "text/javascript" }))
      const said = (port) => new Promise((resolve) => (port.onmessage = (e) => resolve(e.data)))
      const dedicated = new Worker(url, { type: "module" })
      const one = await said(dedicated)
      const heardThere = said(dedicated)
      const { port } = new SharedWorker(shared, { type: "module" })
      const two = await said(port)
      const heardShared = said(port)
      while (fw.status().signals < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      fw.thumb(fw.rank({ surface: "s", candidates: [{ id: "a" }] }), "down")
      return [one, two, await heardThere, await heardShared, fw.status().signals]
    }, script)
    assert.deepEqual(found, [["saved", "indexeddb"], ["saved", "indexeddb"], "heard", "heard", 3])
  }))

test("in a service worker it opens, learns and saves", () =>
  here.visit(async (page, context) => {
    await context.route("**/worker.js", (route) => route.fulfill({
      contentType: "text/javascript",
      body: `import { Flywheel } from "/pkg/slim.js"
        addEventListener("message", ({ data, source }) => void (async () => {
          await Flywheel.init(data)
          const fw = await Flywheel.open({ app: "places", epsilon: 0 })
          const saved = await fw.thumb(fw.rank({ surface: "s", candidates: [{ id: "a" }] }), "up").saved
          source.postMessage([saved, fw.status().storage, fw.status().signals])
        })().catch((error) => source.postMessage(String(error))))`,
    }))
    const found = await page.evaluate(async () => {
      await navigator.serviceWorker.register("/worker.js", { type: "module" })
      const { active } = await navigator.serviceWorker.ready
      const said = new Promise((resolve) => (navigator.serviceWorker.onmessage = (e) => resolve(e.data)))
      active.postMessage(await (await fetch("/pkg/flywheel_bg.wasm")).arrayBuffer())
      return said
    })
    assert.deepEqual(found, ["saved", "indexeddb", 1])
  }))

test("in a sandboxed frame, where asking for any storage throws, it learns in memory and says so", () =>
  here.visit(async (page) => {
    const found = await page.evaluate(async (origin) => {
      const frame = document.createElement("iframe")
      frame.sandbox = "allow-scripts"
      frame.srcdoc = `<script type="module">
        onerror = (what) => parent.postMessage(what, "*")
        const { Flywheel } = await import("${origin}/pkg/inline.js")
        const fw = await Flywheel.open({ app: "places", epsilon: 0 })
        const saved = await fw.thumb(fw.rank({ surface: "s", candidates: [{ id: "a" }] }), "up").saved
        const { storage, storageReason, signals } = fw.status()
        await fw.forget()
        parent.postMessage([saved, storage, storageReason, signals, fw.status().signals], "*")
      <\/script>`
      const said = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data)))
      document.body.append(frame)
      return said
    }, here.site.origin)
    assert.deepEqual(found, ["memory", "memory", "SecurityError", 1, 0])
  }))

test("opened twice in one page, as React's strict mode does, both know the same, each thing once", () =>
  here.visit(async (page) => {
    const found = await page.evaluate(async () => {
      const { Flywheel } = await import("/pkg/index.js")
      const open = () => Flywheel.open({ app: "places", epsilon: 0 })
      const ask = { surface: "s", candidates: [{ id: "a" }] }
      const opening = open()
      // Mounted, unmounted at once, mounted again; the first one is closed when it comes.
      void opening.then((fw) => fw.close())
      const [one, two] = await Promise.all([open(), open()])
      await Promise.all([one.thumb(one.rank(ask), "up").saved, two.thumb(two.rank(ask), "up").saved])
      while (one.status().signals + two.status().signals < 4) await new Promise((resolve) => setTimeout(resolve, 5))
      const known = [one.rank(ask).scores[0], two.rank(ask).scores[0]]
      await Promise.all([one.close(), two.close()])
      const three = await open()
      return [known, three.rank(ask).scores[0], three.status().signals]
    })
    const [known, later, signals] = found
    assert.deepEqual([known[0], later, signals], [known[1], known[0], 2])
  }))
