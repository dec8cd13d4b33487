// Laws of requests: types, bytes, sizes, origins, and what is refused as a whole.
import assert from "node:assert/strict"
import { gzipSync } from "node:zlib"
import { verdicts } from "./batches.mjs"
import { secret, signal } from "./client.mjs"

export const requests = {
  "it is well": async ({ ask }) => {
    const { status, bytes } = await ask("healthz")
    assert.deepEqual([status, bytes.toString().trim()], [200, "ok"])
  },

  "the type of the body does not matter": async ({ post, batch }) => {
    for (const type of ["text/plain;charset=UTF-8", "application/json", "application/octet-stream", "nonsense"]) {
      verdicts(await post("v1/sync", batch([signal()]), { "content-type": type }), 1)
    }
  },

  "a body that begins with 1f 8b is gzip": async ({ post, batch }) => {
    const [verdict] = verdicts(await post("v1/sync", gzipSync(JSON.stringify(batch([signal()])))), 1)
    assert.equal(verdict.outcome, "ok")
  },

  "any characters are taken": async ({ sync }) => {
    const [verdict] = verdicts(await sync([signal({ context: { "größe": "日本 🌀" } })]), 1)
    assert.equal(verdict.outcome, "ok")
  },

  "the head is told to a page whose person shares nothing": async ({ ask, key }) => {
    const { status, body } = await ask(`v1/head?key=${key}&version=0`)
    assert.deepEqual([status, body?.v, body?.results ?? []], [200, 1, []])
  },

  "a page of another origin may read the answer, of errors too, and OPTIONS is answered": async ({ origin, sync, post, ask }) => {
    if (origin === undefined) return { skipped: "--origin was not given" }
    const answers = [await sync([signal()]), await post("v1/sync", "{"), await ask("v1/sync", { method: "OPTIONS" })]
    for (const { status, headers } of answers) {
      assert.ok(["*", origin].includes(headers.get("access-control-allow-origin")), `no leave in the answer ${status}`)
    }
    assert.ok(answers[2].status < 300, `OPTIONS is answered with ${answers[2].status}`)
  },

  "what is no UTF-8 is refused": async ({ post }) => ({
    problem: await post("v1/sync", Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])), status: 400, code: "invalid_utf8",
  }),

  "what is no JSON is refused": async ({ post, batch }) => ({
    problem: await post("v1/sync", JSON.stringify(batch([signal()])).slice(0, -20)), status: 400, code: "invalid_json",
  }),

  "an empty body is refused": async ({ post }) => ({ problem: await post("v1/sync", ""), status: 400, code: "invalid_json" }),

  "another version of the protocol is refused": async ({ sync }) => ({
    problem: await sync([], { v: 2 }), status: 400, code: "unsupported_protocol",
  }),

  "a key that is not known is refused": async ({ sync }) => ({
    problem: await sync([], { key: "pk_ffffffffffffffffffffffffffffffff" }), status: 401, code: "invalid_key",
  }),

  "a key that is not known erases nobody": async ({ post }) => ({
    problem: await post("v1/erase", { v: 1, key: "pk_ffffffffffffffffffffffffffffffff", secret: secret() }), status: 401, code: "invalid_key",
  }),

  "a secret that is none is refused": async ({ sync }) => ({ problem: await sync([], { secret: "short" }), status: 422 }),

  "without consent the whole is refused, and nothing of it has counted": async ({ sync }) => {
    const mine = secret()
    const sent = signal()
    for (const consent of [{ learn: true, share: "denied" }, { learn: false, share: "granted" }, { learn: true, share: "ask" }]) {
      const problem = await sync([sent], { secret: mine, consent: { text: false, ...consent } })
      isProblem({ problem, status: 403, code: "share_refused" })
    }
    assert.equal(verdicts(await sync([sent], { secret: mine }), 1)[0].outcome, "ok")
  },

  "a body of more than 1 MiB is refused": async ({ post }) => ({
    problem: await post("v1/sync", " ".repeat(1_048_577 + 65_536)), status: 413, code: "body_too_large",
  }),

  "a body of more than 4 MiB behind gzip is refused": async ({ post }) => ({
    problem: await post("v1/sync", gzipSync(Buffer.alloc(5 * 1_048_576, " "))), status: 413, code: "body_too_large",
  }),

  "what is not there is not found": async ({ ask }) => ({ problem: await ask("v1/nothing"), status: 404, code: "not_found" }),

  "a signal is not sent by GET": async ({ ask }) => ({ problem: await ask("v1/sync"), status: 405, code: "method_not_allowed" }),
}

/** A refusal as docs/protocol.md has it. */
export function isProblem({ problem, status, code }) {
  assert.equal(problem.status, status, `status ${problem.status}: ${problem.bytes.subarray(0, 200)}`)
  assert.match(problem.type, /^application\/problem\+json/, "the type of a refusal")
  assert.equal(problem.body?.status, status, "status in the body")
  if (code !== undefined) assert.equal(problem.body.code, code)
  assert.match(problem.body.code ?? "", /^[a-z0-9_]+$/, "a code")
}
