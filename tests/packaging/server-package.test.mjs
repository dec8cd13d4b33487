// flywheel-server out of its tarballs: the binary without Rust, and the path /flywheel in Express, Vite and Next.js.
import assert from "node:assert/strict"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { after, before, test } from "node:test"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { required } from "../support/browser.mjs"
import { fresh, program } from "./project.mjs"
import { nextStart, start } from "./started.mjs"
import { look } from "./visit.mjs"

const run = promisify(execFile)
const scratch = mkdtempSync(join(tmpdir(), "flywheel-server-"))
let folder
before(async () => {
  folder = await fresh("server", ["server"], {}, ...required("FLYWHEEL_SERVER_TARBALLS").split(delimiter))
})
after(() => rmSync(scratch, { recursive: true, force: true }))

/** Starts it. */
async function serve(program = [join(folder, "node_modules/.bin/flywheel-server")]) {
  const words = ["--data", mkdtempSync(join(scratch, "data-")), "--listen", "127.0.0.1:0", "--internal-listen", "off"]
  const server = await start(program[0], [...program.slice(1), ...words], { cwd: folder })
  while (!/pk_[0-9a-f]{32}/.test(server.said())) await new Promise((resolve) => setTimeout(resolve, 50))
  return { ...server, key: /pk_[0-9a-f]{32}/.exec(server.said())[0] }
}

test("npx flywheel-server starts without Rust, answers, and ends cleanly with a signal", async () => {
  const server = await serve(["npx", "--no-install", "flywheel-server"])
  try {
    assert.equal((await (await fetch(`${server.origin}/healthz`)).text()).trim(), "ok")
    server.signal("SIGTERM")
    await server.ended
    await assert.rejects(fetch(`${server.origin}/healthz`), "nobody listens any more")
  } finally {
    await server.stop()
  }
})

test("what is signalled to flywheel-server reaches the binary, and it ends as the binary does", async () => {
  const bin = join(folder, "node_modules/flywheel-server/bin.js")
  const words = ["--data", join(scratch, "alone"), "--listen", "127.0.0.1:0", "--internal-listen", "off"]
  const child = spawn(process.execPath, [bin, ...words], { stdio: ["ignore", "pipe", "inherit"] })
  const said = await new Promise((resolve) => {
    let text = ""
    child.stdout.on("data", (piece) => /http:[^\s]+/.test((text += piece)) && resolve(text))
  })
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  assert.deepEqual(await ended, [0, null])
  await assert.rejects(fetch(/http:[^\s]+/.exec(said)[0]), "the binary has ended too")
})

test("commands of the binary are its own, and a failure is a failure", async () => {
  const bin = join(folder, "node_modules/.bin/flywheel-server")
  const { stdout } = await run(bin, ["--version"])
  assert.match(stdout, /^flywheel-server \d/)
  await assert.rejects(run(bin, ["serve", "--no-such-option"]), ({ code }) => code === 2)
})

test("a platform without a binary, and one that was left out, are told what to do", async () => {
  const { binary } = await import(join(folder, "node_modules/flywheel-server/binary.js"))
  assert.throws(() => binary({ platform: "sunos", arch: "x64", env: {} }), /no binary for sunos x64: build one/)
  assert.throws(() => binary({ platform: "darwin", arch: "arm64", env: {} }), /server-darwin-arm64 is not installed/)
  assert.equal(binary({ platform: "sunos", arch: "x64", env: { FLYWHEEL_SERVER_BINARY: "/x" } }), "/x")
})

