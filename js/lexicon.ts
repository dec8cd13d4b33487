// What crosses as numbers: names, categories and ids that have crossed once as strings. Looking a string up in a Map is
// ten times as fast as carrying it across, and what a candidate was read as the last time need not be read again.
// src/lexicon.rs is the other side.

const NAME = 0
const FLAG = 1
const CATEGORY = 2

/** Terms after which both sides start over: a few megabytes at most, whatever an app uses as categories. */
const MOST = 20_000
/** Most features of an object and candidates of a request; more go the way that all strings go, and are refused. */
const FEATURES = 512
const CANDIDATES = 1_000
/** Longest category; longer strings are texts. */
const LONGEST = 64
/** While objects do not come again, only so many requests are remembered. */
const SAMPLE = 16

/** The part of the engine that is needed. */
export interface Terms {
  /** The number of a term, or `undefined` if it must cross as a string. */
  term(kind: number, name: string, category: string): number | undefined
  /** Forgets all terms. */
  clear_terms(): void
  /** Room for so many numbers: where it is in the memory. */
  room(numbers: number): number
}

interface Name {
  readonly bare: number | undefined
  flag: number | undefined
  readonly categories: Map<string, number>
}

/** A candidate as it was when it was read. */
interface Seen {
  readonly id: string
  readonly keys: readonly string[]
  readonly values: readonly unknown[]
  readonly numbers: Float64Array
}

const NONE: readonly never[] = []

/** Writes requests into the engine's memory. */
export class Lexicon {
  readonly #terms: Terms
  readonly #memory: WebAssembly.Memory
  #names = new Map<string, Name>()
  #seen = new WeakMap<object, Seen>()
  /** The names that stood in the last object, and what is known about them: the next one mostly has the same. */
  #keys: readonly string[] = NONE
  #known: Name[] = []
  #count = 0
  #requests = 0
  /** Above 0 while candidates come again: only then is it worth remembering all of them. */
  #again = 0
  /** The engine's memory; empty as soon as that has grown. */
  #view = new Float64Array(0)
  #used = 0

  constructor(terms: Terms, memory: WebAssembly.Memory) {
    this.#terms = terms
    this.#memory = memory
  }

  /** Forgets everything, on both sides. */
  clear(): void {
    this.#names = new Map()
    this.#seen = new WeakMap()
    this.#keys = NONE
    this.#count = 0
    this.#terms.clear_terms()
  }

  /** The engine's memory, where it is now; after a call with what the engine wrote there. */
  get answer(): Float64Array {
    if (this.#view.length === 0) this.#grow()
    return this.#view
  }

  /** Writes a request; gives how many numbers it took, or 0 if it must cross as strings. */
  write(surface: unknown, context: unknown, candidates: readonly unknown[]): number {
    if (this.#count > MOST) this.clear()
    if (typeof surface !== "string" || candidates.length > CANDIDATES) return 0
    const remember = this.#again > 0 || this.#requests++ % SAMPLE === 0
    this.#used = 0
    if (!this.#putName(surface) || !this.#putFeatures(context, keysOf(context), [])) return 0
    this.#put(candidates.length)
    for (let place = 0; place < candidates.length; place++) {
      if (!this.#putCandidate(candidates[place], remember)) return 0
    }
    return this.#used
  }

  #put(number: number): void {
    if (this.#used >= this.#view.length) this.#grow()
    this.#view[this.#used++] = number
  }

  /** Makes room, or looks again where the memory has grown; what was written stays. */
  #grow(): void {
    const length = Math.max(1_024, this.#used * 2)
    // The room first: making it may grow the memory, and that takes the buffer away.
    const place = this.#terms.room(length)
    this.#view = new Float64Array(this.#memory.buffer, place, length)
  }

  #name(name: string): Name {
    let known = this.#names.get(name)
    if (known === undefined) {
      known = { bare: this.#term(NAME, name, ""), flag: undefined, categories: new Map() }
      this.#names.set(name, known)
    }
    return known
  }

  #term(kind: number, name: string, category: string): number | undefined {
    this.#count++
    return this.#terms.term(kind, name, category)
  }

  #putName(name: string): boolean {
    const { bare } = this.#name(name)
    if (bare === undefined) return false
    this.#put(bare)
    return true
  }

  #putCandidate(candidate: unknown, remember: boolean): boolean {
    if (typeof candidate !== "object" || candidate === null) return false
    const { id, text, features, pinned, forbidden, minimumShare } = candidate as Record<string, unknown>
    if (typeof id !== "string" || (text ?? pinned ?? forbidden ?? minimumShare) !== undefined) return false
    const keys = keysOf(features)
    const seen = this.#seen.get(candidate)
    if (seen !== undefined && seen.id === id && isSame(seen, keys, features as Values)) {
      const { numbers } = seen
      for (let at = 0; at < numbers.length; at++) this.#put(numbers[at]!)
      this.#again = SAMPLE
      return true
    }
    const from = this.#used
    if (!this.#putName(id)) return false
    this.#put(0)
    // What is written is what is remembered: a getter may say something else the next time.
    const values: unknown[] = []
    if (!this.#putFeatures(features, keys, values)) return false
    if (remember && keys !== undefined) {
      if (this.#again > 0) this.#again -= 1 / 8
      this.#seen.set(candidate, { id, keys, values, numbers: this.answer.slice(from, this.#used) })
    }
    return true
  }

  #putFeatures(features: unknown, keys: readonly string[] | undefined, values: unknown[]): boolean {
    if (keys === undefined || keys.length > FEATURES) return false
    const place = this.#used
    this.#put(0)
    const before = this.#keys
    const known = this.#known
    // Only when all of it is known it holds for the next.
    this.#keys = NONE
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at]!
      const name = before[at] === key ? known[at]! : (known[at] = this.#name(key))
      const value = (values[at] = (features as Values)[key])
      let number: number | undefined
      if (typeof value === "string") {
        number = name.categories.get(value)
        if (number === undefined) {
          if (value.length > LONGEST) return false
          number = this.#term(CATEGORY, key, value)
          if (number === undefined) return false
          name.categories.set(value, number)
        }
      } else if (name.bare === undefined) {
        return false
      } else if (value === true) {
        number = name.flag ??= this.#term(FLAG, key, "")
      } else if (typeof value === "number" && Number.isFinite(value)) {
        this.#put(-1 - name.bare)
        number = value
      } else if (value === false || value === null || value === undefined) {
        continue
      }
      if (number === undefined) return false
      this.#put(number)
    }
    this.#keys = keys
    // A name that stands before no number may have grown the memory.
    this.answer[place] = this.#used - place - 1
    return true
  }
}

type Values = Readonly<Record<string, unknown>>

/** The names in an object, or `undefined` if it is none. */
function keysOf(object: unknown): readonly string[] | undefined {
  if (object === undefined || object === null) return NONE
  return typeof object === "object" && !Array.isArray(object) ? Object.keys(object) : undefined
}

/** Whether the object still is what it was. */
function isSame(seen: Seen, keys: readonly string[] | undefined, values: Values): boolean {
  if (keys === undefined || keys.length !== seen.keys.length) return false
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!
    if (key !== seen.keys[at] || values[key] !== seen.values[at]) return false
  }
  return true
}
