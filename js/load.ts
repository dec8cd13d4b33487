// Loading the module: once, whoever asks.
import init, { Engine, secret } from "#wasm"
import { notLoaded, open } from "./facade.js"
import type { Flywheel, OpenOptions } from "./types.js"

/** Where the module comes from: an address, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module

let loading: Promise<unknown> | undefined

/** Loads the module unless it is loaded or loading. After a failure the next call tries again. */
export function load(source: () => ModuleSource | Promise<ModuleSource>): Promise<unknown> {
  return (loading ??= Promise.resolve()
    .then(source)
    .then((source) => init({ module_or_path: source }))
    .catch((error: unknown) => {
      loading = undefined
      throw notLoaded(error)
    }))
}

/** Whether the module is loaded or loading. */
export function isLoading(): boolean {
  return loading !== undefined
}

/** Opens a page once the module is there. */
export async function openWith(options: OpenOptions, source: () => ModuleSource | Promise<ModuleSource>): Promise<Flywheel> {
  await load(source)
  return open({ Engine, secret }, options)
}
