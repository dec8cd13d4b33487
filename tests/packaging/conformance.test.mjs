// Endpoints against docs/protocol.md: ours, the example's, and one that is wrong and must be found out.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { createServer } from "node:http"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { required } from "../support/browser.mjs"
import { start } from "./started.mjs"
import { fresh } from "./project.mjs"
import { serve } from "../support/static.mjs"
import { look } from "./visit.mjs"

const root = join(import.meta.dirname, "../..")
const scratch = mkdtempSync(join(tmpdir(), "flywheel-conformance-"))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** As `cargo xtask conformance` runs it. */
function conformance(origin, key) {
  const script = join(root, "xtask/scripts/conformance/main.mjs")
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, origin, key, "https://example.com"], { encoding: "utf8" })
  return { status, said: stdout + stderr }
}

function example() {
  const env = { PORT: "0", FILE: join(scratch, `${Math.random()}.jsonl`) }
  return start(process.execPath, [join(root, "examples/endpoint/endpoint.mjs")], { env })
}

test("flywheel serve keeps to the protocol", async () => {
  const words = ["serve", "--data", join(scratch, "data"), "--listen", "127.0.0.1:0", "--internal-listen", "off", "--publish-every", "1"]
  const server = await start(required("FLYWHEEL_BIN"), [...words, "--allow-origin", "https://example.com"])
  try {
    const key = await waitFor(() => /pk_[0-9a-f]{32}/.exec(server.said())?.[0])
    const { status, said } = conformance(server.origin, key)
    assert.equal(status, 0, said)
    assert.match(said, /\n\d+ passed, 0 failed\n/, "nothing is skipped")
  } finally {
    await server.stop()
  }
})

test("the endpoint in sixty lines keeps to the protocol", async () => {
  const server = await example()
  try {
    const { status, said } = conformance(server.origin, "pk_example")
    assert.equal(status, 0, said)
    assert.match(said, /\n\d+ passed, 0 failed, 1 skipped\n/, "it gives no weights")
  } finally {
    await server.stop()
  }
})

test("an endpoint that counts duplicates, or says nothing about a signal, is found out", async () => {
  const server = await example()
  const wrong = (change) => new Promise((resolve) => {
    const between = createServer(async (request, response) => {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      const { method, headers: { "content-length": _, host: __, ...headers } } = request
      const body = method === "POST" ? Buffer.concat(chunks) : undefined
      const answer = await fetch(server.origin + request.url, { method, headers, body }).catch(() => undefined)
      // What is too large is cut off while it is still being sent.
      if (!answer) return response.writeHead(502).end()
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") }).end(change(await answer.text()))
    }).listen(0, "127.0.0.1", () => resolve(between))
  })
  try {
    for (const [change, law] of [
      [(text) => text.replaceAll("duplicate", "ok"), "sent again it is a duplicate"],
      [(text) => text.replace(/\{"id":"[^}]+"rejected"[^}]*\},?/, ""), "one bad signal costs the good ones"],
      [(text) => text.replace("urn:flywheel:share_refused", "").replace('"code":"share_refused"', '"code":"refused"'), "without consent"],
    ]) {
      const between = await wrong(change)
      // Not in this process's own time: it has to answer meanwhile.
      const { status, said } = await inBackground(`http://127.0.0.1:${between.address().port}`, "pk_example")
      between.close()
      between.closeAllConnections()
      assert.equal(status, 1, said)
      assert.match(said, new RegExp(`FAILED   ${law}`))
    }
  } finally {
    await server.stop()
  }
})

test("an endpoint that does not answer is said to", () => {
  const { status, said } = conformance("http://127.0.0.1:9", "pk_x")
  assert.equal(status, 1)
  assert.match(said, /nobody answers at http:\/\/127\.0\.0\.1:9/)
})

test("a page sends to the endpoint in sixty lines, and is told that it has arrived", async () => {
  const server = await example()
  const site = await serve(await fresh("endpoint-page", ["bare"]), { "/pkg/": required("FLYWHEEL_PKG") })
  try {
    await look(`${site.origin}/blank.html`, async (page) => {
      const found = await page.evaluate(async (endpoint) => {
        const { Flywheel } = await import("/pkg/index.js")
        const fw = await Flywheel.open({ app: "collects", endpoint, key: "pk_example", consent: { share: true } })
        const receipt = fw.thumb(fw.shown({ surface: "answer", answer: { features: { style: "short" } } }), "up")
        const { acknowledged, queued } = await fw.sync()
        const state = receipt.state
        await fw.forget()
        await fw.close()
        return { acknowledged, queued, state }
      }, server.origin)
      assert.deepEqual(found, { acknowledged: 1, queued: 0, state: "acknowledged" })
    })
  } finally {
    await site.close()
    await server.stop()
  }
})

async function waitFor(found) {
  for (let tries = 0; tries < 100; tries++) {
    const value = found()
    if (value) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("it did not come")
}

async function inBackground(origin, key) {
  const { spawn } = await import("node:child_process")
  const script = join(root, "xtask/scripts/conformance/main.mjs")
  const child = spawn(process.execPath, [script, origin, key], { stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text))
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, said })))
}
