// Laws of `POST v1/sync`: what becomes of each signal.
import assert from "node:assert/strict"
import { id, secret, signal } from "./client.mjs"

/** The verdicts of an answer that must be a good one. */
export function verdicts({ status, body, bytes }, count) {
  assert.equal(status, 200, `status ${status}: ${bytes.subarray(0, 200)}`)
  assert.equal(body?.v, 1, "v")
  assert.ok(Number.isSafeInteger(body.server_time), "server_time is milliseconds")
  assert.ok(Array.isArray(body.results), "results is a list")
  assert.equal(body.results.length, count, "one verdict for each signal")
  return body.results
}

function isOk(verdict, id) {
  assert.equal(verdict.id, id, "a verdict names its signal")
  assert.equal(verdict.outcome, "ok", JSON.stringify(verdict))
  assert.ok(Number.isSafeInteger(verdict.seq) && verdict.seq > 0, "seq is a number from 1")
  assert.match(verdict.taught, /^[A-Za-z0-9+/]*={0,2}$/, "taught is base64")
}

const bad = {
  null: null,
  "a number": 7,
  "an id that is none": signal({ id: "1" }),
  "no id": signal({ id: undefined }),
  "a time in words": signal({ at: "yesterday" }),
  "no decision": signal({ decision: undefined }),
  "no surface": signal({ surface: undefined }),
  "a surface of 65 characters": signal({ surface: "x".repeat(65) }),
  "an empty surface": signal({ surface: "" }),
  "no feedback": signal({ feedback: undefined }),
  "a feedback that is none": signal({ feedback: { thumb: "sideways" } }),
  "a reward above 1": signal({ feedback: { reward: { value: 2 } } }),
  "a weight": signal({ weight: 2 }),
}

export const batches = {
  "a batch is taken: a verdict for each signal, in their order, with rising seq": async ({ sync }) => {
    const sent = [signal(), signal(), signal()]
    const found = verdicts(await sync(sent), 3)
    found.forEach((verdict, at) => isOk(verdict, sent[at].id))
    assert.ok(found[0].seq < found[1].seq && found[1].seq < found[2].seq, "seq rises")
  },

  "an empty batch just asks": async ({ sync }) => void verdicts(await sync([]), 0),

  "every kind of feedback is taken": async ({ sync }) => {
    const over = { id: "long", features: { style: "long" } }
    const said = [
      { thumb: "up" }, { thumb: "down" }, "retract", "regenerate", { prefer: { over } },
      { correction: { share: 0.2 } }, { reward: { value: 0.7, reason: "copied" } }, { reward: { value: 0 } },
    ]
    const sent = said.map((feedback) => signal({ feedback }))
    verdicts(await sync(sent), sent.length).forEach((verdict, at) => isOk(verdict, sent[at].id))
  },

  "what may be left out may be left out, and fields that are not known are ignored": async ({ sync }) => {
    const sent = signal({ context: undefined, choice: undefined, later_versions: { say: "more" } })
    isOk(verdicts(await sync([sent], { later_versions: true }), 1)[0], sent.id)
  },

  "sent again it is a duplicate with the same seq and taught": async ({ post, batch }) => {
    const all = batch([signal(), signal()])
    const first = verdicts(await post("v1/sync", all), 2)
    const again = verdicts(await post("v1/sync", { ...all, request: id() }), 2)
    again.forEach((verdict, at) => assert.deepEqual(verdict, { ...first[at], outcome: "duplicate" }))
  },

  "twice in one batch it is taken once": async ({ sync }) => {
    const sent = signal()
    const found = verdicts(await sync([sent, sent]), 2)
    assert.deepEqual(found.map(({ outcome }) => outcome), ["ok", "duplicate"])
  },

  "the id of somebody else's signal is a duplicate that tells nothing": async ({ sync }) => {
    const sent = signal()
    await sync([sent])
    const [verdict] = verdicts(await sync([sent]), 1)
    assert.deepEqual(verdict, { id: sent.id, outcome: "duplicate" })
  },

  "one bad signal costs the good ones beside it nothing": async ({ sync }) => {
    const good = signal()
    for (const [what, wrong] of Object.entries(bad)) {
      const one = signal()
      const found = verdicts(await sync([one, wrong, { ...good, id: id() }]), 3)
      assert.deepEqual(found.map(({ outcome }) => outcome), ["ok", "rejected", "ok"], `beside ${what}`)
      assert.match(found[1].code ?? "", /^[a-z0-9_]+$/, `${what}: a code`)
    }
  },

  "a signal without an id is known by its place": async ({ sync }) => {
    const [, verdict] = verdicts(await sync([signal(), signal({ id: "?" })]), 2)
    assert.equal(verdict.id, "1")
  },

  "a signal of more than 45 days is too old": async ({ sync }) => {
    const at = Date.now() - 46 * 86_400_000
    const [verdict] = verdicts(await sync([signal({ at })]), 1)
    assert.equal(verdict.outcome, "too_old")
  },

  "256 signals are taken, 257 are too many": async ({ sync }) => {
    verdicts(await sync(Array.from({ length: 256 }, () => signal())), 256)
    return { problem: await sync(Array.from({ length: 257 }, () => signal())), status: 413, code: "batch_too_large" }
  },

  "weights, where there are any, are bytes that can be had": async ({ sync, ask }) => {
    verdicts(await sync([signal()]), 1)
    const { body } = await sync([])
    if (body.weights === undefined) return { skipped: "it gives none, so pages learn on the device alone" }
    const { version, seq, hash, delta, url } = body.weights
    assert.ok(version >= 1 && seq >= 0, "version and seq")
    assert.match(hash, /^[0-9a-f]{1,16}$/, "hash")
    const bytes = delta === undefined ? (await ask(url)).bytes : Buffer.from(delta, "base64")
    assert.equal(bytes.subarray(0, 4).toString(), "FWW1")
  },

  "an erased person is gone for good, and nobody else": async ({ post, sync, key }) => {
    const [mine, theirs] = [secret(), secret()]
    const kept = signal()
    await sync([signal(), signal()], { secret: mine })
    const before = verdicts(await sync([kept], { secret: theirs }), 1)
    const erase = () => post("v1/erase", { v: 1, key, secret: mine })
    const first = await erase()
    assert.deepEqual([first.status, first.body?.v, first.body?.signals], [200, 1, 2])
    const [late] = verdicts(await sync([signal()], { secret: mine }), 1)
    assert.equal(late.outcome, "erased", "a batch that was under way")
    const second = await erase()
    assert.deepEqual([second.status, second.body?.signals], [200, 0], "erasing twice is harmless")
    const [again] = verdicts(await sync([kept], { secret: theirs }), 1)
    assert.deepEqual(again, { ...before[0], outcome: "duplicate" }, "somebody else's")
  },
}
