// Whose turn it is to send, by the browser's Web Locks: one tab at a time, and none waits.

/** The turn of an app's tabs. */
export class Turn {
  readonly #name: string
  #release: (() => void) | undefined

  constructor(app: string) {
    this.#name = `flywheel:${app}`
  }

  /** Whether it is this tab's turn now; always where there are no locks, for what is sent twice counts once. */
  take(): Promise<boolean> {
    const locks: LockManager | undefined = globalThis.navigator?.locks
    if (locks === undefined) return Promise.resolve(true)
    return new Promise((resolve) => {
      const held = (lock: Lock | null) => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise<void>((release) => (this.#release = release))
      }
      locks.request(this.#name, { ifAvailable: true }, held).catch(() => resolve(true))
    })
  }

  /** The next one may. A page that holds a lock is not kept for going back to it. */
  release(): void {
    this.#release?.()
    this.#release = undefined
  }
}
