// Speaks to an endpoint as a page does, and makes what a page would send.
import { randomBytes } from "node:crypto"

/** An id of now: UUID version 7. */
export function id(at = Date.now()) {
  const hex = at.toString(16).padStart(12, "0") + randomBytes(10).toString("hex")
  const variant = "89ab"[parseInt(hex[16], 16) & 3]
  return [hex.slice(0, 8), hex.slice(8, 12), `7${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20, 32)].join("-")
}

/** A person who was never here before. */
export const secret = () => randomBytes(16).toString("hex")

/** A good signal, with what is given instead. */
export function signal(instead = {}) {
  return {
    id: id(),
    at: Date.now(),
    decision: id(),
    surface: "answer-style",
    context: { topic: "code", turns: 3, signed_in: true },
    shown: { id: "short", features: { style: "short", tags: ["list", "code"] } },
    choice: { order: ["short", "long"], propensity: 0.99, explored: false, prediction: 0.62, version: 0 },
    feedback: { thumb: "up" },
    ...instead,
  }
}

/** The endpoint, for one app. */
export function endpoint(base, key, origin) {
  const address = (path) => `${base.replace(/\/+$/, "")}/${path}`

  /** An answer; a rate limit is waited for, as a page does. */
  async function ask(path, options = {}, tries = 5) {
    const headers = { ...(origin ? { origin } : {}), ...options.headers }
    const asked = () => fetch(address(path), { redirect: "manual", signal: AbortSignal.timeout(10_000), ...options, headers })
    // A connection that was closed after the answer before is opened anew.
    const response = await asked().catch(asked)
    const bytes = Buffer.from(await response.arrayBuffer())
    let body
    try {
      body = JSON.parse(bytes)
    } catch {
      body = undefined
    }
    if (response.status === 429 && tries > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(body?.retry_after_ms ?? 1_000, 5_000)))
      return ask(path, options, tries - 1)
    }
    return { status: response.status, headers: response.headers, type: response.headers.get("content-type") ?? "", body, bytes }
  }

  const post = (path, body, headers = { "content-type": "text/plain;charset=UTF-8" }) =>
    ask(path, { method: "POST", body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body), headers })

  const batch = (signals, instead = {}) => ({
    v: 1,
    key,
    secret: secret(),
    request: id(),
    sent_at: Date.now(),
    model: "fw6.18",
    version: 0,
    consent: { learn: true, share: "granted", text: false },
    signals,
    ...instead,
  })

  return { origin, key, ask, post, batch, sync: (signals, instead) => post("v1/sync", batch(signals, instead)) }
}
