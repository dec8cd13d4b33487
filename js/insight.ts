// The entry with everything in it: reasons, hints, suggestions and when to ask, out of a module of its own.
import { InsightPage } from "./insight-page.js"
import { openWith } from "./load.js"
import type { InsightFlywheel, InsightOpenOptions } from "./types.js"

export * from "./types.js"
export { isFlywheelError } from "./errors.js"

/** The page's learning loop. */
export interface Flywheel extends InsightFlywheel {}

/** Opens it. */
export const Flywheel = {
  /** Loads what is stored, a second at most, and starts learning. */
  open(options: InsightOpenOptions): Promise<Flywheel> {
    return openWith(options, () => new URL("./insight_bg.wasm", import.meta.url), InsightPage)
  },
}
