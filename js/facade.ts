// The pleasant shape of the wasm handle. It checks types, gives receipts and calls listeners; it decides nothing.
import type { Handle } from "#wasm"
import { encode } from "./encode.js"
import { flywheelError, invalid } from "./errors.js"
import { OpenReceipt } from "./receipt.js"
import type {
  Candidate, Consent, Correction, Decision, DecisionId, ErrorCode, Events, Flywheel, FlywheelError, OpenOptions,
  RankRequest, Receipt, ShownRequest, Status, SyncResult, Thumb, Trait,
} from "./types.js"

/** The wasm class, as the glue exports it. */
export interface HandleClass {
  open(options: unknown, notify: (kind: string, value: unknown, more: unknown) => void): Promise<Handle>
}

/** The id under which an answer that was shown without a choice is known. */
const ANSWER = "answer"

/** Opens a page with a module that has been loaded. */
export async function open(handles: HandleClass, options: OpenOptions): Promise<Flywheel> {
  if (typeof options !== "object" || options === null) throw invalid("the options", "an object with an `app`")
  const { app, endpoint, key, consent, epsilon, sync, storage, seed } = options
  if (typeof app !== "string") throw invalid("`app`", "a string")
  if (storage !== undefined && storage !== "indexeddb" && storage !== "memory") {
    throw invalid("`storage`", '"indexeddb" or "memory"')
  }
  const listeners = new Listeners()
  const given = {
    app, endpoint, key, epsilon, seed,
    choice: choice(consent),
    memory: storage === "memory",
    automatic: sync?.automatic, count: sync?.count, waitMs: sync?.waitMs, refreshMs: sync?.refreshMs,
  }
  const handle = await handles.open(given, (kind, value, more) => listeners.hear(kind, value, more))
  return new Page(handle, listeners)
}

function choice(consent: Consent = {}) {
  if (typeof consent !== "object" || consent === null) throw invalid("consent", "an object")
  const { learn, share, text, overrideGlobalPrivacyControl } = consent
  if (share !== undefined && share !== "ask" && typeof share !== "boolean") {
    throw invalid("consent.share", 'true, false or "ask"')
  }
  return {
    learn, text,
    share: share === undefined || share === "ask" ? share : share ? "granted" : "denied",
    despite_privacy_control: overrideGlobalPrivacyControl,
  }
}

function idOf(decision: Decision | DecisionId, what = "a decision"): string {
  const id: unknown = typeof decision === "object" && decision !== null ? decision.id : decision
  if (typeof id !== "string") throw invalid(what, "a decision or its id")
  return id
}

function afterOf(after: Decision | DecisionId | undefined): string {
  return after === undefined ? "" : idOf(after, "`after`")
}

