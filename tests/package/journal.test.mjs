// The journal over months. A failure is: a learned state that differs after entries went into a snapshot, an entry that
// goes while only one snapshot holds it, a damaged record that costs more than itself.
import assert from "node:assert/strict"
import { test } from "node:test"
import { blankSite } from "../support/blank.mjs"

const here = blankSite("journal")

/** In the page: its clock is `days` ahead, and `stored`, `change` look into the database. */
function prepare() {
  const real = Date.now
  globalThis.later = (days) => (Date.now = () => real() + days * 86_400_000)
  globalThis.ask = { surface: "style", candidates: ["a", "b", "c"].map((id) => ({ id, features: { s: id } })) }
  const of = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  globalThis.change = async (mode, call) => {
    const db = await of(indexedDB.open("flywheel:months"))
    const transaction = db.transaction(["entries", "meta"], mode)
    const value = await call(transaction.objectStore("entries"), transaction.objectStore("meta"), of)
    db.close()
    return value
  }
  globalThis.stored = () => change("readonly", async (entries, meta, of) => [await of(entries.count()), Boolean(await of(meta.get("past0"))), Boolean(await of(meta.get("past1")))])
  /** A visit: what is known, after saying something so many times. */
  globalThis.visit = async (thumbs) => {
    const { Flywheel } = await import("/pkg/index.js")
    const fw = await Flywheel.open({ app: "months", epsilon: 0, seed: 1 })
    for (let n = 0; n < thumbs; n++) fw.thumb(fw.rank(ask), n % 3 ? "up" : "down")
    const { order, scores } = fw.rank(ask)
    const { signals, dropped } = fw.status()
    // What goes in the background has gone by then.
    await new Promise((resolve) => setTimeout(resolve, 150))
    await fw.close()
    return { known: Object.fromEntries(order.map((id, at) => [id, scores[at]])), signals, dropped }
  }
}

const inPage = (run) => here.visit((page) => page.evaluate(run), prepare)

test("old entries go once two snapshots hold them, and what was learned stays to the bit", async () => {
  const found = await inPage(async () => {
    await visit(120)
    later(1)
    const one = await visit(0)
    const early = await stored()
    later(40)
    // The day is another one: what is known is compared on this day.
    const before = await visit(0)
    const first = await stored()
    await visit(120)
    later(80)
    const middle = await visit(0)
    const second = await stored()
    const after = await visit(0)
    return { one, early, before, first, middle, second, after }
  })
  assert.deepEqual(found.early, [120, false, false])
  assert.deepEqual(found.first, [120, false, true], "one snapshot holds them")
  assert.deepEqual(found.second, [120, true, true], "both hold the first 120, one holds the others")
  assert.deepEqual([found.one.signals, found.before.signals, found.middle.signals, found.after.signals], [120, 120, 240, 240])
  assert.deepEqual(found.after.known, found.middle.known)
  assert.deepEqual(found.after.dropped, {})
})

test("whichever snapshot is damaged, what was learned stays to the bit, and it is counted", async () => {
  const found = await inPage(async () => {
    await visit(120)
    later(40)
    await visit(120)
    later(80)
    await visit(0)
    const { known } = await visit(0)
    const found = []
    for (const slot of ["past0", "past1"]) {
      const whole = await change("readwrite", async (_, meta, of) => {
        const whole = await of(meta.get(slot))
        await of(meta.put(`${whole[0] === "x" ? "y" : "x"}${whole.slice(1)}`, slot))
        return whole
      })
      found.push(await visit(0))
      await change("readwrite", (_, meta, of) => of(meta.put(whole, slot)))
    }
    return { known, found }
  })
  for (const { known, signals, dropped } of found.found) {
    assert.deepEqual({ known, signals, dropped }, { known: found.known, signals: 240, dropped: { corrupt: 1 } })
  }
})

test("what version 2 stored is there after the upgrade", async () => {
  const found = await inPage(async () => {
    await visit(3)
    const { known } = await visit(0)
    const entries = await change("readonly", (entries, _, of) => of(entries.getAll()))
    await new Promise((resolve) => (indexedDB.deleteDatabase("flywheel:months").onsuccess = resolve))
    await new Promise((resolve) => {
      const request = indexedDB.open("flywheel:months", 2)
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore("entries", { keyPath: "id" })
        for (const entry of entries) store.put(entry)
        for (const name of ["decisions", "meta"]) request.result.createObjectStore(name)
      }
      request.onsuccess = () => resolve(request.result.close())
    })
    return [known, (await visit(0)).known]
  })
  assert.deepEqual(found[1], found[0])
})
