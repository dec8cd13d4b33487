// Loading the module: once, whoever asks.
import * as glue from "#wasm"
import { Page, notLoaded, open } from "./facade.js"
import { type Early, Database } from "./storage.js"
import type { Flywheel, OpenOptions } from "./types.js"

/** Where the module comes from: an address, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module

/** What xtask/scripts/trim.mjs puts into the glue; its types say nothing of it. */
type Wiring = {
  imports: WebAssembly.Imports
  /** Runs the glue on an instance; gives its memory. */
  start(exports: WebAssembly.Exports): WebAssembly.Memory
}

let loading: Promise<WebAssembly.Memory> | undefined

/** Loads the module unless it is loaded or loading. After a failure the next call tries again. */
export function load(source: () => ModuleSource | Promise<ModuleSource>): Promise<WebAssembly.Memory> {
  return (loading ??= Promise.resolve()
    .then(source)
    .then(instantiate)
    .catch((error: unknown) => {
      loading = undefined
      throw notLoaded(error)
    }))
}

async function instantiate(source: ModuleSource): Promise<WebAssembly.Memory> {
  const address = typeof source === "string" || isA(source, "URL") || isA(source, "Request")
  const given = address ? await fetch(source as string | URL | Request) : source
  const made = isA(given, "Response")
    ? await fromResponse(given as Response)
    : await WebAssembly.instantiate(given as BufferSource, (glue as unknown as Wiring).imports)
  // From a compiled module comes the instance alone.
  const { exports } = "instance" in made ? made.instance : (made as WebAssembly.Instance)
  return (glue as unknown as Wiring).start(exports)
}

async function fromResponse(response: Response) {
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`)
  // Compiling while it arrives is for servers that name the type; others must not lose the page.
  const imports = (glue as unknown as Wiring).imports
  return response.headers.get("Content-Type") === "application/wasm"
    ? WebAssembly.instantiateStreaming(response, imports)
    : WebAssembly.instantiate(await response.arrayBuffer(), imports)
}

/** Whether it is one, where there is such a thing. */
function isA(value: unknown, name: "URL" | "Request" | "Response"): boolean {
  return name in globalThis && value instanceof globalThis[name]
}

/** Whether the module is loaded or loading. */
export function isLoading(): boolean {
  return loading !== undefined
}

/** What is stored, where it is clear before the options are checked that it may be read, and made. */
function readEarly(options: OpenOptions): Early | undefined {
  const { app, storage, consent } = (options ?? {}) as Partial<OpenOptions>
  const stores = storage === undefined || storage === "indexeddb"
  if (typeof app !== "string" || app === "" || app.length > 64 || !stores || consent?.learn === false) return undefined
  const early = Database.read(app)
  // Whoever waits for it hears of a failure; before, nobody does.
  early.catch(() => undefined)
  return early
}

/** Opens a page once the module is there; `Kind` is how the app sees it. */
export async function openWith<P = Flywheel>(
  options: OpenOptions,
  source: () => ModuleSource | Promise<ModuleSource>,
  Kind: new (...given: never[]) => P = Page as never,
): Promise<P> {
  // The browser opens and reads its database while the module is on its way.
  const early = readEarly(options)
  try {
    const memory = await load(source)
    return await open<P>(new glue.Engine(), memory, options, Kind as never, early)
  } catch (error) {
    void early?.then(([db]) => db.close()).catch(() => undefined)
    throw error
  }
}
