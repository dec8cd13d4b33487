// For Express, Connect, and everything else that takes (request, response, next).
import { request as overHttp } from "node:http"
import { request as overHttps } from "node:https"
import { pipeline } from "node:stream"
import { NOT_FOUND, PATIENCE, PROBLEM, SERVER, UNAVAILABLE, forPage, forServer, target } from "./forward.js"

/** `app.use("/flywheel", flywheel())`. */
export function flywheel({ server = SERVER } = {}) {
  return function toFlywheel(request, response) {
    const refuse = (problem) => {
      if (response.headersSent) return void response.destroy()
      response.writeHead(problem.status, PROBLEM).end(JSON.stringify(problem))
    }
    const url = target(server, request.method, request.url)
    if (url === undefined) return refuse(NOT_FOUND)
    // Express knows whether there are proxies that it may believe; elsewhere it is whoever holds the connection.
    const address = request.ip ?? request.socket.remoteAddress
    const headers = forServer((name) => request.headers[name], address)
    const read = alreadyRead(request)
    if (read !== undefined) headers["content-length"] = read.length
    const open = url.protocol === "https:" ? overHttps : overHttp
    const asked = open(url, { method: request.method, headers, timeout: PATIENCE }, (answer) => {
      response.writeHead(answer.statusCode, forPage((name) => answer.headers[name]))
      pipeline(answer, response, () => undefined)
    })
    asked.once("timeout", () => asked.destroy(new Error("timeout")))
    asked.once("error", () => refuse(UNAVAILABLE))
    if (read !== undefined) return void asked.end(read)
    // A page that leaves takes its request along.
    pipeline(request, asked, () => undefined)
  }
}

/** The body, where a parser stood before this one and has taken it. */
function alreadyRead({ body, readableEnded }) {
  if (!readableEnded || body === undefined) return undefined
  return Buffer.from(typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body))
}
