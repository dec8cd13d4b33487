// One request and its answer.
import { flywheelError } from "./errors.js"
import type { ErrorCode, FlywheelError } from "./types.js"

/** Longest wait for an answer, in milliseconds. */
const PATIENCE_MS = 30_000
/** Shortest body that is worth packing, in characters. */
const WORTH_PACKING = 1_024

/** Why there is no answer: the HTTP status, or 0 for none. */
export class Refusal {
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  readonly retryAfterMs: number | undefined

  constructor(status: number, code: ErrorCode, detail: string, retryAfterMs?: number) {
    this.status = status
    this.code = code
    this.detail = detail
    this.retryAfterMs = retryAfterMs
  }

  get error(): FlywheelError {
    return flywheelError(this.code, this.detail)
  }
}

/** An answer that came and makes no sense; another one may. */
export const UNREADABLE = new Refusal(0, "invalid_json", "the answer cannot be read")

async function send(url: string, init: RequestInit): Promise<Response> {
  let response
  try {
    const signal = AbortSignal.timeout?.(PATIENCE_MS)
    response = await fetch(url, { ...init, credentials: "omit", ...(signal === undefined ? {} : { signal }) })
  } catch {
    throw new Refusal(0, "offline", "the endpoint could not be reached")
  }
  if (response.ok) return response
  // A problem+json says more, as far as it is one.
  const problem: unknown = await response.json().catch(() => undefined)
  // Readable on the page's own origin; others say it in the body.
  const seconds = Number(response.headers.get("retry-after"))
  const { code, detail, retry_after_ms: wait } = (problem ?? {}) as { code?: unknown; detail?: unknown; retry_after_ms?: unknown }
  throw new Refusal(
    response.status,
    typeof code === "string" ? (code as ErrorCode) : response.status === 404 ? "not_found" : "unavailable",
    typeof detail === "string" ? detail : `the endpoint answered ${response.status}`,
    typeof wait === "number" ? wait : seconds > 0 ? seconds * 1_000 : undefined,
  )
}

async function read(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw UNREADABLE
  }
}

/** Sends JSON and reads the answer. Neither text/plain, which a string is by itself, nor bytes, which have no type, ever
 * ask for a preflight. */
export async function post(url: string, body: unknown, keepalive = false): Promise<unknown> {
  const text = JSON.stringify(body)
  // A page that is being left has no time to pack.
  const pack = !keepalive && text.length >= WORTH_PACKING && globalThis.CompressionStream !== undefined
  return read(await send(url, { method: "POST", body: pack ? await gzip(text) : text, keepalive }))
}

function gzip(text: string): Promise<ArrayBuffer> {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer()
}

/** Asks for JSON. */
export async function get(url: string): Promise<unknown> {
  return read(await send(url, {}))
}

/** Asks for bytes. */
export async function bytes(url: string): Promise<Uint8Array> {
  const response = await send(url, {})
  return new Uint8Array(await response.arrayBuffer().catch(() => {
    throw UNREADABLE
  }))
}
