// Loading the module: once, whoever asks.
import { Page, notLoaded, open } from "./facade.js"
import { begin, imports } from "./instance.js"
import { type Early, Database } from "./storage.js"
import type { Flywheel, InsightOpenOptions } from "./types.js"

/** Where the module comes from: an address, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module

let loading: Promise<void> | undefined

/** Loads the module unless it is loaded or loading. After a failure the next call tries again. */
export function load(source: () => ModuleSource | Promise<ModuleSource>): Promise<void> {
  return (loading ??= Promise.resolve()
    .then(source)
    .then(instantiate)
    .catch((error: unknown) => {
      loading = undefined
      throw notLoaded(error)
    }))
}

async function instantiate(source: ModuleSource): Promise<void> {
  const address = typeof source === "string" || isA(source, "URL") || isA(source, "Request")
  const given = address ? await fetch(source as string | URL | Request) : source
  const made = isA(given, "Response")
    ? await fromResponse(given as Response)
    : await WebAssembly.instantiate(given as BufferSource, imports)
  // From a compiled module comes the instance alone.
  if ("instance" in made) begin(made.module, made.instance)
  else begin(given as WebAssembly.Module, made)
}

async function fromResponse(response: Response) {
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`)
  // Compiling while it arrives is for servers that name the type; others must not lose the page.
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
function readEarly(options: InsightOpenOptions): Early | undefined {
  const { app, storage, consent } = (options ?? {}) as Partial<InsightOpenOptions>
  const stores = storage === undefined || storage === "indexeddb"
  if (typeof app !== "string" || app === "" || app.length > 64 || !stores || consent?.learn === false) return undefined
  const early = Database.read(app)
  // Whoever waits for it hears of a failure; before, nobody does.
  early.catch(() => undefined)
  return early
}

/** Opens a page once the module is there; `Kind` is how the app sees it. */
export async function openWith<P = Flywheel>(
  options: InsightOpenOptions,
  source: () => ModuleSource | Promise<ModuleSource>,
  Kind: new (...given: never[]) => P = Page as never,
): Promise<P> {
  // The browser opens and reads its database while the module is on its way.
  const early = readEarly(options)
  try {
    await load(source)
    return await open<P>(options, Kind as never, early)
  } catch (error) {
    void early?.then(([db]) => db.close()).catch(() => undefined)
    throw error
  }
}
