// The recipes' code, as it stands: what is JavaScript runs in one page, block after block; JSX is checked by its types.
// A failure is: a page complains, an order does not follow what was said, a block that no test looks at.
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { listen, open, required } from "../support/browser.mjs"
import { sameChance } from "../support/chance.mjs"
import { serve } from "../support/static.mjs"

const docs = join(import.meta.dirname, "../../docs")
let folder, site, browser

/** The code of a document, by its language. */
function blocks(path) {
  const text = readFileSync(join(docs, path), "utf8")
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code }))
}

const code = (path, wanted) => blocks(path).filter(({ language }) => language === wanted).map(({ code }) => code).join("\n")

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "flywheel-recipes-"))
  site = await serve(folder, { "/pkg/": required("FLYWHEEL_PKG") })
  browser = await open()
})
after(async () => {
  await browser?.close()
  await site?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a document's code in a page; `shows` are names of it that `use` needs. */
async function runs(path, shows, use) {
  const name = path.replaceAll(/\W/g, "-")
  writeFileSync(
    join(folder, `${name}.html`),
    `<!doctype html><html lang="en"><title>${name}</title>${code(path, "html")}
     <script type="importmap">{ "imports": { "flywheel-sdk": "/pkg/index.js" } }</script>
     <script type="module">${code(path, "js")}\nglobalThis.recipe = { ${shows.join(", ")} }</script></html>`,
  )
  const context = await browser.newContext()
  try {
    await context.addInitScript(sameChance)
    const page = await context.newPage()
    const complaints = listen(page)
    const asked = []
    await page.route("**/v1/chat/completions", async (route) => {
      asked.push(route.request().postDataJSON())
      await route.fulfill({ json: { choices: [{ message: { content: `answer ${asked.length}` } }] } })
    })
    await page.goto(`${site.origin}/${name}.html`)
    await page.waitForFunction(() => globalThis.recipe).catch((error) => assert.deepEqual(complaints, [], error.message))
    const value = await page.evaluate(use)
    assert.deepEqual(complaints, [])
    return { value, asked }
  } finally {
    await context.close()
  }
}

test("the chat recipe: the style is in the prompt, and whatever people say about an answer is learned", async () => {
  const shows = ["fw", "styles", "ask", "thumb", "copied", "tryAgain", "edited", "stored", "thumbOnStored"]
  const { value, asked } = await runs("recipes/chat.md", shows, async () => {
    const { fw, ask, thumb, copied, tryAgain, edited, stored, thumbOnStored } = recipe
    const turn = await ask("Why is the sky blue?", "nature")
    const first = turn.decision.best
    await tryAgain(turn)
    const next = turn.decision
    edited(turn, "Because air scatters blue.")
    copied(turn)
    for (let time = 0; time < 3; time++) thumb(await ask("Why is grass green?", "nature"), "up")
    thumbOnStored(stored(turn), "up")
    const { signals } = fw.status()
    await fw.close()
    return { first, attempt: next.attempt, second: next.best, text: turn.text, signals }
  })
  assert.equal(value.attempt, 2)
  assert.notEqual(value.second, value.first)
  assert.equal(value.text, "Because air scatters blue.")
  assert.equal(value.signals, 7, "all that was said")
  assert.equal(asked.length, 5)
  assert.match(asked[0].messages[0].content, /^Answer /)
})

test("the search recipe: the engine's order stands until something is known, and a click moves its kind up", async () => {
  const { value } = await runs("recipes/search.md", ["fw", "order", "clicked", "gaveUp"], async () => {
    const { fw, order, clicked, gaveUp } = recipe
    const found = ["video", "text", "video", "text"].map((kind, at) => ({ id: `r${at}`, kind, source: "web", score: 1 - at / 10 }))
    const before = order("pasta", found)
    clicked(before, "r1")
    for (let time = 0; time < 3; time++) {
      const shown = order("pasta", found)
      const text = shown.results.find(({ kind }) => kind === "text")
      clicked(shown, text.id)
    }
    const after = order("pasta", found)
    gaveUp(after)
    await fw.close()
    return { before: before.results.map(({ id }) => id), best: before.decision.best, after: after.results.map(({ kind }) => kind) }
  })
  assert.deepEqual(value.before, ["r0", "r1", "r2", "r3"])
  assert.equal(value.best, "r0")
  assert.deepEqual(value.after.slice(0, 2), ["text", "text"])
})

test("the form recipe: what becomes of a suggestion is learned, and rules stand above it", async () => {
  const { value } = await runs("recipes/forms.md", ["fw", "suggest", "sent", "suggestions", "withoutLater"], async () => {
    const { fw, suggest, sent, suggestions, withoutLater } = recipe
    const field = document.querySelector("#reply")
    for (let time = 0; time < 6; time++) sent(suggest(field, "boss"), suggestions[2].text)
    const shown = suggest(field, "boss")
    const filled = field.value
    sent(shown, `${filled} Tuesday suits me.`)
    sent(suggest(field, "boss"), "")
    const allowed = withoutLater("boss").best
    await fw.close()
    return { filled, allowed }
  })
  assert.equal(value.filled, "Can we do this next week?")
  assert.notEqual(value.allowed, "later")
})

test("the troubleshooting's first look works when pasted", async () => {
  await runs("troubleshooting.md", [], () => undefined)
})

test("every block of code in the recipes and the troubleshooting is run or checked", () => {
  const checked = new Set(["js", "html", "jsx"])
  for (const path of [...readdirSync(join(docs, "recipes")).map((name) => `recipes/${name}`), "troubleshooting.md"]) {
    const found = blocks(path)
    assert.ok(found.length > 0, `${path} has no code`)
    assert.deepEqual(found.filter(({ language }) => !checked.has(language)), [], path)
  }
})

test("the recipes' JSX has the types of the package", () => {
  // Within the repository, where React's types are found.
  const place = join(required("FLYWHEEL_TARGET"), "recipes")
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, "chat.jsx"), code("recipes/chat.md", "jsx"))
  const pkg = required("FLYWHEEL_PKG")
  writeFileSync(
    join(place, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        allowJs: true, checkJs: true, noEmit: true, strict: true, noImplicitAny: false, jsx: "react-jsx", target: "ES2022",
        module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM", "DOM.Iterable"], types: [],
        paths: { "flywheel-sdk": [`${pkg}/index.d.ts`], "flywheel-sdk/*": [`${pkg}/*.d.ts`] },
      },
      include: ["*.jsx"],
    }),
  )
  const tsc = join(import.meta.dirname, "../../node_modules/.bin/tsc")
  try {
    execFileSync(tsc, ["--project", place], { encoding: "utf8" })
  } catch (error) {
    assert.fail(error.stdout)
  }
})
