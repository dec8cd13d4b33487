// The body of a request: docs/protocol.md, "No preflight" and "Limits". What its type says does not matter.
import { gunzipSync } from "node:zlib"

/** An answer that is a problem. */
export function refuse(status, code) {
  throw Object.assign(new Error(`refused: ${code}`), { status, code })
}

/** The JSON of a body, gzipped or not. */
export async function read(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    // Read to its end, since who is cut off while sending does not hear the answer; but not kept.
    if (size <= 2 ** 20) chunks.push(chunk)
  }
  if (size > 2 ** 20) refuse(413, "body_too_large")
  const bytes = Buffer.concat(chunks)
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const plain = isGzip ? or(() => gunzipSync(bytes, { maxOutputLength: 2 ** 22 }), unzipped) : bytes
  const text = or(() => new TextDecoder("utf-8", { fatal: true }).decode(plain), () => refuse(400, "invalid_utf8"))
  return or(() => JSON.parse(text), () => refuse(400, "invalid_json")) ?? {}
}

function or(work, otherwise) {
  try {
    return work()
  } catch (error) {
    return otherwise(error)
  }
}

function unzipped({ code }) {
  if (code === "ERR_BUFFER_TOO_LARGE") refuse(413, "body_too_large")
  refuse(400, "invalid_json")
}
