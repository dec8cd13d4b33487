// Entries for which the database may come too late when a page is left, in the one storage that takes them at once:
// localStorage. It helps a closed tab, not a killed browser.
import type { Entry } from "./core.js"

/** Most that is put aside at a time, in characters; browsers give an origin five million. */
const MOST = 1_000_000

/** What of an app is on its way into the database, and what is put aside for it. */
export class Spill {
  readonly #prefix: string
  readonly #unsaved = new Map<string, Entry>()
  #keys: string[] = []

  constructor(app: string) {
    this.#prefix = `flywheel:${encodeURIComponent(app)}:`
  }

  /** These are on their way. */
  depart(entries: readonly Entry[]): void {
    for (const entry of entries) this.#unsaved.set(entry.id, entry)
  }

  /** These are in the database, unless they have changed meanwhile. */
  arrive(entries: readonly Entry[]): void {
    for (const entry of entries) if (this.#unsaved.get(entry.id) === entry) this.#unsaved.delete(entry.id)
    if (this.#unsaved.size === 0) this.mopUp(this.#keys.splice(0))
  }

  /** What is on its way. */
  get unsaved(): Entry[] {
    return [...this.#unsaved.values()]
  }

  /** Puts what is on its way aside for its life, if anything can be. */
  putAside(life: string | undefined): void {
    const texts: string[] = []
    let size = 0
    for (const entry of this.#unsaved.values()) {
      const text = JSON.stringify(entry)
      if ((size += text.length) > MOST) break
      texts.push(text)
    }
    const key = `${this.#prefix}${life}:${Math.random()}`
    try {
      // Even asking for it can throw.
      localStorage.setItem(key, `[${texts.join()}]`)
      this.#keys.push(key)
    } catch {
      // Nothing can be put there.
    }
  }

  /** What was put aside by whomever, and where. What is of another life is only to be removed. */
  spilt(life?: string): { keys: string[]; entries: { id?: unknown }[] } {
    const keys: string[] = []
    const entries: { id?: unknown }[] = []
    try {
      keys.push(...Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix)))
      for (const key of keys) if (key.startsWith(`${this.#prefix}${life}:`)) entries.push(...JSON.parse(localStorage[key]))
    } catch {
      // Nothing can be there, or what is there was not written here.
    }
    return { keys, entries }
  }

  /** It is in the database now, or forgotten. */
  mopUp(keys: Iterable<string>): void {
    try {
      for (const key of keys) localStorage.removeItem(key)
    } catch {
      // Nothing can be there.
    }
  }

  /** All is forgotten, on its way or put aside. */
  clear(): void {
    this.#unsaved.clear()
    this.mopUp(this.spilt().keys)
  }
}
