// Who listens to what, and the receipts that are still open.
import { invalid } from "./errors.js"
import { OpenReceipt } from "./receipt.js"
import { warn } from "./warn.js"
import type { ErrorCode, Events, FlywheelError, Receipt, Status } from "./types.js"

/** Set by the bundler: whether this bundle's module has cargo feature `insight`. */
declare const INSIGHT: boolean

/** Told by the driver; tells the app. */
export class Listeners {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>()
  readonly #receipts = new Map<string, OpenReceipt>()
  /** How things stand, unless that can no longer be asked. */
  status: (() => Status | undefined) | undefined

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
      case "acknowledged":
        return this.#each(value, (receipt) => receipt.sent(kind))
      case "dropped":
        return this.#each(value, (receipt) => receipt.drop(more as ErrorCode))
      case "broken":
        return this.#each([...this.#receipts.keys()], (receipt) => {
          if (!receipt.isKept && !(value as string[]).includes(receipt.id)) receipt.drop("internal")
        })
      case "forgotten":
        return this.#each([...this.#receipts.keys()], (receipt) => receipt.drop("erased"))
      case "closed":
        // What is not sent by now stays in the journal for the next visit.
        return this.#each([...this.#receipts.keys()], (receipt) => receipt.sent("local"))
      case "weights":
      case "held":
        return this.#emit("weights", () => ({ version: value as number, held: kind === "held" }))
      case "error":
        if (INSIGHT && !this.#listeners.get(kind)?.size) warn(value as FlywheelError)
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
