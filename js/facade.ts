// The pleasant shape: checks types, gives receipts and calls listeners; it decides nothing.
import { Core, idIn } from "./core.js"
import { type Settings, Driver } from "./driver.js"
import { flywheelError, invalid } from "./errors.js"
import { HEAD } from "./lexicon.js"
import { Listeners } from "./listeners.js"
import { type Clean, cleaner } from "./redact.js"
import { ANSWER, decisionOf, requestOf } from "./request.js"
import type { Early } from "./storage.js"
import type {
  Candidate, Consent, Correction, Decision, DecisionId, Events, Flywheel, FlywheelError, InsightExploreBy, InsightOpenOptions, RankRequest,
  Receipt, ShownRequest, Status, SyncResult, Thumb,
} from "./types.js"

/** Set by the bundler: whether this bundle's module has cargo feature `insight`. */
declare const INSIGHT: boolean

/** Opens a page once the module has been loaded; `Kind` is how it is shown to the app. */
export async function open<P>(
  options: InsightOpenOptions,
  Kind: new (driver: Driver, listeners: Listeners, clean?: Clean) => P,
  early?: Early,
): Promise<P> {
  if (typeof options !== "object" || options === null) throw invalid("the options", "an object with an `app`")
  const { app, endpoint, key, consent, explore, sync, storage, seed, contributeAfter, holdWeights } = options
  // To take a redactor and not use it would be worse than to have none.
  if (!INSIGHT && options.redact !== undefined) throw invalid("`redact`", "given to flywheel-sdk/insight")
  if (storage !== undefined && storage !== "indexeddb" && storage !== "memory") {
    throw invalid("`storage`", '"indexeddb" or "memory"')
  }
  const { policy, scale, gamma, epsilon = options.epsilon }: Partial<InsightExploreBy & { scale: number; gamma: number }> =
    typeof explore === "number" ? { epsilon: explore } : (explore ?? {})
  const given = {
    app, endpoint, key, policy, parameter: scale ?? gamma, epsilon, seed, choice: choice(consent), ...sync,
    afterSignals: contributeAfter?.signals, afterDays: contributeAfter?.days,
  }
  if (INSIGHT) Object.assign(given, { holdOut: options.holdOut, ties: options.ties })
  const control = (globalThis.navigator as { globalPrivacyControl?: unknown } | undefined)?.globalPrivacyControl === true
  const clean = INSIGHT ? cleaner(options.redact) : undefined
  const core = new Core(given, control, holdWeights === true)
  const listeners = new Listeners()
  const settings: Settings = {
    app, endpoint, key,
    memory: storage === "memory",
    automatic: sync?.automatic ?? true,
  }
  const driver = new Driver(core, settings, (kind, value, more) => listeners.hear(kind, value, more), early)
  const page = INSIGHT ? new Kind(driver, listeners, clean) : new Kind(driver, listeners)
  await driver.opened()
  return page
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

/** The id of what is a decision or an id. */
export function idOf(decision: Decision | DecisionId, what = "a decision"): string {
  const id: unknown = typeof decision === "object" && decision !== null ? decision.id : decision
  if (typeof id !== "string") throw invalid(what, "a decision or its id")
  return id
}

function afterOf(after: Decision | DecisionId | undefined): string {
  return after === undefined ? "" : idOf(after, "`after`")
}

/** A page as the app sees it. */
export class Page implements Flywheel {
  readonly #driver: Driver
  readonly #listeners: Listeners

  constructor(driver: Driver, listeners: Listeners) {
    this.#driver = driver
    this.#listeners = listeners
    listeners.status = () => (driver.closed ? undefined : this.status())
  }

  get #core(): Core {
    this.#driver.checkOpen()
    return this.#driver.core
  }

  rank<C extends Candidate<object>, X extends object>(request: RankRequest<C, X>): Decision<C["id"]> {
    if (typeof request !== "object" || request === null) throw invalid("a request", "an object")
    const { surface, context, candidates, after } = request
    if (!Array.isArray(candidates)) throw invalid("`candidates`", "a list")
    return this.#rank(surface, after, context, candidates)
  }

  shown<F extends object, X extends object>(request: ShownRequest<F, X>): Decision {
    if (typeof request !== "object" || request === null) throw invalid("a request", "an object")
    const { surface, context, answer, after } = request
    // What is no answer is no candidate either, and is refused as one.
    const own = typeof answer === "string" ? { text: answer } : answer
    const candidate = typeof own === "object" && own !== null ? { id: ANSWER, ...own } : own
    return this.#rank(surface, after, context, [candidate])
  }

  #rank<Id extends string>(
    surface: string,
    after: Decision | DecisionId | undefined,
    context: unknown,
    candidates: readonly { readonly id: Id }[],
  ): Decision<Id> {
    const core = this.#core
    const room = after === undefined ? core.rankKnown(surface, context, candidates) : undefined
    const decision =
      room === undefined
        ? decisionOf(...core.rank(requestOf(surface, context, candidates), afterOf(after)), 0, surface, candidates)
        : decisionOf(idIn(room), room, HEAD, surface, candidates)
    this.#driver.afterDecision()
    return decision
  }

  thumb(decision: Decision | DecisionId, thumb: Thumb): Receipt {
    if (thumb !== "up" && thumb !== "down" && thumb !== null) throw invalid("a thumb", '"up", "down" or null')
    return this.#receipt(this.#core.thumb(idOf(decision), thumb))
  }

  correct(decision: Decision | DecisionId, correction: Correction): Receipt {
    const id = idOf(decision)
    const { shown, corrected, share } = (correction ?? {}) as Record<string, unknown>
    if (typeof shown === "string" && typeof corrected === "string") {
      return this.#receipt(this.#core.correct(id, shown, corrected))
    }
    if (typeof share !== "number" || shown !== undefined || corrected !== undefined) {
      throw invalid("a correction", "{ shown, corrected } or { share }")
    }
    return this.#receipt(this.#core.edited(id, share))
  }

  regenerate<D extends Decision>(decision: D | DecisionId): D {
    const next = this.#core.regenerate<D>(idOf(decision))
    this.#driver.after()
    return next
  }

  prefer(decision: Decision | DecisionId, candidate: string): Receipt {
    if (typeof candidate !== "string") throw invalid("a candidate", "its id")
    return this.#receipt(this.#core.prefer(idOf(decision), candidate))
  }

  reward(decision: Decision | DecisionId, value: number, reason?: string): Receipt {
    if (typeof value !== "number") throw invalid("a reward", "a number")
    if (reason !== undefined && typeof reason !== "string") throw invalid("a reason", "a string")
    return this.#receipt(this.#core.reward(idOf(decision), value, reason))
  }

  status(): Status {
    const { in_flight: inFlight, last_error: lastError, ...rest } = this.#core.status()
    return { ...rest, ...this.#driver.storage, inFlight, ...(lastError === null ? {} : { lastError }) }
  }

  async consent(consent: Consent): Promise<void> {
    await this.#driver.choose(choice(consent))
  }

  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    if (event !== "weights" && event !== "status" && event !== "error") {
      throw invalid("an event", '"weights", "status" or "error"')
    }
    return this.#listeners.add(event, listener)
  }

  async sync(): Promise<SyncResult> {
    const acknowledged = await this.#driver.sync()
    const { queued, version } = this.status()
    return { acknowledged, queued, version }
  }

  adopt(): void {
    this.#core.adopt()
    this.#driver.after()
  }

  async forget(): Promise<void> {
    await this.#driver.forget()
  }

  async export(): Promise<object> {
    return this.#core.export()
  }

  async close(): Promise<void> {
    await this.#driver.close()
  }

  #receipt(id: string): Receipt {
    this.#driver.after()
    return this.#listeners.receipt(id)
  }
}

/** Thrown when the module could not be loaded. */
export function notLoaded(cause: unknown): FlywheelError {
  return flywheelError("internal", `the wasm module could not be loaded: ${String(cause)}`)
}
