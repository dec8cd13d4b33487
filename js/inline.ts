// For pages that cannot fetch a second file: the module is text inside this one, decoded here (a data: URL would need
// its own permission in a content security policy).
import base64 from "#wasm-inline"
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
    return openWith(options, () => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))
  },
}
