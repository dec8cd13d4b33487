// Node: servers import the package, too; a script ranks and learns in memory.
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { cpSync, writeFileSync } from "node:fs"
import { before, test } from "node:test"
import { join } from "node:path"
import { fresh } from "./project.mjs"
import { hasLearned } from "./visit.mjs"

let folder
before(async () => {
  folder = await fresh("node", ["common"])
  // CommonJS has no static import of a module: the loop is the same text.
  cpSync(join(folder, "loop.js"), join(folder, "loop.mjs"))
})

function runs(name, text) {
  writeFileSync(join(folder, name), text)
  const said = execFileSync(process.execPath, [name], { cwd: folder, encoding: "utf8" })
  hasLearned(JSON.parse(said), "memory")
}

for (const entry of ["flywheel-sdk", "flywheel-sdk/inline", "flywheel-sdk/slim"]) {
  const init = entry.endsWith("slim")
    ? `import { readFile } from "node:fs/promises"
       await init(await readFile(new URL(import.meta.resolve("flywheel-sdk/flywheel.wasm"))))`
    : ""
  const names = init ? "{ Flywheel, init }" : "{ Flywheel }"
  test(`Node, ESM, ${entry}: a script ranks and learns`, () => {
    runs("script.mjs", `import ${names} from "${entry}"
      import { loop } from "./loop.mjs"
      ${init}
      console.log(JSON.stringify(await loop(Flywheel, "matrix")))`)
  })
}

for (const entry of ["flywheel-sdk", "flywheel-sdk/inline", "flywheel-sdk/slim"]) {
  const init = entry.endsWith("slim") ? `await sdk.init(require("node:fs").readFileSync(require.resolve("flywheel-sdk/flywheel.wasm")))` : ""
  test(`Node, CommonJS, ${entry}: a script ranks and learns`, () => {
    runs("script.cjs", `const sdk = require("${entry}")
      import("./loop.mjs").then(async ({ loop }) => {
        ${init}
        console.log(JSON.stringify(await loop(sdk.Flywheel, "matrix")))
      })`)
  })
}
