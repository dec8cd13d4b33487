// The code of npm/server/README.md against the types that come with it, each block as a file of an app.
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { test } from "node:test"
import { required } from "../support/browser.mjs"
import { fresh, program } from "./project.mjs"

const readme = readFileSync(join(import.meta.dirname, "../../npm/server/README.md"), "utf8")

test("the README's blocks have the types of the package", async () => {
  const folder = await fresh("server-types", [], {}, ...required("FLYWHEEL_SERVER_TARBALLS").split(delimiter))
  const blocks = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
  assert.equal(blocks.length, 4, "Express, Next.js, Vite, and Vite without a package")
  blocks.forEach((code, at) => writeFileSync(join(folder, `block-${at}.js`), code))
  // Vite's own idea of a plugin must agree, and what is no option must not pass.
  writeFileSync(
    join(folder, "strict.ts"),
    `import type { Plugin } from "vite"
import { flywheel } from "flywheel-server/vite"
import { flywheel as route } from "flywheel-server/next"
export const plugin: Plugin = flywheel({ path: "/learn", server: "https://example.com" })
export const { GET } = route({ clientAddress: (request) => request.headers.get("x-real-ip") ?? undefined })
// @ts-expect-error
flywheel({ target: "x" })
`,
  )
  const options = {
    allowJs: true, checkJs: true, noEmit: true, strict: true, noImplicitAny: false, skipLibCheck: true, target: "ES2022",
    module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM"], types: ["node"],
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.js", "*.ts"] }))
  await program(folder, "tsc", ["--project", "."])
})
