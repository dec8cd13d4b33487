// Carries out what the engine asks for: stores, tells and wakes it at the right time. What to do is the engine's word.
import type { Core } from "./core.js"
import { flywheelError } from "./errors.js"
import { Exchange } from "./exchange.js"
import { type Early, type Meta, type Stored, Database, reasonOf, within } from "./storage.js"

/** How long decisions may wait for a transaction, in milliseconds; entries never wait. */
const LAZY_MS = 250
/** Shortest time between two times that the weights are stored, in milliseconds. */
const WEIGHTS_MS = 5_000
/** A database that has not answered by then does not answer, in milliseconds. */
const PATIENCE_MS = 10_000
/** Longest that opening waits for the storage, in milliseconds; what takes longer attaches later. */
const OPENING_MS = 1_000
/** Longest that closing waits for the server, in milliseconds. */
const FAREWELL_MS = 2_000
/** Longest that one timer runs, in milliseconds. */
const NAP_MS = 3_600_000

/** What the driver needs to know itself. */
export interface Settings {
  readonly app: string
  readonly endpoint: string | undefined
  readonly key: string | undefined
  readonly memory: boolean
  readonly automatic: boolean
}

/** Told what happens in the background. */
export type Notify = (kind: string, value?: unknown, more?: unknown) => void

/** A page and the world around it. */
export class Driver {
  readonly core: Core
  readonly settings: Settings
  readonly notify: Notify
  /** What is to be stored beside the engine's own writes. */
  meta: Meta = {}
  secret: string
  closed = false
  #closing = false
  /** Settles when the engine knows what was stored. */
  readonly ready: Promise<void>
  #storage: Database | "opening" | "memory" = "opening"
  #reason: string | undefined
  #exchange: Exchange
  #flushing = false
  /** What was read before there was an engine; it holds once. */
  #early: Early | undefined
  #freshWeights = false
  #weightsAt = 0
  #lazy: number | undefined
  #due: number | undefined

