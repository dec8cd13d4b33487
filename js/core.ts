// The engine with values that are values: what crosses flat is made and read here.
import type { Engine } from "#wasm"
import { flatten, unflatten } from "./flat.js"
import type { Decision, Status, Trait } from "./types.js"

/** What the glue exports. */
export interface Module {
  readonly Engine: new (text: string, shape: Float64Array, privacyControl: boolean) => Engine
  readonly secret: () => string
}

/** A journal entry, as far as it matters here. */
export type Entry = { id: string; delivery: { state: string } }
/** Something that happened. */
export type Event = { type: string; id?: string; code?: string; version?: number }
/** The body of a request. */
export type Batch = { request: string; signals: unknown[] }
/** The engine's own status. */
export type State = Omit<Status, "inFlight" | "lastError" | "storage" | "storageReason"> & {
  in_flight: number
  last_error: string | null
}

/** The engine, pleasant to call. */
export class Core {
  /** What crosses as it is. */
  readonly engine: Engine
  /** Makes a device secret. */
  readonly secret: () => string

  constructor(module: Module, options: object, privacyControl: boolean) {
    const { text, shape } = flatten(options)
    this.engine = new module.Engine(text, shape, privacyControl)
    this.secret = module.secret
  }

  #read<T>(shape: Float64Array): T {
    return unflatten(this.engine.text(), shape)
  }

  regenerate<D extends Decision>(decision: string): D {
    return this.#read(this.engine.regenerate(decision))
  }

  profile(most: number): Trait[] {
    return this.#read(this.engine.profile(most))
  }

  status(): State {
    return this.#read(this.engine.status())
  }

  export(): object {
    return this.#read(this.engine.export())
  }

  choose(choice: unknown): void {
    const { text, shape } = flatten(choice)
    this.engine.choose(text, shape)
  }

  choice(): object {
    return this.#read(this.engine.choice())
  }

  restore(entries: unknown[], decisions: unknown[], weights: unknown): void {
    const { text, shape } = flatten({ entries, decisions })
    this.engine.restore(text, shape, weights instanceof Uint8Array ? weights : undefined)
  }

  writes(): [Entry[], object[], string[]] {
    return this.#read(this.engine.writes())
  }

  events(): Event[] {
    return this.#read(this.engine.events())
  }

  begin(nowOrNever: boolean): Batch | undefined {
    const shape = this.engine.begin(nowOrNever)
    return shape === undefined ? undefined : this.#read(shape)
  }

  /** How many signals the server has taken, or nothing if the reply cannot be read. */
  answered(request: string, reply: unknown): number | undefined {
    const { text, shape } = flatten(reply)
    return this.engine.answered(request, text, shape)
  }
}
