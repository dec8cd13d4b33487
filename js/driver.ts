// Carries out what the engine asks for: stores, tells and wakes it at the right time. What to do is the engine's word.
import type { Core, Entry } from "./core.js"
import { background, flywheelError } from "./errors.js"
import { Exchange } from "./exchange.js"
import { forget, keepOnlyOrders, wipe } from "./forget.js"
import { remember } from "./hold-out.js"
import { follow } from "./life.js"
import { Spill } from "./spill.js"
import { type Early, type Meta, type Stored, Database, reasonOf, within } from "./storage.js"
import { type Word, Tabs } from "./tabs.js"
import { Turn } from "./turn.js"

/** Set by the bundler: whether this bundle's module has cargo feature `insight`. */
declare const INSIGHT: boolean
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
/** How much older than a moment the ids that were made after it may be, in milliseconds. */
const SLACK_MS = 60_000

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
  ready: Promise<void>
  readonly turn: Turn
  readonly tabs: Tabs
  /** From when on the other tabs may have stored something that this one has not heard. */
  #since = Date.now()
  #storage: Database | "opening" | "memory" = "opening"
  #reason: string | undefined
  readonly exchange: Exchange
  #flushing = false
  /** What was read before there was an engine; it holds once. */
  #early: Early | undefined
  #freshWeights = false
  #weightsAt = 0
  #lazy: number | undefined
  #due: number | undefined
  readonly spill: Spill
  readonly #unfollow: () => void
  /** The two snapshots as they were read. */
  #past: unknown[] = []

  constructor(core: Core, settings: Settings, notify: Notify, early?: Early) {
    this.#early = early
    this.core = core
    this.settings = settings
    this.notify = notify
    this.secret = core.secret()
    core.identify(this.secret)
    core.onRevived = () => this.#revived()
    this.exchange = new Exchange(this)
    this.turn = new Turn(settings.app)
    this.spill = new Spill(settings.app)
    // What is heard while the storage is being read is taken in afterwards.
    this.tabs = new Tabs(settings.app, (word) => background(this.ready.then(() => this.#hear(word))))
    if (this.#mayStore) this.tabs.open()
    this.ready = this.#attach()
    this.#unfollow = follow(this)
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

  get #mayStore(): boolean {
    // Where asking for it throws, it is there all the same.
    return !this.settings.memory && "indexedDB" in globalThis
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
      db.onLost(() => this.#degrade("taken away by another tab or by the browser"))
      try {
        this.core.identify(this.secret)
        this.#past = [meta.past0, meta.past1]
        this.core.restore(entries, decisions, meta.weights, this.#past)
        this.#storage = db
        if (INSIGHT) remember(this, meta)
      } catch {
        // What is stored breaks the engine; it is left alone.
        this.#degrade("internal")
        db.close()
      }
      this.exchange.restore(meta)
    }
    this.core.ready()
    // What can wait lets the app rank first.
    setTimeout(() => {
      if (this.closed) return
      this.after()
      // Others may have stored something after it was read here and before this tab listened.
      background(this.catchUp(this.#since).then(() => this.#compact()))
      background(this.exchange.begin())
    })
  }

  /** Lets a snapshot take the place of old entries. */
  async #compact(): Promise<void> {
    if (!(this.#storage instanceof Database) || this.closed) return
    const compact = this.core.compact()
    // What fails is tried again at the next visit: another tab may have been faster.
    if (compact !== null) await this.#storage.compact(...compact, this.#past[compact[0] % 2]).catch(() => undefined)
  }

  /** Takes in what the other tabs have stored while this one did not hear them; without `since` only if one of them has
   * sent something meanwhile. */
  async catchUp(since?: number): Promise<void> {
    const db = this.#storage
    if (!(db instanceof Database)) return
    let stored
    try {
      if (since === undefined && (await db.isLast(this.exchange.sentLast))) return
      stored = await db.load((since ?? Date.now()) - SLACK_MS - this.exchange.ahead)
    } catch {
      return
    }
    if (this.closed || db !== this.#storage) return
    const { entries, decisions, meta } = stored
    this.#hear({ entries: entries as Entry[], decisions: [...decisions] as [string, string][], meta, life: db.life, over: meta.life !== db.life })
  }

  /** What another tab has stored. */
  #hear({ entries = [], decisions = [], meta = {}, life, over = false }: Word): void {
    if (this.closed) return
    const learned = this.learns
    try {
      if (meta.consent !== undefined) this.core.choose(meta.consent)
    } catch {
      // A choice that cannot be read is none.
    }
    if (over) return this.#startOver()
    if (this.learns && !learned && this.#mayStore) this.ready = this.#attach()
    if (!(this.#storage instanceof Database) || this.#storage.life !== life) return
    this.exchange.hear(meta)
    if (typeof meta.secret === "string") this.core.identify((this.secret = meta.secret))
    this.core.restore(entries, new Map(decisions), meta.weights)
    if (meta.consent !== undefined) background(this.exchange.begin())
    this.after()
  }

  /** Another tab has forgotten: nothing that was known here is written any more. */
  #startOver(): void {
    if (this.#storage instanceof Database) this.#storage.close()
    this.reset()
    this.notify("forgotten")
    this.#since = Date.now()
    if (this.learns) this.ready = this.#attach()
    else this.refuse()
    this.after()
  }

  /** As if nothing had ever been said or stored; `keep`: the database stays open. */
  reset(keep = false): void {
    this.secret = this.core.secret()
    this.core.forget(this.secret)
    this.meta = {}
    this.#freshWeights = keep
    this.spill.clear()
    if (!keep) this.#storage = "opening"
  }

  /** The engine broke, and a new one knows nothing: what was stored is read again. */
  #revived(): void {
    this.core.identify(this.secret)
    // What was said in the task that is running and not handed over yet is lost, and its receipts say so.
    this.notify("broken", this.spill.unsaved.map(({ id }) => id))
    this.notify("error", flywheelError("internal", "the module broke and began anew; what was stored is read again"))
    if (this.#storage instanceof Database) {
      this.#storage.close()
      this.#storage = "opening"
      this.ready = this.#attach()
    } else if (this.#storage === "memory") {
      this.core.ready()
    }
  }

  /** Nothing may be kept. */
  refuse(): void {
    this.#storage = "memory"
    this.#reason = "learn_refused"
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
      await keepOnlyOrders(this, db, stored.meta)
      return undefined
    }
    const { secret } = stored.meta
    if (typeof secret === "string") this.secret = secret
    else if (this.settings.endpoint !== undefined) this.secret = await db.claim(this.secret)
    // What the database came too late for when a page was left.
    const { keys, entries } = this.spill.spilt(db.life)
    const known = new Set((stored.entries as Entry[]).map(({ id }) => id))
    const late = entries.filter(({ id }) => !known.has(id as string))
    if (late.length > 0) await db.write({ entries: late })
    this.spill.mopUp(keys)
    stored.entries.push(...late)
    return [db, stored]
  }

  /** The database, opened again if it was lost on the way, and whether it is this one's own; none where there is none. */
  async database(): Promise<[db: Database | undefined, isOwn: boolean]> {
    if (this.#storage instanceof Database) return [this.#storage, true]
    try {
      return [this.settings.memory ? undefined : await within(PATIENCE_MS, Database.open(this.settings.app, false)), false]
    } catch (error) {
      // Where there is no IndexedDB at all there is nothing to delete.
      if (globalThis.indexedDB === undefined || this.#reason === reasonOf(error)) return [undefined, false]
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
    queueMicrotask(() => background(this.flush()))
  }

  /** After a call that only made a decision: it is stored with the next entry, or soon. */
  afterDecision(): void {
    if (this.#lazy === undefined && !this.closed) this.#flushIn(LAZY_MS)
  }

  #flushIn(milliseconds: number): void {
    clearTimeout(this.#lazy)
    this.#lazy = setTimeout(() => background(this.flush()), milliseconds) as unknown as number
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
        const batch = { entries, decisions: decisions.map((made): [string, string] => [made.id, JSON.stringify(made)]), expired, meta }
        const db = this.#storage
        this.spill.depart(entries)
        try {
          await db.write(batch)
          kept = "saved"
          this.spill.arrive(entries)
          this.tabs.tell({ ...batch, life: db.life })
        } catch (error) {
          if (db !== this.#storage) return
          const reason = reasonOf(error)
          if (reason === "ConstraintError") return this.#startOver()
          this.#degrade(reason)
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
      meta.weights = this.core.weights
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

  /** Sets the timer for what the engine wants to send next, in so many milliseconds at the earliest. */
  lookAhead(earliest = 0): void {
    clearTimeout(this.#due)
    const due = this.core.due()
    if (due === null || this.closed || this.exchange.busy) return
    const wait = Math.min(Math.max(due - Date.now(), earliest), NAP_MS)
    this.#due = setTimeout(() => background(this.exchange.sendIfDue()), wait) as unknown as number
  }

  /** The page may be about to go: stores everything and sends one last time. */
  leaving(): void {
    background(this.flush(true))
    background(this.exchange.lastWords())
    const entries = this.spill.unsaved
    if (!(this.#storage instanceof Database) || entries.length === 0) return
    const { life } = this.#storage
    this.tabs.tell({ entries, life })
    this.spill.putAside(life)
  }

  /** The page is gone, or kept for going back to it, which it is only without a channel and a lock. */
  gone(): void {
    this.leaving()
    this.#since = Date.now()
    this.turn.release()
    this.tabs.close()
  }

  online(): void {
    if (this.settings.automatic) background(this.exchange.sendIfDue(true))
  }

  cameBack(): void {
    if (this.#mayStore) this.tabs.open()
    background(this.catchUp(this.#since))
  }

  /** Sends what waits; gives the number of signals that the server has taken. */
  sync(): Promise<number> {
    return this.exchange.sync()
  }

  /** The person changed their mind; what the choice leaves out stays as it was. */
  async choose(choice: object): Promise<void> {
    await this.ready
    this.checkOpen()
    const learned = this.learns
    this.core.choose(choice)
    if (!this.learns) return wipe(this)
    this.meta.consent = this.core.choice()
    if (!learned && !this.settings.memory) await (this.ready = this.#attach())
    await this.flush()
    background(this.exchange.begin())
  }

  /** Forgets everything here, and there if the server may know anything. */
  async forget(): Promise<void> {
    await this.ready
    this.checkOpen()
    await forget(this)
  }

  /** Stores what is not stored, sends what waits if it may, and lets go. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    // What was said before the storage was read is still to be stored.
    await within(FAREWELL_MS, this.ready).catch(() => undefined)
    this.closed = true
    clearTimeout(this.#due)
    this.#unfollow()
    await within(FAREWELL_MS, this.exchange.farewell()).catch(() => undefined)
    await this.flush(true)
    clearTimeout(this.#lazy)
    if (this.#storage instanceof Database) this.#storage.close()
    this.#storage = "memory"
    this.tabs.close()
    this.turn.release()
    this.core.retire()
    this.notify("closed")
  }

  /** Throws once it was closed. */
  checkOpen(): void {
    if (this.closed) throw flywheelError("closed", "this instance was closed")
  }
}