test("what docs/protocol.md lets pages ask for is passed on, and nothing of the rest", async () => {
  const { target } = await import(join(folder, "node_modules/flywheel-server/forward.js"))
  const protocol = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8")
  const routes = [...protocol.matchAll(/^\| `(GET|POST)` \| `([^`]+)` \|/gm)].map(([, method, path]) => ({ method, path }))
  assert.ok(routes.length > 5, "the table is read")
  for (const { method, path } of routes) {
    const asked = `/${path.replace("{app}/{version}-{hash}", "shop/7-00ff").replace("…", "1")}`
    const passes = target("http://127.0.0.1:1", method, asked) !== undefined
    assert.equal(passes, !/admin|healthz/.test(path), path)
    assert.equal(target("http://127.0.0.1:1", method === "GET" ? "POST" : "GET", asked), undefined, `${path} by another method`)
  }
})

/** A server that notes what reaches it. */
async function notes() {
  const seen = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({ url: request.url, method: request.method, headers: request.headers, body: Buffer.concat(chunks) })
    response.writeHead(200, { "content-type": "application/json", "set-cookie": "theirs=1", etag: '"x"' }).end('{"v":1}')
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }
  return { seen, stop, origin: `http://127.0.0.1:${server.address().port}` }
}

const proxies = {
  Express: { client: "127.0.0.1", start: (env) => start(process.execPath, ["express.js"], { cwd: folder, env }) },
  "Express behind its parsers": {
    client: "127.0.0.1",
    parsed: true,
    start: (env) => start(process.execPath, ["express.js"], { cwd: folder, env: { ...env, PARSERS: "1" } }),
  },
  "Vite's dev server": { client: "127.0.0.1", start: (env) => start(process.execPath, ["vite.js"], { cwd: folder, env }) },
  "Next.js": { client: undefined, prepare: () => program(folder, "next", ["build"]), start: (env) => nextStart(folder, env) },
}
for (const [name, { client, parsed, prepare, start }] of Object.entries(proxies)) {
  test(`${name}: /flywheel passes on what pages send, byte for byte, and neither cookies nor claims nor other routes`, async () => {
    await prepare?.()
    const server = await notes()
    const app = await start({ SERVER: server.origin })
    try {
      const headers = {
        cookie: "session=1", authorization: "Bearer sk_x", "x-forwarded-for": "6.6.6.6", "content-type": "text/plain;charset=UTF-8",
      }
      const gzipped = gzipSync('{"v":1,"größe":"🌀"}')
      // A parser of text makes text of everything: gzip wants the path before it.
      for (const body of ['{"v":1,"größe":"🌀"}', "", ...(parsed ? [] : [gzipped])]) {
        const answer = await fetch(`${app.origin}/flywheel/v1/sync`, { method: "POST", body, headers })
        assert.equal(answer.status, 200)
        assert.deepEqual(await answer.json(), { v: 1 })
        assert.equal(answer.headers.get("set-cookie"), null)
        const found = server.seen.at(-1)
        assert.deepEqual([found.url, found.method], ["/v1/sync", "POST"])
        assert.deepEqual(found.body, Buffer.from(body))
        assert.equal(found.headers["x-forwarded-for"], client)
        for (const header of ["cookie", "authorization"]) assert.equal(found.headers[header], undefined, header)
      }
      const json = await fetch(`${app.origin}/flywheel/v1/erase`, { method: "POST", body: '{"v": 1}', headers: { "content-type": "application/json" } })
      assert.equal(json.status, 200)
      assert.deepEqual(JSON.parse(server.seen.at(-1).body), { v: 1 }, "a parser stood before")
      await fetch(`${app.origin}/flywheel/v1/head?key=pk_x&version=3`)
      assert.equal(server.seen.at(-1).url, "/v1/head?key=pk_x&version=3")

      const count = server.seen.length
      for (const path of ["v1/admin/stats", "metrics", "v1/weights/a/../../admin/stats", "v1/weights/a/%2e%2e%2fadmin", "", "//example.com/v1/head"]) {
        const { status } = await fetch(`${app.origin}/flywheel/${path}`, { redirect: "manual" })
        assert.ok([404, 308].includes(status), `${path}: ${status}`)
      }
      assert.equal(server.seen.length, count, "nothing of that reached the server")

      server.stop()
      const away = await fetch(`${app.origin}/flywheel/v1/sync`, { method: "POST", body: "{}" })
      assert.equal(away.status, 503)
      assert.match(away.headers.get("content-type"), /^application\/problem\+json/)
      const { code, retry_after_ms } = await away.json()
      assert.deepEqual([code, retry_after_ms], ["unavailable", 5000])
    } finally {
      await app.stop()
      server.stop()
    }
  })
}

test("Express with `trust proxy` passes on the client that its own proxy names", async () => {
  const server = await notes()
  const app = await proxies.Express.start({ SERVER: server.origin, TRUST_PROXY: "1" })
  try {
    await fetch(`${app.origin}/flywheel/v1/sync`, { method: "POST", body: "{}", headers: { "x-forwarded-for": "203.0.113.7" } })
    assert.equal(server.seen[0].headers["x-forwarded-for"], "203.0.113.7")
  } finally {
    await app.stop()
    server.stop()
  }
})

test("a page sends to /flywheel of its own site, through Express, to the binary out of npm", async () => {
  const { cpSync } = await import("node:fs")
  cpSync(required("FLYWHEEL_PKG"), join(folder, "public/pkg"), { recursive: true })
  cpSync(join(import.meta.dirname, "apps/bare/blank.html"), join(folder, "public/index.html"))
  const server = await serve()
  const app = await proxies.Express.start({ SERVER: server.origin })
  try {
    await look(app.origin, async (page) => {
      const found = await page.evaluate(async (key) => {
        const { Flywheel } = await import("/pkg/index.js")
        const fw = await Flywheel.open({ app: "shop", endpoint: "/flywheel", key, consent: { share: true } })
        const receipt = fw.thumb(fw.shown({ surface: "answer", answer: { features: { style: "short" } } }), "up")
        await fw.sync()
        const { state } = receipt
        await fw.close()
        return state
      }, server.key)
      assert.equal(found, "acknowledged")
    })
  } finally {
    await app.stop()
    await server.stop()
  }
})
