// Storage that is missing, slow, foreign or full: the page ranks and learns whatever happens, and says so.
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { test } from "node:test"
import { required } from "../support/browser.mjs"
import { blankSite } from "../support/blank.mjs"

const here = blankSite("storage")

/** A page whose storage was changed by `prepare` before anything else ran, and what `run` gives in it. */
const inPage = (prepare, run) =>
  here.visit(async (page) => {
    await page.evaluate(() => {
      globalThis.ask = { surface: "style", context: { topic: "code" }, candidates: [{ id: "a", features: { s: "a" } }, { id: "b", features: { s: "b" } }] }
    })
    return page.evaluate(run)
  }, prepare)

/** Opens, thumbs, and tells where it was kept. */
async function learns() {
  const { Flywheel } = await import("/pkg/index.js")
  const start = performance.now()
  const fw = await Flywheel.open({ app: "storage", epsilon: 0 })
  const opened = performance.now() - start
  const decision = fw.rank(ask)
  const receipt = fw.thumb(decision, "up")
  const saved = await receipt.saved
  const { storage, storageReason, signals, dropped, ready } = fw.status()
  await fw.close()
  return { storage, storageReason, saved, state: receipt.state, signals, dropped, ready, opened, unready: decision.unready }
}

test("a usual browser keeps the profile in IndexedDB", async () => {
  const { storage, storageReason, saved, state } = await inPage(undefined, learns)
  assert.deepEqual([storage, storageReason, saved, state], ["indexeddb", undefined, "saved", "saved"])
})

test("the app ranks before anything is asked of the storage that can wait", async () => {
  const asked = () => {
    globalThis.transactions = 0
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = function (...given) {
      globalThis.transactions++
      return transaction.apply(this, given)
    }
  }
  const found = await inPage(asked, async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const fw = await Flywheel.open({ app: "first" })
    const { unready } = fw.rank(ask)
    const before = transactions
    // Then it comes.
    await new Promise((resolve) => setTimeout(resolve, 100))
    const after = transactions
    await fw.close()
    return { unready, before, later: after > before }
  })
  assert.deepEqual(found, { unready: undefined, before: 1, later: true })
})

const missing = {
  "without IndexedDB": [() => Object.defineProperty(globalThis, "indexedDB", { value: undefined }), /no IndexedDB/],
  "where asking for it throws": [
    () => Object.defineProperty(globalThis, "indexedDB", { get() { throw new DOMException("no", "SecurityError") } }),
    /SecurityError/,
  ],
  "where opening it fails": [
    () => { IDBFactory.prototype.open = () => { throw new DOMException("no", "InvalidStateError") } },
    /InvalidStateError/,
  ],
}
for (const [where, [prepare, reason]] of Object.entries(missing)) {
  test(`${where} the profile is kept in memory, and the status says why`, async () => {
    const found = await inPage(prepare, learns)
    assert.deepEqual([found.storage, found.saved, found.state, found.signals], ["memory", "memory", "queued", 1])
    assert.match(found.storageReason, reason)
    assert.ok(found.opened < 900, `opened in ${found.opened} ms`)
  })
}

test("a database of a newer version is left alone", async () => {
  const newer = () =>
    new Promise((resolve) => {
      const request = indexedDB.open("flywheel:storage", 9)
      request.onupgradeneeded = () => request.result.createObjectStore("theirs")
      request.onsuccess = () => resolve(request.result.close())
    })
  const context = await here.browser.newContext()
  const page = await context.newPage()
  await page.goto(`${here.site.origin}/`)
  await page.evaluate(newer)
  const found = await page.evaluate(async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const fw = await Flywheel.open({ app: "storage" })
    fw.rank({ surface: "s", candidates: [{ id: "a" }] })
    const { storage, storageReason } = fw.status()
    await fw.close()
    const [{ version }] = await indexedDB.databases()
    return { storage, storageReason, version }
  })
  await context.close()
  assert.deepEqual(found, { storage: "memory", storageReason: "database_newer", version: 9 })
})

