// What of a request reaches the server, and what of its answer the page: the same for every framework.

/** Where `npx flywheel-server` listens if nobody says otherwise. */
export const SERVER = "http://127.0.0.1:8787"

/** What pages ask for, and nothing else: no admin route, no figures. */
const ROUTES = { POST: /^\/v1\/(sync|erase|person)$/, GET: /^\/v1\/(head|weights\/[\w-]+\/[\w-]+)$/ }
/** Never a cookie, an `Authorization`, or an address that a client claims for itself. */
const REQUEST = ["accept", "accept-encoding", "content-type", "content-length", "if-none-match"]
const ANSWER = ["content-type", "content-encoding", "content-length", "cache-control", "etag", "retry-after", "vary"]

/** How long the server may take, in milliseconds; pages give up after 30 s. */
export const PATIENCE = 25_000

/** The address at the server, or nothing for what pages have no business with. `path` begins behind the mount. */
export function target(server, method, path) {
  const [pathname, query] = path.split("?")
  if (!ROUTES[method]?.test(pathname)) return undefined
  return new URL(server.replace(/\/+$/, "") + pathname + (query === undefined ? "" : `?${query}`))
}

/** Headers for the server. `address` is who speaks, as far as this side knows it by itself. */
export function forServer(get, address) {
  const headers = pick(REQUEST, get)
  if (address) headers["x-forwarded-for"] = address
  return headers
}

/** Headers for the page. */
export const forPage = (get) => pick(ANSWER, get)

function pick(names, get) {
  return Object.fromEntries(names.map((name) => [name, get(name)]).filter(([, value]) => value !== undefined && value !== null))
}

/** A refusal as docs/protocol.md has it; pages try again by themselves. */
export function problem(status, code, detail) {
  return { type: `urn:flywheel:${code}`, status, code, detail, ...(status === 503 ? { retry_after_ms: 5_000 } : {}) }
}
export const NOT_FOUND = problem(404, "not_found", "pages have no business at this address")
export const UNAVAILABLE = problem(503, "unavailable", "flywheel-server does not answer: is it running?")
export const PROBLEM = { "content-type": "application/problem+json" }
