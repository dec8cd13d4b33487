// What a page can tell beyond the usual, where its module has cargo feature `insight`.
import { Call } from "./call.js"
import type { Core } from "./core.js"
import { join, rotate } from "./devices.js"
import type { Driver } from "./driver.js"
import { invalid } from "./errors.js"
import { Page, idOf } from "./facade.js"
import type { Listeners } from "./listeners.js"
import { type Clean, cleanRequest } from "./redact.js"
import type {
  Candidate, Correction, Decision, DecisionId, Explanation, Hint, InsightDecision, InsightFlywheel, RankRequest, Receipt,
  ShownRequest, Suggestion, Trait,
} from "./types.js"

/** A page that can also explain itself. */
export class InsightPage extends Page implements InsightFlywheel {
  readonly #driver: Driver

  readonly #clean: Clean | undefined

  constructor(driver: Driver, listeners: Listeners, clean?: Clean) {
    super(driver, listeners)
    this.#driver = driver
    this.#clean = clean
  }

  get #core(): Core {
    this.#driver.checkOpen()
    return this.#driver.core
  }

  // The bundle's `decisionOf` adds what is more about a decision.
  override rank<C extends Candidate<object>, X extends object>(request: RankRequest<C, X>): InsightDecision<C["id"]> {
    return super.rank(cleanRequest(request, this.#clean)) as InsightDecision<C["id"]>
  }

  override shown<F extends object, X extends object>(request: ShownRequest<F, X>): InsightDecision {
    return super.shown(cleanRequest(request, this.#clean)) as InsightDecision
  }

  override correct(decision: Decision | DecisionId, correction: Correction): Receipt {
    const clean = this.#clean
    const { shown, corrected } = (correction ?? {}) as Record<string, unknown>
    if (clean === undefined || typeof shown !== "string" || typeof corrected !== "string") return super.correct(decision, correction)
    const [before, after] = [clean(shown), clean(corrected)]
    // One text alone would teach that everything was changed.
    const both = before !== undefined && after !== undefined
    return super.correct(decision, both ? { shown: before, corrected: after } : { shown: "", corrected: "" })
  }

  override reward(decision: Decision | DecisionId, value: number, reason?: string): Receipt {
    return super.reward(decision, value, typeof reason === "string" && this.#clean !== undefined ? this.#clean(reason) : reason)
  }

  explain(decision: Decision | DecisionId, candidate?: string, most = 10): Explanation {
    if (candidate !== undefined && typeof candidate !== "string") throw invalid("a candidate", "its id")
    return this.#core.about(Call.Explain, idOf(decision), candidate, most)
  }

  async import(file: object): Promise<number> {
    if (typeof file !== "object" || file === null) throw invalid("a file", "what `export()` gave")
    await this.#driver.ready
    const { format, model, entries, decisions } = file as Record<string, unknown>
    const added: number = this.#core.call(Call.Import, format, model, entries, decisions)
    await this.#driver.flush()
    return added
  }

  async join(token: string): Promise<void> {
    if (typeof token !== "string") throw invalid("a token", "a string")
    await join(this.#driver, token)
  }

  async rotate(): Promise<void> {
    await rotate(this.#driver)
  }

  profile(most = 50): Trait[] {
    this.#core.wakeAll()
    return this.#core.call(Call.Profile, Math.max(0, most))
  }

  hints(): Hint[] {
    this.#core.wakeAll()
    return this.#core.call(Call.Hints)
  }

  suggest(text: string, most = 20): Suggestion[] {
    if (typeof text !== "string") throw invalid("a text", "a string")
    return this.#core.call(Call.Suggest, text, most)
  }
}
