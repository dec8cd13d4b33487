// A sync endpoint that collects, after docs/protocol.md: it stores and it answers. What learns is `flywheel serve`.
import { createHmac } from "node:crypto"
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { read, refuse } from "./body.mjs"
import { fault, isId } from "./signal.mjs"

const { PORT = "8787", KEY = "pk_example", SALT = "a secret of your own", FILE = "signals.jsonl" } = process.env
const text = existsSync(FILE) ? readFileSync(FILE, "utf8") : ""
const rows = text.split("\n").filter(Boolean).map((line) => JSON.parse(line))
const kept = new Map(rows.filter((row) => row.signal).map((row) => [row.signal.id, row]))
const gone = new Set(rows.flatMap((row) => row.erased ?? []))
let seq = rows.reduce((most, row) => Math.max(most, row.seq), 0)
const lines = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join("")

function judge(signal, place, person, sentAt) {
  const verdict = (outcome, more) => ({ id: isId(signal?.id) ? signal.id : String(place), outcome, ...more })
  const code = fault(signal ?? {})
  if (code) return verdict("rejected", { code, detail: "this is not a signal" })
  if (gone.has(person)) return verdict("erased")
  if (sentAt - signal.at > 45 * 86_400_000) return verdict("too_old")
  const known = kept.get(signal.id)
  if (known) return verdict("duplicate", known.person === person ? { seq: known.seq, taught: "" } : {})
  kept.set(signal.id, { seq: ++seq, person, signal })
  return verdict("ok", { seq, taught: "" })
}
function sync({ model, sent_at, signals, consent }, person) {
  if (typeof model !== "string" || !Number.isSafeInteger(sent_at) || !Array.isArray(signals)) refuse(422, "invalid_value")
  if (signals.length > 256) refuse(413, "batch_too_large")
  if (consent?.learn !== true || consent.share !== "granted") refuse(403, "share_refused")
  const results = signals.map((signal, place) => judge(signal, place, person, sent_at))
  const fresh = results.filter(({ outcome }) => outcome === "ok").map(({ id }) => kept.get(id))
  // What a disk refuses must not be answered for later: end, and begin anew from what is on it.
  try { appendFileSync(FILE, lines(fresh), { flush: true }) } catch { process.exit(1) }
  return { v: 1, server_time: Date.now(), results }
}
function erase(_, person) {
  const theirs = [...kept.values()].filter((row) => row.person === person && kept.delete(row.signal.id))
  writeFileSync(`${FILE}.new`, lines([{ seq, erased: [...gone.add(person)] }, ...kept.values()]), { flush: true })
  renameSync(`${FILE}.new`, FILE)
  return { v: 1, signals: theirs.length }
}
const head = () => ({ v: 1, server_time: Date.now(), results: [] })
const routes = { "/v1/sync": ["POST", sync], "/v1/erase": ["POST", erase], "/v1/head": ["GET", head], "/healthz": ["GET"] }

createServer(async (request, response) => {
  const headers = { "access-control-allow-origin": "*" }
  const answer = (status, type, body) => response.writeHead(status, { ...headers, "content-type": type }).end(body)
  const json = (status, type, body) => answer(status, `application/${type}`, JSON.stringify(body))
  try {
    const { pathname, searchParams } = new URL(request.url, "http://localhost")
    const [method, route] = Object.hasOwn(routes, pathname) ? routes[pathname] : refuse(404, "not_found")
    if (request.method === "OPTIONS") return answer(204, "text/plain")
    if (request.method !== method) refuse(405, "method_not_allowed")
    if (!route) return answer(200, "text/plain", "ok")
    const body = method === "POST" ? await read(request) : { v: 1, secret: "0".repeat(32), ...Object.fromEntries(searchParams) }
    if (body.v !== 1) refuse(400, "unsupported_protocol")
    if (body.key !== KEY) refuse(401, "invalid_key")
    if (!/^[\da-f]{32}$/i.test(body.secret)) refuse(422, "invalid_value")
    const person = createHmac("sha256", SALT).update(String(body.secret), "hex").digest("hex").slice(0, 32)
    json(200, "json", route(body, person))
  } catch ({ status = 500, code = "internal", message }) {
    json(status, "problem+json", { type: `urn:flywheel:${code}`, status, code, detail: message })
  }
}).listen(PORT, "127.0.0.1", function () { console.log(`listening on http://127.0.0.1:${this.address().port}`) })
