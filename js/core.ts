// The engine with values that are values: what crosses flat is made and read here.
import { Engine } from "#wasm"
import { Call } from "./call.js"
import { flatten, unflatten } from "./flat.js"
import { type User, memory, users } from "./instance.js"
import { HEAD, Lexicon } from "./lexicon.js"
import type { Decision, Status, Thumb } from "./types.js"

/** A journal entry, as far as it matters here. */
export type Entry = { id: string; delivery: { state: string } }
/** Something that happened. */
export type Event = { type: string; id?: string; code?: string; version?: number }
/** The body of a request. */
export type Batch = { request: string; version: number; signals: unknown[]; decisions?: unknown[] }
/** The engine's own status. */
export type State = Omit<Status, "inFlight" | "lastError" | "storage" | "storageReason"> & {
  in_flight: number
  last_error: string | null
}

/** Set by the bundler: whether this bundle's module has cargo feature `insight`. */
declare const INSIGHT: boolean
/** Stored decisions that tell the engine when to ask. */
const RECENT = 128
/** So many steps of weights are kept; then whole ones are asked for. */
const STEPS = 64

/** The engine, pleasant to call. */
export class Core implements User {
  #engine!: Engine
  #lexicon!: Lexicon
  readonly #options: object
  readonly #privacyControl: boolean
  readonly #holdsWeights: boolean
  /** What the person has chosen since. */
  #chosen: object | undefined
  /** Told when all that the engine knew is gone. */
  onRevived: (() => void) | undefined
  /** Stored decisions that nobody has asked about since, as JSON by id. */
  #asleep = new Map<string, unknown>()
  #weights: Uint8Array[] = []

  constructor(options: object, privacyControl: boolean, holdsWeights: boolean) {
    this.#options = options
    this.#privacyControl = privacyControl
    this.#holdsWeights = holdsWeights
    this.revive()
    users.add(this)
  }

