// The entry with everything in it, for where a second file cannot be fetched: servers, CommonJS.
import base64 from "#wasm-inline"
import { InsightPage } from "./insight-page.js"
import { openWith } from "./load.js"
import type { InsightFlywheel, OpenOptions } from "./types.js"

export * from "./types.js"
export { isFlywheelError } from "./errors.js"

/** The page's learning loop. */
export interface Flywheel extends InsightFlywheel {}

/** Opens it. */
export const Flywheel = {
  /** Loads what is stored, a second at most, and starts learning. */
  open(options: OpenOptions): Promise<Flywheel> {
    return openWith(options, () => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)), InsightPage)
  },
}
