// docs/react.md and docs/element.md, block by block: TypeScript is compiled against the package and run, HTML is opened.
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { build } from "esbuild"
import { blankSite } from "../support/blank.mjs"
import { listen, required } from "../support/browser.mjs"

const root = join(import.meta.dirname, "../..")
const here = blankSite("docs")
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
let folder

/** The blocks of a document in one language. */
function blocks(document, language) {
  const text = readFileSync(join(root, "docs", document), "utf8")
  const found = [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]+?)\`\`\``, "g"))].map(([, block]) => block)
  assert.ok(found.length > 0, `${document} has nothing in ${language}`)
  return found
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), "flywheel-docs-"))
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true })
  cpSync(required("FLYWHEEL_PKG"), join(folder, "node_modules/flywheel-sdk"), { recursive: true })
  for (const name of ["react", "react-dom", "scheduler", "@types/react", "csstype"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name))
  }
  blocks("react.md", "tsx").forEach((block, at) => writeFileSync(join(folder, `block-${at}.tsx`), block))
})
after(() => folder && rmSync(folder, { recursive: true, force: true }))

/** A page of this text, and what `run` gives of it. */
async function visit(body, run) {
  const context = await here.browser.newContext()
  const page = await context.newPage()
  const complaints = listen(page)
  await page.route("**/doc.html", (route) => route.fulfill({ contentType: "text/html", body }))
  await page.goto(`${here.site.origin}/doc.html`)
  const value = await run(page)
  await context.close()
  assert.deepEqual(complaints, [])
  return value
}

test("every block of docs/react.md has its types", () => {
  const compilerOptions = {
    target: "ES2022", module: "esnext", moduleResolution: "bundler", lib: ["ES2022", "DOM", "DOM.Iterable"], types: [],
    jsx: "react-jsx", strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true,
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.tsx"] }))
  try {
    execFileSync(join(root, "node_modules/.bin/tsc"), ["--project", folder], { encoding: "utf8" })
  } catch (error) {
    assert.fail(error.stdout)
  }
})

/** Renders what a block exports, in the provider of the first block if it has none of its own. */
const rendered = {
  0: ["App", {}, "article p", /sentence|step/],
  1: ["Results", { query: "q", results: [{ id: "a", title: "A result", features: { source: "s", fresh: true } }] }, "li", /A result/],
  2: ["Yesterday", { message: { decision: "0192", text: "An answer.", thumb: "up" } }, "button[aria-pressed=true]", /Good/],
  3: ["App", {}, "ul", /^$/],
  4: ["Answer", { text: "An answer." }, "flywheel-feedback p", /An answer/],
}

test("every block of docs/react.md renders", async () => {
  assert.equal(Object.keys(rendered).length, blocks("react.md", "tsx").length, "a block is not run")
  for (const [at, [name, props, where, expected]] of Object.entries(rendered)) {
    const contents = `import { createElement as h } from "react"; import { createRoot } from "react-dom/client"
      import { FlywheelProvider } from "flywheel-sdk/react"; import { Flywheel } from "flywheel-sdk"
      import { ${name} as Block } from "./block-${at}.tsx"
      const block = h(Block, ${JSON.stringify(props)})
      createRoot(document.body).render(${name === "App" ? "block" : 'h(FlywheelProvider, { open: () => Flywheel.open({ app: "docs" }) }, block)'})`
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder }, bundle: true, write: false, format: "esm", jsx: "automatic", logLevel: "error",
      // As in Node, where the module is text: one file is enough.
      platform: "neutral", conditions: ["node"], mainFields: ["main"], absWorkingDir: folder, tsconfigRaw: {},
      define: { "process.env.NODE_ENV": '"production"' },
    })
    await visit("<!doctype html><title>A block</title>", async (page) => {
      await page.addScriptTag({ content: outputFiles[0].text, type: "module" })
      await page.waitForSelector(where, { state: "attached" })
      assert.match(await page.locator(where).first().textContent(), expected, `block ${at}`)
    })
  }
})

test("the pages of docs/element.md work when pasted, and axe finds nothing in them", async () => {
  const [first, second] = blocks("element.md", "html")
  const wrong = async (page) => {
    await page.evaluate(axe)
    return (await page.evaluate(() => globalThis.axe.run())).violations.map(({ id }) => id)
  }
  await visit(first, async (page) => {
    const button = (name) => page.getByRole("button", { name, exact: true })
    await button("Good answer").click()
    await button("Try again").click()
    assert.equal(await page.locator("flywheel-feedback > p").textContent(), "(your model's attempt number 2)")
    await button("Edit").click()
    await page.getByRole("textbox").fill("Because of the air.")
    await button("Save").click()
    assert.equal(await page.locator("flywheel-feedback > p").textContent(), "Because of the air.")
    assert.deepEqual(await wrong(page), [])
  })
  await visit(second, async (page) => {
    await page.getByRole("button", { name: "Schlechte Antwort" }).click()
    await page.getByRole("button", { name: "Zu lang" }).click()
    assert.equal(await page.getByRole("status").textContent(), "Danke")
    assert.equal(await page.getByRole("button", { name: "Edit" }).count(), 0)
    assert.deepEqual(await wrong(page), [])
  })
})

test("the style of docs/element.md reaches the element", async () => {
  const [page] = blocks("element.md", "html")
  const [css] = blocks("element.md", "css")
  await visit(page.replace("<style>", `<style>${css}`), async (page) => {
    await page.getByRole("button", { name: "Good answer" }).click()
    const found = await page.evaluate(() => {
      const inside = (part) => getComputedStyle(document.querySelector("flywheel-feedback").shadowRoot.querySelector(`[part~=${part}]`))
      return [inside("note").fontStyle, inside("up").borderRadius]
    })
    assert.deepEqual(found, ["italic", "16px"])
    await page.waitForFunction(() => getComputedStyle(document.querySelector("flywheel-feedback").shadowRoot.querySelector("[part~=up]")).color === "rgb(26, 127, 55)")
  })
})