  /** Begins with a new engine, which knows nothing but the options and what was chosen. */
  revive(): void {
    this.#engine = new Engine()
    this.#lexicon = new Lexicon(this.#engine, memory)
    this.#asleep = new Map()
    this.#weights = []
    this.call(Call.Open, this.#options, this.#privacyControl, globalThis.navigator?.webdriver === true, this.#holdsWeights)
    if (this.#chosen !== undefined) this.choose(this.#chosen)
    this.onRevived?.()
  }

  /** Needs no new engine any more. */
  retire(): void {
    users.delete(this)
  }

  /** Anything that is not asked often. */
  call<T>(call: Call, ...given: unknown[]): T {
    const { text, shape } = flatten(given, call === Call.Restore || (INSIGHT && call === Call.Import))
    return this.#read(this.#engine.call(call, text, shape))
  }

  #read<T>(shape: Float64Array): T {
    return unflatten(this.#engine.text(), shape)
  }

  /** The id of a decision about a request, after an attempt or "", and its numbers, which `decisionOf` reads. */
  rank(request: [object[], number[]], after: string): [string, number[]] {
    this.wake(after)
    return this.call(Call.Rank, after, ...request)
  }

  /**
   * The same for a request that can cross as numbers, the id first; the answer holds until the next call. `undefined` if
   * it cannot.
   */
  rankKnown(surface: unknown, context: unknown, candidates: readonly unknown[]): Float64Array | undefined {
    const used = this.#lexicon.write(surface, context, candidates)
    if (used === 0) return undefined
    const answer = this.#answer(this.#engine.rank_known(used))
    this.#lexicon.remember(candidates)
    return answer
  }

  #answer(done: boolean): Float64Array {
    return done ? this.#lexicon.room : this.#read(this.#engine.refusal())
  }

  /** Has the engine read a stored decision, and the attempts before it. */
  wake(decision: string): void {
    const stored = this.#asleep.get(decision)
    if (stored === undefined) return
    this.#asleep.delete(decision)
    const record = parsed(stored)
    this.call(Call.Restore, [], [record])
    if (typeof record?.after === "string") this.wake(record.after)
  }

  /** Has the engine read all that is stored. */
  wakeAll(): void {
    const all = [...this.#asleep.values()].map(parsed)
    this.#asleep = new Map()
    if (all.length > 0) this.call(Call.Restore, [], all)
  }

  thumb(decision: string, thumb: Thumb): string {
    this.wake(decision)
    const { room } = this.#lexicon
    // NaN behind its end, and everywhere in what is too long to be an id.
    const start = decision.length > HEAD ? HEAD : 0
    for (let at = 0; at < HEAD; at++) room[at] = decision.charCodeAt(start + at)
    return idIn(this.#answer(this.#engine.thumb(thumb === null ? undefined : thumb === "up")))
  }

  /** What is asked about a decision. */
  about<T>(call: Call, decision: string, ...given: unknown[]): T {
    this.wake(decision)
    return this.call(call, decision, ...given)
  }

  correct(decision: string, shown: string, corrected: string): string {
    return this.about(Call.Correct, decision, shown, corrected)
  }

  edited(decision: string, share: number): string {
    return this.about(Call.Edited, decision, share)
  }

  prefer(decision: string, candidate: string): string {
    return this.about(Call.Prefer, decision, candidate)
  }

  reward(decision: string, value: number, reason?: string): string {
    return this.about(Call.Reward, decision, value, reason)
  }

  regenerate<D extends Decision>(decision: string): D {
    return this.about(Call.Regenerate, decision)
  }

  status(): State {
    return this.call(Call.Status)
  }

  export(): object {
    this.wakeAll()
    return this.call(Call.Export)
  }

  choose(choice: unknown): void {
    this.call(Call.Choose, choice)
    this.#chosen = this.choice()
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

  /** What was stored, by an earlier visit or by another tab; decisions as JSON by id, and two snapshots of what older
   * entries came to. */
  restore(entries: readonly unknown[], decisions: ReadonlyMap<string, unknown>, weights: unknown = [], past?: unknown[]): void {
    for (const [id, decision] of decisions) this.#asleep.set(id, decision)
    this.call(Call.Restore, entries, [], [...decisions.keys()], past)
    if (INSIGHT) [...decisions.keys()].slice(-RECENT).forEach((id) => this.wake(id))
    for (const part of Array.isArray(weights) ? weights : []) {
      if (part instanceof Uint8Array && this.#engine.take_weights(part, true).length === 0) this.#keep(part)
    }
  }

  ready(): void {
    this.call(Call.Ready)
  }

  /** Entries, decisions and ids of decisions to delete, to be stored. */
  writes(stored: boolean): [Entry[], { id: string }[], string[]] {
    const writes: [Entry[], { id: string }[], string[]] = this.call(Call.Writes, stored)
    for (const id of writes[2]) this.#asleep.delete(id)
    return writes
  }

  events(): Event[] {
    return this.call(Call.Events)
  }

  /** A snapshot's turn, the snapshot, and ids of entries that it replaces, if it is worth it. */
  compact(): [turn: number, snapshot: string, gone: string[]] | null {
    return this.call(Call.Compact)
  }

  due(): number | null {
    return this.call(Call.Due)
  }

  begin(nowOrNever: boolean, leaving = false): Batch | null {
    const batch = this.call<Batch | null>(Call.Begin, nowOrNever, leaving)
    if (batch !== null && this.#weights.length > STEPS) batch.version = 0
    return batch
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
    this.#keep(bytes)
  }

  #keep(bytes: Uint8Array): void {
    // Where the version that it is a step from stands, whole weights have a zero (docs/protocol.md, "Weights").
    if (bytes[5] === 0) this.#weights = []
    this.#weights.push(bytes)
  }

  adopt(): void {
    this.call(Call.Adopt)
  }

  /** Everybody's weights as they came: whole ones and the steps since. */
  get weights(): readonly Uint8Array[] {
    return this.#weights
  }

  mayHaveSent(): boolean {
    return this.call(Call.MayHaveSent)
  }

  forget(secret: string): void {
    this.#lexicon.clear()
    this.#asleep = new Map()
    this.#weights = []
    this.call(Call.Forget, secret)
  }
}

function parsed(stored: unknown): { after?: unknown } | undefined {
  try {
    return JSON.parse(stored as string)
  } catch {
    // The engine counts what it cannot read.
    return undefined
  }
}

/** The id at the front of an answer. */
export function idIn(room: Float64Array): string {
  // Spread, an array of numbers that is not a list costs a microsecond more.
  return String.fromCharCode.apply(null, room.subarray(0, HEAD) as unknown as number[])
}
