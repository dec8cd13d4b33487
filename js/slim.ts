// For those who bring the module themselves: `init` takes its address, its bytes or the compiled module.
import { flywheelError } from "./errors.js"
import { type ModuleSource, isLoading, load, openWith } from "./load.js"
import type { Flywheel as Interface, OpenOptions } from "./types.js"

export * from "./types.js"
export { isFlywheelError } from "./errors.js"
export type { ModuleSource } from "./load.js"

/** The page's learning loop. */
export interface Flywheel extends Interface {}

/** Takes the module; only the first call counts. */
export async function init(module: ModuleSource | Promise<ModuleSource>): Promise<void> {
  await load(() => module)
}

/** Opens it. */
export const Flywheel = {
  init,
  /** Loads what is stored, a second at most, and starts learning. `init` comes first. */
  async open(options: OpenOptions): Promise<Flywheel> {
    if (!isLoading()) throw flywheelError("internal", "call init(module) before Flywheel.open")
    return openWith(options, () => "")
  },
}
