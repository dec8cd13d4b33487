// The engine with values that are values: what crosses flat is made and read here.
import type { Engine } from "#wasm"
import { Call } from "./call.js"
import { flatten, unflatten } from "./flat.js"
import { Lexicon } from "./lexicon.js"
import type { Decision, Status, Thumb, Trait } from "./types.js"

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
  readonly #engine: Engine
  readonly #lexicon: Lexicon

  constructor(engine: Engine, memory: WebAssembly.Memory, options: object, privacyControl: boolean) {
    this.#engine = engine
    this.#lexicon = new Lexicon(engine, memory)
    this.call(Call.Open, options, privacyControl)
  }

  /** Anything that is not asked often. */
  call<T>(call: Call, ...given: unknown[]): T {
    const { text, shape } = flatten(given)
    return this.#read(this.#engine.call(call, text, shape))
  }

  #read<T>(shape: Float64Array): T {
    return unflatten(this.#engine.text(), shape)
  }

  /** Numbers that are no value, at least four of them; what is shorter is an error. */
  #numbers(numbers: Float64Array): Float64Array {
    return numbers.length < 4 ? this.#read(numbers) : numbers
  }

  /** As `flat.encode` writes a request and `decisionOf` reads a decision. */
  rank(text: string, shape: Float64Array): Float64Array {
    return this.#numbers(this.#engine.rank(text, shape))
  }

  /** The same for a request that can cross as numbers; `undefined` if it cannot. The answer holds until the next call. */
  rankKnown(surface: unknown, context: unknown, candidates: readonly unknown[]): Float64Array | undefined {
    const used = this.#lexicon.write(surface, context, candidates)
    return used === 0 ? undefined : this.#answer(this.#engine.rank_known(used))
  }

  #answer(done: boolean): Float64Array {
    return done ? this.#lexicon.answer : this.#read(this.#engine.refusal())
  }

  thumb(decision: string, thumb: Thumb): string {
    return uuid(this.#answer(this.#engine.thumb(decision, thumb === null ? undefined : thumb === "up")))
  }

  correct(decision: string, shown: string, corrected: string): string {
    return this.call(Call.Correct, decision, shown, corrected)
  }

  edited(decision: string, share: number): string {
    return this.call(Call.Edited, decision, share)
  }

  prefer(decision: string, candidate: string): string {
    return this.call(Call.Prefer, decision, candidate)
  }

  reward(decision: string, value: number, reason?: string): string {
    return this.call(Call.Reward, decision, value, reason)
  }

  regenerate<D extends Decision>(decision: string): D {
    return this.call(Call.Regenerate, decision)
  }

  profile(most: number): Trait[] {
    return this.call(Call.Profile, most)
  }

  status(): State {
    return this.call(Call.Status)
  }

  export(): object {
    return this.call(Call.Export)
  }

  choose(choice: unknown): void {
    this.call(Call.Choose, choice)
  }

  choice(): object {
    return this.call(Call.Choice)
  }

  /** A new device secret. */
  secret(): string {
    return this.call(Call.Secret)
  }

  identify(secret: string): void {
    this.call(Call.Identify, secret)
  }

  restore(entries: unknown[], decisions: unknown[], weights: unknown): void {
    this.call(Call.Restore, entries, decisions)
    if (weights instanceof Uint8Array) this.#engine.take_weights(weights, true)
  }

  ready(): void {
    this.call(Call.Ready)
  }

  writes(stored: boolean): [Entry[], object[], string[]] {
    return this.call(Call.Writes, stored)
  }

  events(): Event[] {
    return this.call(Call.Events)
  }

  due(): number | null {
    return this.call(Call.Due)
  }

  begin(nowOrNever: boolean): Batch | null {
    return this.call(Call.Begin, nowOrNever)
  }

  /** How many signals the server has taken, or nothing if the reply cannot be read. */
  answered(request: string, reply: unknown): number | null {
    return this.call(Call.Answered, request, reply)
  }

  failed(request: string, status: number, retryAfterMs: number | undefined, why: string): void {
    this.call(Call.Failed, request, status, retryAfterMs, why)
  }

  takeWeights(bytes: Uint8Array): void {
    const refused = this.#engine.take_weights(bytes, false)
    if (refused.length > 0) this.#read(refused)
  }

  weights(): Uint8Array {
    return this.#engine.weights()
  }

  mayHaveSent(): boolean {
    return this.call(Call.MayHaveSent)
  }

  forget(secret: string): void {
    this.#lexicon.clear()
    this.call(Call.Forget, secret)
  }
}

/** Every byte in hexadecimal. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

function hex(word: number): string {
  return HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!
}

/** A UUID from four numbers of 32 bits. */
export function uuid(numbers: Float64Array): string {
  const b = hex(numbers[1]!)
  const c = hex(numbers[2]!)
  return `${hex(numbers[0]!)}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${hex(numbers[3]!)}`
}
