// For pages without modules: `<script src="…/global.js">` makes the global `Flywheel`. The module lies beside the script.
import { type ModuleSource, load, openWith } from "./load.js"
import type { Flywheel, OpenOptions } from "./types.js"

export type * from "./types.js"
export { isFlywheelError } from "./errors.js"
export type { ModuleSource } from "./load.js"

/** Only while the script runs does the page know where it came from. */
const script = (globalThis.document?.currentScript as HTMLScriptElement | null | undefined)?.src

/** Takes the module from elsewhere, where it does not lie beside the script; only the first call counts. */
export async function init(module: ModuleSource | Promise<ModuleSource>): Promise<void> {
  await load(() => module)
}

/** Loads what is stored, a second at most, and starts learning. */
export function open(options: OpenOptions): Promise<Flywheel> {
  return openWith(options, () => new URL("flywheel_bg.wasm", script || globalThis.location?.href))
}
