// What goes wrong in the background while nobody listens is said on the console. In `insight` only.
import type { ErrorCode, FlywheelError } from "./types.js"

const said = /* @__PURE__ */ new Set<ErrorCode>()

/** Says it once for each code. */
export function warn({ code, message }: FlywheelError): void {
  if (said.has(code)) return
  said.add(code)
  console.warn(`flywheel-sdk: ${code}: ${message}`)
}
