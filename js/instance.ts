// The module's one instance; when it breaks, a fresh one of the same module takes its place.
import { imports, start } from "#wasm"
import { flywheelError } from "./errors.js"

declare module "#wasm" {
  // What xtask/scripts/trim.mjs puts into the glue; the types that wasm-bindgen writes say nothing of it.
  export const imports: WebAssembly.Imports
  /** Runs the glue on an instance; gives its memory. Engines of the one before are not freed any more. */
  export function start(exports: WebAssembly.Exports): WebAssembly.Memory
}

/** Who has an engine. */
export interface User {
  /** Takes a new one: the other is gone. */
  revive(): void
}

/** So many fresh instances at most: what breaks that often breaks for a reason that stays. */
const MOST = 16

export { imports }
export const users = new Set<User>()
/** The memory of the instance. */
export let memory: WebAssembly.Memory
let module: WebAssembly.Module
let times = 0

/** Begins with an instance of this module. */
export function begin(compiled: WebAssembly.Module, instance: WebAssembly.Instance): void {
  module = compiled
  const exports: Record<string, WebAssembly.ExportValue> = {}
  for (const [name, value] of Object.entries(instance.exports)) {
    exports[name] = typeof value === "function" ? guarded(value as (...given: unknown[]) => unknown) : value
  }
  memory = start(exports)
}

/** What throws has broken the instance: what was borrowed stays borrowed, and half of a change may be done. */
function guarded(call: (...given: unknown[]) => unknown) {
  return (...given: unknown[]) => {
    try {
      return call(...given)
    } catch (cause) {
      if (++times <= MOST) replace()
      throw flywheelError("internal", `the module broke and began anew: ${String(cause)}`)
    }
  }
}

function replace(): void {
  // The glue's views of the old memory are made anew once this has taken its buffer away.
  memory.grow(0)
  begin(module, new WebAssembly.Instance(module, imports))
  for (const user of users) user.revive()
}
