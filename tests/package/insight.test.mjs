// flywheel-sdk/insight: what it tells beyond the usual entry, and that both live with one storage.
import assert from "node:assert/strict"
import { test } from "node:test"
import { blankSite } from "../support/blank.mjs"

const { visit } = blankSite("insight")

const candidates = ["short", "list", "long"].map((id) => ({ id, features: { style: id } }))
const ask = { surface: "style", context: { topic: "code" }, candidates }
/** The same change twice, and what is to be offered then. */
const edits = ["What a color it has.", "My color is red."]
const text = "Any color, any time."
const offered = [{ from: "color", to: "colour", count: 2, at: 4 }]

test("a score is the sum of its terms, feedback becomes sentences, and some moments are worth asking", () =>
  visit(async (page) => {
    const found = await page.evaluate(async (ask) => {
      const { Flywheel } = await import("/pkg/insight.js")
      const fw = await Flywheel.open({ app: "told", epsilon: 0, seed: 7 })
      const policies = []
      for (const explore of [{ policy: "thompson", scale: 11 }, { policy: "thompson", scale: 0.2 }, { policy: "bonus" }, { policy: "squarecb", gamma: 50 }]) {
        const opened = Flywheel.open({ app: "told", storage: "memory", explore, seed: 7 })
        policies.push(await opened.then((other) => other.rank(ask).propensity, (error) => error.code))
      }
      const early = fw.hints()
      const asked = []
      for (let round = 0; round < 40; round++) {
        const decision = fw.rank(ask)
        asked.push(decision.worthAsking)
        fw.thumb(decision, decision.best === "list" ? "up" : "down")
      }
      const decision = fw.rank(ask)
      const why = ask.candidates.map(({ id }) => fw.explain(decision, id))
      const brief = fw.explain(decision.id, undefined, 1)
      fw.thumb(decision, "up")
      const later = fw.explain(decision)
      const errors = []
      for (const wrong of [() => fw.explain("no"), () => fw.explain(decision, "no"), () => fw.suggest(7)]) {
        try { wrong() } catch (error) { errors.push(error.code) }
      }
      const answered = fw.shown({ surface: "chat", answer: "Hello." }).worthAsking
      const again = fw.regenerate(decision).worthAsking
      const hints = fw.hints()
      const traits = fw.profile(4)
      await fw.close()
      const calls = [() => fw.profile(), () => fw.hints(), () => fw.explain(decision), () => fw.suggest("")]
      const closed = calls.map((call) => {
        try { return call() } catch (error) { return error.code }
      })
      return { early, asked, decision, why, brief, later, errors, answered, again, hints, traits, closed, policies }
    }, ask)
    const { decision, why, brief, later, hints, asked } = found
    const sum = ({ terms, rest }) => [...terms, rest].reduce((all, { everybody, own }) => all + everybody + own, 0)
    for (const one of [...why, brief, later]) assert.ok(Math.abs(sum(one) - one.logit) < 1e-9, JSON.stringify(one))
    for (const { candidate, probability, predicted, changed, logit } of why) {
      const score = decision.scores[decision.order.indexOf(candidate)]
      assert.ok(Math.abs(probability - score) < 1e-9, `${candidate}: ${probability}, shown ${score}`)
      assert.equal(Math.sign(logit), Math.sign(score - 0.5))
      assert.deepEqual([changed, predicted], [false, decision.scores[0]])
    }
    assert.equal(brief.candidate, decision.best)
    assert.equal(brief.terms.length, 1)
    const named = why.find(({ candidate }) => candidate === "list").terms.map(({ feature }) => feature)
    assert.ok(named.includes("style=list"), named.join())
    assert.equal(later.changed, true)
    assert.deepEqual(found.errors, ["unknown_decision", "unknown_candidate", "invalid_value"])
    assert.deepEqual(found.early, [])
    const likes = hints.find(({ feature, wanted }) => feature === "style=list" && wanted)
    assert.equal(likes?.text, "prefers style: list", JSON.stringify(hints))
    assert.ok(likes.confidence > 0.9 && likes.confidence < 1 && likes.signals >= 2, JSON.stringify(likes))
    assert.equal(found.traits.length, 4)
    const liked = found.traits.find(({ feature }) => feature === "style=list")
    assert.ok(liked?.weight > 0 && liked.uncertainty > 0 && liked.signals >= 2, JSON.stringify(found.traits))
    assert.equal(found.policies[0], "out_of_range")
    for (const propensity of found.policies.slice(1)) assert.ok(propensity > 0 && propensity <= 1, found.policies.join())
    assert.deepEqual(found.closed, ["closed", "closed", "closed", "closed"])
    const times = asked.filter(Boolean).length
    assert.ok(times >= 1 && times <= 16, `asked ${times} times in 40`)
    assert.deepEqual([typeof found.answered, typeof found.again], ["boolean", "boolean"])
  }))

/** Corrects and closes; what is offered before and after each correction. */
async function corrects({ edits, text, options }) {
  const { Flywheel } = await import("/pkg/insight.js")
  const fw = await Flywheel.open(options)
  const found = [fw.suggest(text)]
  for (const shown of edits) {
    const decision = fw.shown({ surface: "chat", answer: shown })
    await fw.correct(decision, { shown, corrected: shown.replace("color", "colour") }).saved
    found.push(fw.suggest(text))
  }
  await fw.close()
  return found
}