/** A UUID from four numbers of 32 bits. */
function uuid(numbers: Float64Array): string {
  let hex = ""
  for (let at = 0; at < 4; at++) hex += numbers[at]!.toString(16).padStart(8, "0")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Where scores and places begin in what `rank` gives; src/convert.rs writes it. */
const HEAD = 9

function decisionOf<Id extends string>(numbers: Float64Array, surface: string, ids: readonly Id[]): Decision<Id> {
  const order = new Array<Id>(ids.length)
  const scores = new Array<number>(ids.length)
  for (let place = 0; place < ids.length; place++) {
    order[place] = ids[numbers[HEAD + place]!]!
    scores[place] = numbers[HEAD + ids.length + place]!
  }
  const decision = {
    id: uuid(numbers),
    surface,
    best: order[0]!,
    order,
    scores,
    propensity: numbers[4]!,
    explored: numbers[5] === 1,
    version: numbers[6]!,
    attempt: numbers[7]!,
  }
  return numbers[8] === 1 ? { ...decision, unready: true } : decision
}

/** Who listens to what, and the receipts that are still open. */
class Listeners {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>()
  readonly #receipts = new Map<string, OpenReceipt>()
  status: (() => Status) | undefined

  receipt(id: string): Receipt {
    const receipt = new OpenReceipt(id)
    this.#receipts.set(id, receipt)
    return receipt
  }

  add<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    if (typeof listener !== "function") throw invalid("a listener", "a function")
    let all = this.#listeners.get(event)
    if (all === undefined) this.#listeners.set(event, (all = new Set()))
    // Each call counts, even with the same function: it is taken out by its own `stop`.
    const own = (value: Events[E]) => listener(value)
    all.add(own)
    return () => void all.delete(own)
  }

  /** What the module says. */
  hear(kind: string, value: unknown, more: unknown): void {
    switch (kind) {
      case "saved":
      case "memory":
        return this.#each(value, (receipt) => receipt.kept(kind))
      case "local":
        return this.#each(value, (receipt) => receipt.local())
      case "acknowledged":
        return this.#each([value], (receipt) => receipt.taken())
      case "dropped":
        return this.#each([value], (receipt) => receipt.drop(more as ErrorCode))
      case "forgotten":
        return this.#each([...this.#receipts.keys()], (receipt) => receipt.drop("erased"))
      case "closed":
        // What is not sent by now stays in the journal for the next visit.
        return this.#each([...this.#receipts.keys()], (receipt) => receipt.local())
      case "weights":
        return this.#emit("weights", () => ({ version: value as number }))
      case "error":
        return this.#emit("error", () => value as FlywheelError)
      case "status":
        return this.#emit("status", () => this.status?.())
    }
  }

  #each(ids: unknown, move: (receipt: OpenReceipt) => void): void {
    for (const id of ids as string[]) {
      const receipt = this.#receipts.get(id)
      if (receipt === undefined) continue
      move(receipt)
      if (receipt.settled) this.#receipts.delete(id)
    }
  }

  #emit<E extends keyof Events>(event: E, value: () => Events[E] | undefined): void {
    const all = this.#listeners.get(event)
    if (all === undefined || all.size === 0) return
    const given = value()
    if (given === undefined) return
    for (const listener of [...all]) {
      try {
        listener(given as never)
      } catch (error) {
        // A listener's mistake is its own: it must not stop the others, nor the module.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

class Page implements Flywheel {
  readonly #handle: Handle
  readonly #listeners: Listeners

  constructor(handle: Handle, listeners: Listeners) {
    this.#handle = handle
    this.#listeners = listeners
    listeners.status = () => this.status()
  }

  rank<C extends Candidate>(request: RankRequest<C>): Decision<C["id"]> {
    if (typeof request !== "object" || request === null) throw invalid("a request", "an object")
    const { surface, context, candidates, after } = request
    if (!Array.isArray(candidates)) throw invalid("`candidates`", "a list")
    const { text, shape } = encode(surface, afterOf(after), context, candidates)
    const numbers = this.#handle.rank(text, shape)
    return decisionOf(numbers, surface, candidates.map((candidate) => candidate.id))
  }

  shown(request: ShownRequest): Decision {
    if (typeof request !== "object" || request === null) throw invalid("a request", "an object")
    const { surface, context, answer, after } = request
    const candidate = typeof answer === "string" ? { id: ANSWER, text: answer } : answer
    const { text, shape } = encode(surface, afterOf(after), context, [candidate], ANSWER)
    const numbers = this.#handle.rank(text, shape)
    const { id = ANSWER } = candidate as { id?: string }
    return decisionOf(numbers, surface, [id])
  }

  thumb(decision: Decision | DecisionId, thumb: Thumb): Receipt {
    if (thumb !== "up" && thumb !== "down" && thumb !== null) throw invalid("a thumb", '"up", "down" or null')
    return this.#receipt(this.#handle.thumb(idOf(decision), thumb === null ? undefined : thumb === "up"))
  }

  correct(decision: Decision | DecisionId, correction: Correction): Receipt {
    const id = idOf(decision)
    const { shown, corrected, share } = (correction ?? {}) as Record<string, unknown>
    if (typeof shown === "string" && typeof corrected === "string") {
      return this.#receipt(this.#handle.correct(id, shown, corrected))
    }
    if (typeof share !== "number" || shown !== undefined || corrected !== undefined) {
      throw invalid("a correction", "{ shown, corrected } or { share }")
    }
    return this.#receipt(this.#handle.edited(id, share))
  }

  regenerate<D extends Decision>(decision: D | DecisionId): D {
    return this.#handle.regenerate(idOf(decision))
  }

  prefer(decision: Decision | DecisionId, candidate: string): Receipt {
    if (typeof candidate !== "string") throw invalid("a candidate", "its id")
    return this.#receipt(this.#handle.prefer(idOf(decision), candidate))
  }

  reward(decision: Decision | DecisionId, value: number, reason?: string): Receipt {
    if (typeof value !== "number") throw invalid("a reward", "a number")
    if (reason !== undefined && typeof reason !== "string") throw invalid("a reason", "a string")
    return this.#receipt(this.#handle.reward(idOf(decision), value, reason))
  }

  profile(most = 50): Trait[] {
    return this.#handle.profile(Math.max(0, most))
  }

  status(): Status {
    const [page, storage, storageReason] = this.#handle.status()
    const { in_flight: inFlight, last_error: lastError, ...rest } = page
    return {
      ...rest, inFlight, storage,
      ...(storageReason === undefined ? {} : { storageReason }),
      ...(lastError === null ? {} : { lastError }),
    }
  }

  async consent(consent: Consent): Promise<void> {
    await this.#handle.consent(choice(consent))
  }

  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    if (event !== "weights" && event !== "status" && event !== "error") {
      throw invalid("an event", '"weights", "status" or "error"')
    }
    return this.#listeners.add(event, listener)
  }

  async sync(): Promise<SyncResult> {
    const acknowledged: number = await this.#handle.sync()
    const { queued, version } = this.status()
    return { acknowledged, queued, version }
  }

  async forget(): Promise<void> {
    await this.#handle.forget()
  }

  async export(): Promise<object> {
    return this.#handle.export()
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  #receipt(id: string): Receipt {
    return this.#listeners.receipt(id)
  }
}

/** Thrown when the module could not be loaded. */
export function notLoaded(cause: unknown): FlywheelError {
  return flywheelError("internal", `the wasm module could not be loaded: ${String(cause)}`)
}
