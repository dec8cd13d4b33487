// What the open tabs of an app tell each other, through the browser's BroadcastChannel.
import type { Batch } from "./storage.js"

/** What a tab has stored. */
export interface Word extends Batch {
  /** In which life: of another one nothing is heard. */
  readonly life?: string | undefined
  /** Everything that was stored before is forgotten. */
  readonly over?: boolean
}

/** The other tabs. */
export class Tabs {
  readonly #name: string
  readonly #hear: (word: Word) => void
  #channel: BroadcastChannel | undefined

  constructor(app: string, hear: (word: Word) => void) {
    this.#name = `flywheel:${app}`
    this.#hear = hear
  }

  /** Listens from here on. Without channels, a tab learns at the next visit what the others learned. */
  open(): void {
    if (this.#channel !== undefined || globalThis.BroadcastChannel === undefined) return
    this.#channel = new BroadcastChannel(this.#name)
    this.#channel.onmessage = ({ data }) => this.#hear(data as Word)
  }

  /** Tells them, also while this tab itself does not listen. */
  tell(word: Word): void {
    if (globalThis.BroadcastChannel === undefined) return
    const channel = this.#channel ?? new BroadcastChannel(this.#name)
    channel.postMessage(word)
    if (channel !== this.#channel) channel.close()
  }

  /** Lets go: a page with an open channel is not kept for going back to it. */
  close(): void {
    this.#channel?.close()
    this.#channel = undefined
  }
}
