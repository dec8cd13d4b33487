// The usual entry: finds the module beside itself. Importing it touches nothing; `open` loads.
import { openWith } from "./load.js"
import type { Flywheel as Interface, OpenOptions } from "./types.js"

export * from "./types.js"
export { isFlywheelError } from "./errors.js"

/** The page's learning loop. */
export interface Flywheel extends Interface {}

/** Opens it. */
export const Flywheel = {
  /** Loads what is stored, a second at most, and starts learning. */
  open(options: OpenOptions): Promise<Flywheel> {
    return openWith(options, () => new URL("./flywheel_bg.wasm", import.meta.url))
  },
}