/** What is offered after a reload, and where it was kept. */
async function offers({ text, options }) {
  const { Flywheel } = await import("/pkg/insight.js")
  const fw = await Flywheel.open(options)
  const found = { offered: fw.suggest(text), storage: fw.status().storage }
  await fw.forget()
  const forgotten = fw.suggest(text)
  await fw.close()
  return { ...found, forgotten }
}

test("a change made twice is offered, also after a reload, and gone once forgotten", () =>
  visit(async (page) => {
    const options = { app: "edits" }
    assert.deepEqual(await page.evaluate(corrects, { edits, text, options }), [[], [], offered])
    await page.reload()
    const expected = { offered, storage: "indexeddb", forgotten: [] }
    assert.deepEqual(await page.evaluate(offers, { text, options }), expected)
  }))

test("the usual entry has none of it, and keeps what the other one stored when it stores an entry anew", () =>
  visit(async (page) => {
    await page.route("**/nowhere/**", (route) => route.abort())
    const options = { app: "both", consent: { share: true }, endpoint: "/nowhere", key: "pk_x", sync: { automatic: false } }
    assert.deepEqual((await page.evaluate(corrects, { edits, text, options })).at(-1), offered)
    await page.reload()
    const lean = await page.evaluate(async ({ ask, options }) => {
      const stored = async () => {
        const db = await new Promise((resolve) => (indexedDB.open(`flywheel:${options.app}`).onsuccess = (e) => resolve(e.target.result)))
        const all = await new Promise((resolve) => (db.transaction("entries").objectStore("entries").getAll().onsuccess = (e) => resolve(e.target.result)))
        db.close()
        return all.map(({ delivery }) => delivery.state)
      }
      const { Flywheel } = await import("/pkg/index.js")
      const before = await stored()
      const fw = await Flywheel.open(options)
      const decision = fw.rank(ask)
      const has = ["explain", "hints", "suggest"].filter((name) => name in fw)
      // What waited to be sent becomes local: the entries are stored anew.
      await fw.consent({ share: false })
      await fw.close()
      return { has, asks: "worthAsking" in decision, before, after: await stored() }
    }, { ask, options })
    assert.deepEqual(lean, { has: [], asks: false, before: ["pending", "pending"], after: ["local", "local"] })
    await page.reload()
    const { offered: found } = await page.evaluate(offers, { text, options: { app: "both" } })
    assert.deepEqual(found, offered)
  }))

test("ties in the given order keep a list as it is, and what is no tie or share is refused", () =>
  visit(async (page) => {
    const found = await page.evaluate(async () => {
      const { Flywheel } = await import("/pkg/insight.js")
      const list = Array.from({ length: 30 }, (_, at) => ({ id: `r${at}`, features: { kind: at % 3 ? "page" : "video" } }))
      const about = async (options, say) => {
        const fw = await Flywheel.open({ app: "ties", storage: "memory", epsilon: 0, seed: 3, ...options })
        for (let n = 0; n < (say ?? 0); n++) fw.prefer(fw.rank({ surface: "s", candidates: list }), "r1")
        const { order, propensity, heldOut } = fw.rank({ surface: "s", candidates: list })
        await fw.close()
        return { order: order.map((id) => Number(id.slice(1))), propensity, heldOut }
      }
      const code = (options) => about(options).then(() => "taken", (error) => error.code)
      return {
        given: await about({ ties: "given" }), random: await about({ ties: "random" }), usual: await about({}),
        learned: await about({ ties: "given" }, 3), alone: await about({ holdOut: 1 }),
        codes: [await code({ ties: "any" }), await code({ holdOut: 2 }), await code({ holdOut: "all" })],
      }
    })
    const list = Array.from({ length: 30 }, (_, at) => at)
    assert.deepEqual(found.given, { order: list, propensity: 1, heldOut: false })
    assert.deepEqual(found.random, found.usual)
    assert.notDeepEqual(found.usual.order, list)
    assert.ok(Math.abs(found.usual.propensity - 1 / 30) < 1e-12)
    // Pages first, by what was said; among them, and among the videos, the app's own order.
    assert.deepEqual(found.learned.order, [...list.filter((at) => at % 3 > 0), ...list.filter((at) => at % 3 === 0)])
    assert.equal(found.learned.propensity, 1)
    assert.equal(found.alone.heldOut, false, "without an endpoint nobody is held out")
    assert.deepEqual(found.codes, ["invalid_value", "out_of_range", "invalid_value"])
  }))

test("an error in the background that nobody listens to is on the console once, with its code", () =>
  visit(async (page) => {
    const said = []
    page.on("console", (message) => message.type() === "warning" && said.push(message.text()))
    await page.route("**/nowhere/**", (route) => route.fulfill({ body: "no answer of an endpoint" }))
    const heard = await page.evaluate(async () => {
      const { Flywheel } = await import("/pkg/insight.js")
      const options = { storage: "memory", consent: { share: true }, endpoint: "/nowhere", key: "pk_x", sync: { count: 1, waitMs: 0 } }
      const failing = async (app, listen) => {
        const fw = await Flywheel.open({ app, ...options })
        let codes = []
        if (listen) fw.on("error", ({ code }) => codes.push(code))
        for (let tries = 0; tries < 200 && fw.status().failures < 2; tries++) await new Promise((resolve) => setTimeout(resolve, 20))
        const { failures } = fw.status()
        await fw.close()
        return { failures, codes }
      }
      return [await failing("listening", true), await failing("not")]
    })
    assert.ok(heard.every(({ failures }) => failures >= 2) && heard[0].codes.includes("invalid_json"), JSON.stringify(heard))
    assert.deepEqual(said, ["flywheel-sdk: invalid_json: the answer cannot be read"])
  }))
