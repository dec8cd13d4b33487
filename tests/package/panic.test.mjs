// The module breaks: its memory is overwritten, so that whatever is called next traps. A failure is: more than one call
// that throws, a signal that was handed to the storage and is gone, one that counts twice, a receipt that never settles.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { pathToFileURL } from "node:url"
import { required } from "../support/browser.mjs"
import { blankSite } from "../support/blank.mjs"

const here = blankSite("panic")

/** Before the package is loaded: `wreck()` overwrites the memory of each instance that was made. */
function capture() {
  const memories = []
  const keep = (instance) => {
    memories.push(Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory))
    return instance
  }
  const { instantiateStreaming, Instance } = WebAssembly
  WebAssembly.instantiateStreaming = async (...given) => {
    const made = await instantiateStreaming.apply(WebAssembly, given)
    keep(made.instance)
    return made
  }
  WebAssembly.Instance = function (...given) {
    return keep(new Instance(...given))
  }
  globalThis.wreck = () => new Uint8Array(memories.at(-1).buffer).fill(0xff)
  globalThis.ask = { surface: "style", candidates: ["a", "b"].map((id) => ({ id, features: { s: id } })) }
  globalThis.scores = (fw) => {
    const { order, scores } = fw.rank(ask)
    return ask.candidates.map(({ id }) => scores[order.indexOf(id)])
  }
  globalThis.codeOf = (call) => {
    try {
      call()
    } catch (error) {
      return error.code
    }
  }
  globalThis.ready = async (fw) => {
    while (!fw.status().ready || fw.status().storage === "opening") await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const inPage = (run) => here.visit((page) => page.evaluate(run), capture)

test("one call fails, then all goes on from the journal, in every open instance, time and again", async () => {
  const found = await inPage(async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const options = { epsilon: 0, consent: { text: true } }
    const [fw, other] = [await Flywheel.open({ app: "one", ...options }), await Flywheel.open({ app: "other", ...options })]
    const errors = []
    fw.on("error", ({ code }) => errors.push(code))
    const decision = fw.rank(ask)
    await fw.thumb(decision, "up").saved
    await other.thumb(other.rank(ask), "down").saved
    await fw.consent({ text: false })
    const before = [scores(fw), scores(other)]
    const rounds = []
    for (let round = 0; round < 3; round++) {
      wreck()
      rounds.push([codeOf(() => fw.rank(ask)), codeOf(() => fw.rank(ask)), codeOf(() => other.rank(ask))])
      await Promise.all([ready(fw), ready(other)])
    }
    const after = [scores(fw), scores(other)]
    const { signals, storage, consent } = fw.status()
    // What was decided before can be judged after, and is stored.
    const saved = await fw.thumb(decision, null).saved
    const taken = scores(fw)
    await fw.close()
    const again = await Flywheel.open({ app: "one", ...options })
    return { before, after, rounds, errors, signals, storage, text: consent.text, saved, taken, stored: again.status().signals }
  })
  assert.deepEqual(found.after, found.before)
  assert.deepEqual(found.rounds, Array(3).fill(["internal", undefined, undefined]))
  assert.deepEqual(found.errors, ["internal", "internal", "internal"])
  assert.deepEqual([found.signals, found.storage, found.text, found.saved], [1, "indexeddb", false, "saved"])
  assert.deepEqual([found.taken, found.stored], [[0.5, 0.5], 2])
})

test("what was handed to the storage survives, what was not says so", async () => {
  const found = await inPage(async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const fw = await Flywheel.open({ app: "one", epsilon: 0 })
    const handed = fw.thumb(fw.rank(ask), "up")
    await Promise.resolve()
    const lost = fw.thumb(fw.rank(ask), "up")
    wreck()
    const code = codeOf(() => fw.status())
    // In the meantime feedback waits, as before the storage is read for the first time.
    const decision = fw.rank(ask)
    const later = fw.thumb(decision, "up")
    await ready(fw)
    return { code, handed: await handed.saved, lost: [await lost.saved, lost.reason], unready: decision.unready, later: await later.saved, signals: fw.status().signals }
  })
  assert.deepEqual(found, { code: "internal", handed: "saved", lost: ["dropped", "internal"], unready: true, later: "saved", signals: 2 })
})

test("it breaks while nobody calls, and nobody is troubled", async () => {
  const found = await inPage(async () => {
    const { Flywheel } = await import("/pkg/index.js")
    const fw = await Flywheel.open({ app: "one", epsilon: 0 })
    const { saved } = fw.thumb(fw.rank(ask), "up")
    await saved
    fw.rank(ask)
    // The decision is stored in a moment.
    wreck()
    await new Promise((resolve) => setTimeout(resolve, 600))
    await ready(fw)
    return fw.status().signals
  })
  assert.equal(found, 1)
})

test("without a storage it begins from nothing, and works", async () => {
  const pkg = required("FLYWHEEL_PKG")
  const { Flywheel } = await import(pathToFileURL(join(pkg, "slim.js")))
  const module = new WebAssembly.Module(readFileSync(join(pkg, "flywheel_bg.wasm")))
  const { instantiate } = WebAssembly
  let memory
  WebAssembly.instantiate = async (...given) => {
    const instance = await instantiate.apply(WebAssembly, given)
    memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory)
    return instance
  }
  await Flywheel.init(module)
  WebAssembly.instantiate = instantiate
  const fw = await Flywheel.open({ app: "one", epsilon: 0 })
  const ask = { surface: "style", candidates: [{ id: "a" }] }
  fw.thumb(fw.rank(ask), "up")
  new Uint8Array(memory.buffer).fill(0xff)
  assert.throws(() => fw.rank(ask), { code: "internal" })
  assert.equal(fw.status().signals, 0)
  assert.equal(await fw.thumb(fw.rank(ask), "up").saved, "memory")
  assert.equal(fw.status().signals, 1)
  await fw.close()
})
