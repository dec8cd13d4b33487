import type { ErrorCode, Receipt, ReceiptState } from "./types.js"

type Saved = "saved" | "memory" | "dropped"
type Acknowledged = "acknowledged" | "dropped" | "local"

/** A receipt that the module's messages move on. Most are thrown away unread: a promise is made when somebody asks. */
export class OpenReceipt implements Receipt {
  readonly id: string
  state: ReceiptState = "queued"
  reason?: ErrorCode
  #kept: Saved | undefined
  #sent: Acknowledged | undefined
  #saved: Promise<Saved> | undefined
  #acknowledged: Promise<Acknowledged> | undefined
  #tellKept: ((value: Saved) => void) | undefined
  #tellSent: ((value: Acknowledged) => void) | undefined

  constructor(id: string) {
    this.id = id
  }

  get saved(): Promise<Saved> {
    return (this.#saved ??= new Promise((resolve) => {
      if (this.#kept === undefined) this.#tellKept = resolve
      else resolve(this.#kept)
    }))
  }

  get acknowledged(): Promise<Acknowledged> {
    return (this.#acknowledged ??= new Promise((resolve) => {
      if (this.#sent === undefined) this.#tellSent = resolve
      else resolve(this.#sent)
    }))
  }

  /** Whether nothing more can happen to it. */
  get settled(): boolean {
    return this.#kept !== undefined && this.#sent !== undefined
  }

  get isKept(): boolean {
    return this.#kept !== undefined
  }

  kept(how: Saved): void {
    if (how === "saved" && this.state === "queued") this.state = how
    this.#kept ??= how
    this.#tellKept?.(this.#kept)
  }

  sent(how: Acknowledged): void {
    if (how === "acknowledged") this.state = how
    this.#sent ??= how
    this.#tellSent?.(this.#sent)
  }

  drop(reason: ErrorCode): void {
    this.state = "dropped"
    this.reason = reason
    this.kept("dropped")
    this.sent("dropped")
  }
}