test("slow storage attaches later: the app's order until then, and what was said is learned and kept", async () => {
  const slow = () => {
    const open = IDBFactory.prototype.open
    IDBFactory.prototype.open = function (...given) {
      const request = {}
      setTimeout(() => {
        const real = open.apply(this, given)
        Object.defineProperty(request, "result", { get: () => real.result })
        Object.defineProperty(request, "transaction", { get: () => real.transaction })
        for (const event of ["onsuccess", "onerror", "onupgradeneeded"]) real[event] = (value) => request[event]?.(value)
      }, 2_000)
      return request
    }
  }
  const found = await inPage(slow, async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const start = performance.now()
    const fw = await Flywheel.open({ app: "slow", epsilon: 0 })
    const opened = performance.now() - start
    const early = fw.rank(ask)
    const opening = fw.status().storage
    const receipt = fw.thumb(early, "down")
    const saved = await receipt.saved
    const late = fw.rank(ask)
    const { storage, signals } = fw.status()
    await fw.close()
    return { opened, early, opening, saved, late, storage, signals }
  })
  assert.ok(found.opened >= 900 && found.opened < 1_700, `opened in ${found.opened} ms`)
  assert.deepEqual([found.early.unready, found.early.propensity, found.early.order], [true, 1, ["a", "b"]])
  assert.deepEqual([found.opening, found.saved, found.storage, found.signals], ["opening", "saved", "indexeddb", 1])
  assert.deepEqual([found.late.unready, found.late.best], [undefined, "b"])
})

test("a write that fails is said, and the page works on in memory", async () => {
  const full = () => { IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError") } }
  const found = await inPage(full, async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const fw = await Flywheel.open({ app: "full", epsilon: 0 })
    const errors = []
    fw.on("error", ({ code }) => errors.push(code))
    const saved = await fw.thumb(fw.rank(ask), "up").saved
    const later = await fw.thumb(fw.rank(ask), "up").saved
    const { storage, storageReason, signals } = fw.status()
    await fw.close()
    return { errors, saved, later, storage, storageReason, signals }
  })
  assert.deepEqual(found, {
    errors: ["storage_unavailable"],
    saved: "memory",
    later: "memory",
    storage: "memory",
    storageReason: "QuotaExceededError",
    signals: 2,
  })
})

test("a stored record that was damaged is counted and left, and the rest works", async () => {
  const context = await here.browser.newContext()
  const page = await context.newPage()
  await page.goto(`${here.site.origin}/`)
  const found = await page.evaluate(async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const ask = { surface: "s", candidates: [{ id: "a", features: { s: "a" } }, { id: "b", features: { s: "b" } }] }
    const fw = await Flywheel.open({ app: "damaged" })
    const decision = fw.rank(ask)
    fw.thumb(decision, "up")
    await fw.thumb(fw.rank(ask), "down").saved
    await fw.close()
    const db = await new Promise((resolve) => (indexedDB.open("flywheel:damaged").onsuccess = (e) => resolve(e.target.result)))
    const store = db.transaction("entries", "readwrite").objectStore("entries")
    const [first] = await new Promise((resolve) => (store.getAll().onsuccess = (e) => resolve(e.target.result)))
    await new Promise((resolve) => (store.put({ ...first, diff: "?" }).onsuccess = resolve))
    // Deeper than anything that is stored, in lists and in objects.
    let [lists, objects] = [[], {}]
    for (let n = 0; n < 40; n++) [lists, objects] = [[lists], { o: objects }]
    const id = (digit) => first.id.slice(0, -1) + digit
    const digits = ["0", "1", "2"].filter((digit) => id(digit) !== first.id)
    await new Promise((resolve) => (store.put({ ...first, id: id(digits[0]), delivery: lists }).onsuccess = resolve))
    await new Promise((resolve) => (store.put({ ...first, id: id(digits[1]), delivery: objects }).onsuccess = resolve))
    db.close()
    const again = await Flywheel.open({ app: "damaged" })
    const { storage, signals, dropped } = again.status()
    again.thumb(decision, null)
    await again.close()
    return { storage, signals, dropped }
  })
  await context.close()
  assert.deepEqual(found, { storage: "indexeddb", signals: 1, dropped: { corrupt: 3 } })
})

test("importing touches nothing that only a page has", () => {
  for (const entry of ["index", "slim", "inline", "insight", "insight-inline"]) {
    const names = execFileSync(process.execPath, [
      "--input-type=module",
      "--eval",
      `const m = await import(${JSON.stringify(join(required("FLYWHEEL_PKG"), `${entry}.js`))}); console.log(Object.keys(m).sort().join())`,
    ])
    assert.match(String(names), /Flywheel.*isFlywheelError/)
  }
})