  constructor(core: Core, settings: Settings, notify: Notify, early?: Early) {
    this.#early = early
    this.core = core
    this.settings = settings
    this.notify = notify
    this.secret = core.secret()
    core.identify(this.secret)
    this.#exchange = new Exchange(this)
    this.ready = this.#attach()
    globalThis.document?.addEventListener("visibilitychange", this.#hidden)
    globalThis.window?.addEventListener("pagehide", this.#leaving)
  }

  /** Waits for the storage, but not for long. */
  async opened(): Promise<void> {
    await within(OPENING_MS, this.ready).catch(() => undefined)
  }

  /** Where the profile is kept, and why if only in memory. */
  get storage(): { storage: "indexeddb" | "memory" | "opening"; storageReason?: string } {
    const storage = typeof this.#storage === "string" ? this.#storage : "indexeddb"
    return this.#reason === undefined ? { storage } : { storage, storageReason: this.#reason }
  }

  async #attach(): Promise<void> {
    let read: [Database, Stored] | undefined
    let reason: string | undefined
    try {
      if (!this.settings.memory) {
        read = await within(PATIENCE_MS, this.#read())
        if (read === undefined) reason = "learn_refused"
      }
    } catch (error) {
      reason = reasonOf(error)
    }
    if (this.closed) return read?.[0].close()
    this.#reason = reason
    if (read === undefined) {
      this.#storage = "memory"
    } else {
      const [db, { entries, decisions, meta }] = read
      this.#storage = db
      db.onLost(() => this.#degrade("taken away by another tab or by the browser"))
      this.core.identify(this.secret)
      this.core.restore(entries, decisions, meta.weights)
      this.#exchange.restore(meta)
    }
    this.core.ready()
    this.after()
    void this.#exchange.begin()
  }

  /** What is stored, or nothing where the person refuses that anything is. */
  async #read(): Promise<[Database, Stored] | undefined> {
    const early = this.#early
    this.#early = undefined
    const db = early === undefined ? await Database.open(this.settings.app, this.learns) : (await early)[0]
    if (db === undefined) return undefined
    const stored = early === undefined ? await db.load() : (await early)[1]
    try {
      if (stored.meta.consent !== undefined) this.core.choose(stored.meta.consent)
    } catch {
      // A choice that cannot be read is none.
    }
    if (!this.learns) {
      await this.#keepOnlyOrders(db, stored.meta)
      return undefined
    }
    const { secret } = stored.meta
    if (typeof secret === "string") this.secret = secret
    else if (this.settings.endpoint !== undefined) this.secret = await db.claim(this.secret)
    return [db, stored]
  }

  /** Nothing is kept of a person who refuses learning, except what the server has still to be told to erase. */
  async #keepOnlyOrders(db: Database, meta: Meta): Promise<void> {
    this.#exchange.restore(meta)
    if (typeof meta.secret === "string") this.#exchange.orderErasure(meta.secret)
    if (this.#exchange.erase === undefined) return db.destroy()
    await db.write({ meta: { erase: this.#exchange.erase } }, true)
    db.close()
  }

  /** The database, opened again if it was lost on the way; nothing where there is none. */
  async #stored(): Promise<Database | undefined> {
    if (this.#storage instanceof Database) return this.#storage
    if (this.settings.memory) return undefined
    try {
      return await within(PATIENCE_MS, Database.open(this.settings.app, false))
    } catch (error) {
      // Where there is no IndexedDB at all there is nothing to delete.
      if (globalThis.indexedDB === undefined || this.#reason === reasonOf(error)) return undefined
      throw flywheelError("storage_unavailable", `what is stored could not be deleted: ${reasonOf(error)}`)
    }
  }

  get learns(): boolean {
    return this.core.status().consent.learn
  }

  /** From here on only memory. */
  #degrade(reason: string): void {
    this.#storage = "memory"
    this.#reason = reason
    this.notify("error", flywheelError("storage_unavailable", `the profile is kept in memory only: ${reason}`))
  }

  /** After a call that may have changed something: stores and tells at the end of the running task. */
  after(): void {
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => void this.flush())
  }

  /** After a call that only made a decision: it is stored with the next entry, or soon. */
  afterDecision(): void {
    if (this.#lazy === undefined && !this.closed) this.#flushIn(LAZY_MS)
  }

  #flushIn(milliseconds: number): void {
    clearTimeout(this.#lazy)
    this.#lazy = setTimeout(() => void this.flush(), milliseconds) as unknown as number
  }

  /** Stores what is not stored and tells the app what happened. `all`: even weights that were stored just now. */
  async flush(all = false): Promise<void> {
    this.#flushing = false
    clearTimeout(this.#lazy)
    this.#lazy = undefined
    for (const event of this.core.events()) {
      if (event.version !== undefined) this.notify(event.type, event.version)
      else this.notify(event.type, [event.id], event.code)
    }
    // While nobody knows where to, the engine keeps what is to be stored.
    if (this.#storage !== "opening") await this.#store(all)
    this.notify("status")
    this.lookAhead()
  }

  async #store(all: boolean): Promise<void> {
    const [entries, decisions, expired] = this.core.writes(this.#storage instanceof Database)
    const ids = entries.map((entry) => entry.id)
    let kept = "memory"
    if (this.#storage instanceof Database) {
      const meta = this.#takeMeta(all)
      if (entries.length + decisions.length + expired.length + Object.keys(meta).length > 0) {
        try {
          await this.#storage.write({ entries, decisions, expired, meta })
          kept = "saved"
        } catch (error) {
          this.#degrade(reasonOf(error))
        }
      }
    }
    if (ids.length === 0) return
    this.notify(kept, ids)
    this.notify("local", entries.filter((entry) => entry.delivery.state === "local").map((entry) => entry.id))
  }

  #takeMeta(all: boolean): Meta {
    const meta = this.meta
    this.meta = {}
    if (!this.#freshWeights) return meta
    const wait = this.#weightsAt + WEIGHTS_MS - Date.now()
    if (all || wait <= 0) {
      meta.weights = this.core.weights()
      this.#freshWeights = false
      this.#weightsAt = Date.now()
    } else {
      this.#flushIn(wait)
    }
    return meta
  }

  /** Weights were taken: they are to be stored. */
  weightsChanged(): void {
    this.#freshWeights = true
    this.after()
  }

  /** Sets the timer for what the engine wants to send next. */
  lookAhead(): void {
    clearTimeout(this.#due)
    const due = this.core.due()
    if (due === null || this.closed || this.#exchange.busy) return
    const wait = Math.min(Math.max(due - Date.now(), 0), NAP_MS)
    this.#due = setTimeout(() => void this.#exchange.sendIfDue(), wait) as unknown as number
  }

  readonly #hidden = () => {
    if (globalThis.document.hidden) this.#leaving()
  }

  /** The page may be about to go: stores everything and sends one last time. */
  readonly #leaving = () => {
    void this.flush(true)
    void this.#exchange.lastWords()
  }

  join(token: string): Promise<void> {
    return this.#exchange.join(token)
  }

  rotate(): Promise<void> {
    return this.#exchange.rotate()
  }

  /** Sends what waits; gives the number of signals that the server has taken. */
  sync(): Promise<number> {
    return this.#exchange.sync()
  }

  /** The person changed their mind; what the choice leaves out stays as it was. */
  async choose(choice: object): Promise<void> {
    await this.ready
    this.checkOpen()
    const learned = this.learns
    this.core.choose(choice)
    if (!this.learns) return this.#wipe()
    this.meta.consent = this.core.choice()
    if (!learned && !this.settings.memory) await this.#attach()
    await this.flush()
    void this.#exchange.begin()
  }

  /** Nothing may be kept: neither here nor on disk. */
  async #wipe(): Promise<void> {
    const db = await this.#stored()
    this.#exchange.orderErasure(this.secret)
    this.secret = this.core.secret()
    this.core.forget(this.secret)
    this.meta = {}
    this.#storage = "memory"
    this.#reason = "learn_refused"
    if (db !== undefined) await this.#keepOnlyOrders(db, { erase: this.#exchange.erase })
    this.notify("forgotten")
    await this.#exchange.retryErasure()
    if (db !== undefined && this.#exchange.erase === undefined) {
      await (await Database.open(this.settings.app, false).catch(() => undefined))?.destroy()
    }
    this.after()
  }

  /** Forgets everything here, and there if the server may know anything. */
  async forget(): Promise<void> {
    await this.ready
    this.checkOpen()
    const db = await this.#stored()
    // Another secret may be stored than the one in use, where the storage came too late to be read.
    if (db !== undefined && db !== this.#storage) {
      const { meta } = await db.load()
      this.#exchange.restore(meta)
      if (typeof meta.secret === "string" && meta.secret !== this.secret) this.#exchange.orderErasure(meta.secret)
    }
    this.#exchange.orderErasure(this.secret)
    this.secret = this.core.secret()
    this.core.forget(this.secret)
    this.#freshWeights = true
    const erase = this.#exchange.erase
    this.meta = {}
    try {
      const secret = this.settings.endpoint === undefined ? undefined : this.secret
      await db?.write({ meta: { consent: this.core.choice(), secret, erase } }, true)
    } catch (error) {
      throw flywheelError("storage_unavailable", `what is stored could not be deleted: ${reasonOf(error)}`)
    } finally {
      if (db !== this.#storage) db?.close()
      this.notify("forgotten")
      await this.#exchange.retryErasure()
    }
    await this.flush(true)
    void this.#exchange.begin()
  }

  /** Stores what is not stored, sends what waits if it may, and lets go. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    // What was said before the storage was read is still to be stored.
    await within(FAREWELL_MS, this.ready).catch(() => undefined)
    this.closed = true
    clearTimeout(this.#due)
    globalThis.document?.removeEventListener("visibilitychange", this.#hidden)
    globalThis.window?.removeEventListener("pagehide", this.#leaving)
    await within(FAREWELL_MS, this.#exchange.farewell()).catch(() => undefined)
    await this.flush(true)
    clearTimeout(this.#lazy)
    if (this.#storage instanceof Database) this.#storage.close()
    this.#storage = "memory"
    this.notify("closed")
  }

  /** Throws once it was closed. */
  checkOpen(): void {
    if (this.closed) throw flywheelError("closed", "this instance was closed")
  }
}
