// What crosses as numbers: names, categories and ids that have crossed once as strings. Looking a string up in a Map is
// ten times as fast as carrying it across, and a candidate that was read before is one number.
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
/** Numbers of the largest answer, as in src/engine.rs. */
const ROOM = 4_096

/** Where things stand in an answer to `rank`, after the characters of an id; src/flat/request.rs writes it. */
export const HEAD = 36
const AGE = HEAD + 5
export const PLACES = HEAD + 6

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

/** A candidate as it was when it was read, and the number under which the engine knows it. */
interface Seen {
  readonly id: string
  readonly keys: readonly string[]
  readonly values: readonly unknown[]
  number: number
}

type Values = Readonly<Record<string, unknown>>

const NONE: [number, Seen][] = []

/** Writes requests into the engine's memory. */
export class Lexicon {
  readonly #terms: Terms
  readonly #memory: WebAssembly.Memory
  #names = new Map<string, Name>()
  #seen = new WeakMap<object, Seen>()
  /** Those of this request that are still to be seen, by place. */
  #fresh: [number, Seen][] = NONE
  /** The engine's age: of another one it knows nothing by number. */
  #age = 0
  /** Surfaces that were asked about before: for a page that decides once, terms would be made in vain. */
  #surfaces = new Set<string>()
  /** The names that stood in the last objects, and what is known about them: the next ones mostly have the same. */
  readonly #keys: string[] = []
  readonly #known: Name[] = []
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
    this.#surfaces = new Set()
    this.#seen = new WeakMap()
    this.#keys.length = 0
    this.#count = 0
    this.#terms.clear_terms()
  }

  /** The engine's memory, where it is now; after a call with what the engine wrote there. */
  get room(): Float64Array {
    if (this.#view.length === 0) this.#grow(ROOM)
    return this.#view
  }

  /** Writes a request; gives how many numbers it took, or 0 if it must cross as strings. */
  write(surface: unknown, context: unknown, candidates: readonly unknown[]): number {
    if (this.#count > MOST) this.clear()
    const { length } = candidates
    if (typeof surface !== "string" || length > CANDIDATES || inherits()) return 0
    if (!this.#surfaces.has(surface)) {
      this.#surfaces.add(surface)
      this.#count++
      return 0
    }
    const { bare } = this.#name(surface)
    if (bare === undefined) return 0
    const turn = ++this.#requests
    const remember = this.#again > 0 || turn % SAMPLE === 1
    this.#fresh = NONE
    this.#used = 0
    this.#make(1)[this.#used++] = bare
    if (!this.#putFeatures(context as Values)) return 0
    this.#make(1)[this.#used++] = length
    for (let place = 0; place < length; place++) {
      if (!this.#putCandidate(candidates[place], place, remember)) return 0
    }
    // A getter may have ranked something else meanwhile, in the same room.
    return turn === this.#requests ? this.#used : 0
  }

  /** Reads in the answer under which numbers the engine knows the candidates from now on. */
  remember(candidates: readonly unknown[]): void {
    const { room } = this
    if (this.#age !== room[AGE]) {
      this.#age = room[AGE]!
      this.#seen = new WeakMap()
      return
    }
    for (const [place, seen] of this.#fresh) {
      seen.number = room[PLACES + 2 * candidates.length + place]!
      this.#seen.set(candidates[place] as object, seen)
    }
  }

  /** The view, with room for so many more numbers. */
  #make(more: number): Float64Array {
    const needed = this.#used + more
    if (needed > this.#view.length) this.#grow(Math.max(ROOM, needed * 2))
    return this.#view
  }

  /** Makes room, or looks again where the memory has grown; what was written stays. */
  #grow(length: number): void {
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

  #putCandidate(candidate: unknown, place: number, remember: boolean): boolean {
    if (typeof candidate !== "object" || candidate === null) return false
    const { id, text, features, pinned, forbidden, minimumShare } = candidate as Values
    if (typeof id !== "string" || (text ?? pinned ?? forbidden ?? minimumShare) !== undefined) return false
    const seen = this.#seen.get(candidate)
    if (seen !== undefined && seen.id === id && isPlain(features) && isSame(seen, features as Values)) {
      this.#make(1)[this.#used++] = -1 - seen.number
      this.#again = SAMPLE
      return true
    }
    const { bare } = this.#name(id)
    if (bare === undefined) return false
    this.#make(1)[this.#used++] = bare
    if (!remember) return this.#putFeatures(features as Values)
    if (!isPlain(features)) return false
    // What is written is what is remembered: a getter may say something else the next time.
    const copy = { ...(features as Values) }
    if (!this.#putFeatures(copy)) return false
    if (this.#again > 0) this.#again -= 1 / 8
    if (this.#fresh === NONE) this.#fresh = []
    this.#fresh.push([place, { id, keys: Object.keys(copy), values: Object.values(copy), number: 0 }])
    return true
  }

  #putFeatures(features: Values | null | undefined): boolean {
    if (!isPlain(features)) return false
    const head = this.#used
    let view = this.#make(2 * FEATURES + 2)
    let used = head + 1
    let at = 0
    for (const key in features) {
      if (at === FEATURES) return false
      let name: Name
      if (this.#keys[at] === key) {
        name = this.#known[at]!
      } else {
        name = this.#name(key)
        this.#keys[at] = key
        this.#known[at] = name
      }
      at++
      const value = features[key]
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
        view[used++] = -1 - name.bare
        number = value
      } else if (value === false || value === null || value === undefined) {
        continue
      }
      if (number === undefined) return false
      // A new term may have grown the memory, which takes the buffer away.
      if (view.length === 0) view = this.room
      view[used++] = number
    }
    // A name that stands before no number may have grown it, too.
    if (view.length === 0) view = this.room
    view[head] = used - head - 1
    this.#used = used
    return true
  }
}

/** Whether every object has names by inheritance that a loop over its names would find. */
function inherits(): boolean {
  for (const _ in {}) return true
  return false
}

/** Whether it is an object of names and values, or nothing: what has names by inheritance is read elsewhere. */
function isPlain(object: unknown): boolean {
  if (object === undefined || object === null) return true
  if (typeof object !== "object") return false
  const prototype: unknown = Object.getPrototypeOf(object)
  return prototype === Object.prototype || prototype === null
}

/** Whether the object still is what it was. */
function isSame({ keys, values }: Seen, now: Values): boolean {
  let at = 0
  for (const key in now) {
    if (key !== keys[at] || now[key] !== values[at]) return false
    at++
  }
  return at === keys.length
}
