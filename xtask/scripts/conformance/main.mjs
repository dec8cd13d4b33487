// Tests an endpoint against docs/protocol.md: node main.mjs URL KEY [ORIGIN]
import { batches } from "./batches.mjs"
import { endpoint } from "./client.mjs"
import { isProblem, requests } from "./requests.mjs"

const [base, key, origin] = process.argv.slice(2)
const there = endpoint(base, key, origin)
const count = { passed: 0, failed: 0, skipped: 0 }

try {
  await there.ask("healthz")
} catch (error) {
  console.error(`error: nobody answers at ${base} (${error.cause?.code ?? error.message})`)
  process.exit(1)
}
for (const [law, check] of Object.entries({ ...requests, ...batches })) {
  try {
    const found = await check(there)
    if (found?.problem !== undefined) isProblem(found)
    if (found?.skipped !== undefined) {
      count.skipped++
      console.log(`skipped  ${law}: ${found.skipped}`)
      continue
    }
    count.passed++
    console.log(`ok       ${law}`)
  } catch (error) {
    count.failed++
    console.log(`FAILED   ${law}\n         ${error.message.split("\n").join("\n         ")}`)
  }
}
console.log(`\n${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ""}`)
process.exit(count.failed > 0 ? 1 : 0)
