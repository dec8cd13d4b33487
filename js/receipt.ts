import type { ErrorCode, Receipt, ReceiptState } from "./types.js"

type Saved = "saved" | "memory" | "dropped"
type Acknowledged = "acknowledged" | "dropped" | "local"

/** A promise that is made when somebody first asks for it: most receipts are thrown away unread. */
class Later<T> {
  #value: T | undefined
  #resolve: ((value: T) => void) | undefined
  #promise: Promise<T> | undefined

  get promise(): Promise<T> {
    return (this.#promise ??=
      this.#value !== undefined
        ? Promise.resolve(this.#value)
        : new Promise((resolve) => {
            this.#resolve = resolve
          }))
  }

  get settled(): boolean {
    return this.#value !== undefined
  }

  settle(value: T): void {
    if (this.#value !== undefined) return
    this.#value = value
    this.#resolve?.(value)
  }
}

/** A receipt that the module's messages move on. */
export class OpenReceipt implements Receipt {
  readonly id: string
  state: ReceiptState = "queued"
  reason?: ErrorCode
  readonly #saved = new Later<Saved>()
  readonly #acknowledged = new Later<Acknowledged>()

  constructor(id: string) {
    this.id = id
  }

  get saved(): Promise<Saved> {
    return this.#saved.promise
  }

  get acknowledged(): Promise<Acknowledged> {
    return this.#acknowledged.promise
  }

  /** Whether nothing more can happen to it. */
  get settled(): boolean {
    return this.#saved.settled && this.#acknowledged.settled
  }

  kept(how: "saved" | "memory"): void {
    if (how === "saved" && this.state === "queued") this.state = "saved"
    this.#saved.settle(how)
  }

  local(): void {
    this.#acknowledged.settle("local")
  }

  taken(): void {
    this.state = "acknowledged"
    this.#acknowledged.settle("acknowledged")
  }

  drop(reason: ErrorCode): void {
    this.state = "dropped"
    this.reason = reason
    this.#saved.settle("dropped")
    this.#acknowledged.settle("dropped")
  }
}
