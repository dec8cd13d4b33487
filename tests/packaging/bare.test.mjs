// No bundler: an import map, a strict content security policy, a worker; the package's folder is served as it is.
import assert from "node:assert/strict"
import { before, test } from "node:test"
import { createServer } from "node:http"
import { join } from "node:path"
import { serve } from "../support/static.mjs"
import { fresh } from "./project.mjs"
import { hasLearned, visit, visitFolder } from "./visit.mjs"

let folder, mounts
before(async () => {
  folder = await fresh("bare", ["common", "bare"])
  mounts = { "/flywheel-sdk/": join(folder, "node_modules/flywheel-sdk") }
})

for (const entry of ["index", "inline"]) {
  test(`an import map without a bundler: the page learns (${entry})`, async () => {
    const { result, asked } = await visitFolder(folder, `/${entry}.html`, mounts)
    hasLearned(result)
    assert.equal(asked.filter(({ url }) => url.endsWith(".wasm")).length, entry === "index" ? 1 : 0)
  })

  test(`a content security policy that allows no more than 'wasm-unsafe-eval': the page learns (${entry})`, async () => {
    hasLearned((await visitFolder(folder, `/csp-${entry}.html`, mounts)).result)
  })
}

test("the content security policy is in force: without 'wasm-unsafe-eval' there is no module", async () => {
  await assert.rejects(visitFolder(folder, "/csp-none.html", mounts), /wasm|Content Security Policy/i)
})

test("a worker of its own: what it ranks is learned", async () => {
  hasLearned((await visitFolder(folder, "/worker.html", mounts)).result)
})

test("a classic script without modules: the page learns", async () => {
  hasLearned((await visitFolder(folder, "/classic.html", mounts)).result)
})

test("two copies of the package on one page: both learn in the same profile, and nothing counts twice", async () => {
  const site = await serve(folder, { ...mounts, "/another/": join(folder, "node_modules/flywheel-sdk") })
  try {
    const { result } = await visit(`${site.origin}/two.html`)
    assert.deepEqual(result, { learned: [true, true], signals: 2, storage: "indexeddb", dropped: {} })
  } finally {
    await site.close()
  }
})

test("a server that names no type for the module, and one that compresses nothing: the page learns", async () => {
  const files = await import("node:fs/promises")
  const server = createServer(async ({ url }, response) => {
    const path = new URL(url, "http://localhost").pathname
    const file = path.startsWith("/flywheel-sdk/") ? join(folder, "node_modules", path) : join(folder, path)
    const type = /\.html$/.test(path) ? "text/html" : /\.js$/.test(path) ? "text/javascript" : "application/octet-stream"
    const body = await files.readFile(file).catch(() => undefined)
    response.writeHead(body ? 200 : 404, { "content-type": type }).end(body)
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  try {
    hasLearned((await visit(`http://127.0.0.1:${server.address().port}/index.html`)).result)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
