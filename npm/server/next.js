// For Next.js: a route handler in app/flywheel/[...path]/route.js.
import { NOT_FOUND, PATIENCE, PROBLEM, SERVER, UNAVAILABLE, forPage, forServer, target } from "./forward.js"

/** `export const { GET, POST } = flywheel()`. */
export function flywheel({ server = SERVER, clientAddress } = {}) {
  const refuse = (problem) => Response.json(problem, { status: problem.status, headers: PROBLEM })

  async function handle(request, { params }) {
    const { path } = await params
    const { search } = new URL(request.url)
    const url = target(server, request.method, `/${path.join("/")}${search}`)
    if (url === undefined) return refuse(NOT_FOUND)
    const { "accept-encoding": _, "content-length": __, ...headers } = forServer((name) => request.headers.get(name), clientAddress?.(request))
    const body = request.method === "POST" ? await request.arrayBuffer() : undefined
    try {
      const answer = await fetch(url, { method: request.method, headers, body, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })
      // `fetch` has unpacked it.
      const { "content-encoding": ___, "content-length": ____, ...told } = forPage((name) => answer.headers.get(name))
      return new Response(answer.body, { status: answer.status, headers: told })
    } catch {
      return refuse(UNAVAILABLE)
    }
  }
  return { GET: handle, POST: handle }
}
