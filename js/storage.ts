// The browser's database: `flywheel:APP`, version 3, with the stores `entries` (records by their `id`), `decisions` (JSON
// by id: a text is read ten times as fast as what it says, and most decisions are never asked about again), `meta`, and
// `lives` (from one forgetting to the next is a life; those that are over are marked here).
// One short transaction a batch: a transaction commits by itself as soon as anything else is awaited inside it.

const VERSION = 3
const STORES = ["entries", "decisions", "meta", "lives"]
/** How long deleting may wait for other tabs to let go, in milliseconds. */
const DELETE_MS = 1_000

/** What one transaction writes. */
export interface Batch {
  /** Journal entries, put by their `id`, and decisions. */
  readonly entries?: readonly object[]
  readonly decisions?: readonly (readonly [id: string, json: string])[]
  /** Ids of decisions to delete. */
  readonly expired?: readonly string[]
  /** Everything else by name; `undefined` deletes. */
  readonly meta?: Meta
}

/** Everything but entries and decisions. */
export interface Meta {
  /** What was chosen about consent. */
  consent?: unknown
  /** The device secret. */
  secret?: unknown
  /** Everybody's weights, as lists of bytes: whole ones and the steps since. */
  weights?: unknown
  /** Secrets whose erasure the server has not acknowledged yet. */
  erase?: unknown
  /** Whether a request with signals was ever begun. */
  sent?: unknown
  /** The last request of any tab. */
  last?: unknown
  /** Which life this is: a random word. */
  life?: unknown
  /** Two snapshots of what older entries came to, written in turn. */
  past0?: unknown
  past1?: unknown
  /** Whether the person has other devices. */
  joined?: unknown
  /** The secret that the server may know instead of this one. */
  next?: unknown
  /** What the endpoint asked of pages last. */
  asked?: unknown
  /** Where the person stands among those who may be held out, if not where the secret says. */
  place?: unknown
}

/** What was stored; not read yet. */
export interface Stored {
  readonly entries: unknown[]
  /** Decisions as JSON, by id. */
  readonly decisions: Map<string, unknown>
  readonly meta: Meta
}

/** An open database and what is in it. */
export type Early = Promise<[Database, Stored]>

/** The name of an exception, such as "QuotaExceededError", or a word of our own. */
export function reasonOf(error: unknown): string {
  const name = (error as { name?: unknown } | null | undefined)?.name
  return typeof name === "string" && name !== "" && name !== "Error" ? name : String((error as Error)?.message ?? error)
}

/** The promise's value, or a rejection with "timeout". */
export function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("timeout")), milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function complete(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error("AbortError"))
  })
}

function newLife(): string {
  return `${Date.now()}-${Math.random()}`
}

/** An open database. */
export class Database {
  readonly #db: IDBDatabase
  /** The life that was read: of another one nothing is written. */
  life: string | undefined

  private constructor(db: IDBDatabase) {
    this.#db = db
  }

  /** Opens the app's database. Where there is none it is made, or, without `create`, left unmade. */
  static async open(app: string, create: boolean): Promise<Database | undefined> {
    // Even asking for it can throw, for example in a sandboxed frame.
    const factory: IDBFactory | undefined = globalThis.indexedDB
    if (factory === undefined) throw new Error("there is no IndexedDB here")
    const request = factory.open(`flywheel:${app}`, VERSION)
    request.onupgradeneeded = ({ oldVersion }) => {
      if (!create && oldVersion === 0) return request.transaction?.abort()
      const db = request.result
      // What an older version stored stays; version 1 was never released.
      if (oldVersion === 1) for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name)
      for (const name of STORES) {
        if (!db.objectStoreNames.contains(name)) db.createObjectStore(name, name === "entries" ? { keyPath: "id" } : undefined)
      }
      request.transaction!.objectStore("meta").add(newLife(), "life")
    }
    try {
      return new Database(await settled(request))
    } catch (error) {
      const reason = reasonOf(error)
      if (reason === "AbortError" && !create) return undefined
      throw reason === "VersionError" ? new Error("database_newer") : error
    }
  }

  /** Opens the app's database, or makes it, and reads everything. */
  static async read(app: string): Early {
    // With `create` there is one.
    const db = (await Database.open(app, true))!
    return [db, await db.load()]
  }

  /** Calls back when the database is taken away: another tab deletes it, or the browser closes it. */
  onLost(call: () => void): void {
    this.#db.onversionchange = this.#db.onclose = () => {
      this.close()
      call()
    }
  }

  /** Reads everything; of entries and decisions, what was made `since` then, in milliseconds since 1970. */
  async load(since = 0): Promise<Stored> {
    const transaction = this.#transaction("readonly")
    // The time is in front of an id.
    const time = since.toString(16).padStart(12, "0")
    const recent = since > 0 ? IDBKeyRange.lowerBound(`${time.slice(0, 8)}-${time.slice(8)}`) : undefined
    const pairs = async (name: string, range?: IDBKeyRange): Promise<[string, unknown][]> => {
      const store = transaction.objectStore(name)
      const [names, values] = await Promise.all([settled(store.getAllKeys(range)), settled(store.getAll(range))])
      return names.map((name, at) => [name as string, values[at]])
    }
    const entries = settled(transaction.objectStore("entries").getAll(recent))
    const [decisions, pieces] = await Promise.all([pairs("decisions", recent), pairs("meta")])
    const meta: Meta = Object.fromEntries(pieces)
    this.life ??= meta.life as string
    return { entries: await entries, decisions: new Map(decisions), meta }
  }

  /** Whether this is the last request of any tab, in the life that was read. */
  async isLast(request: unknown): Promise<boolean> {
    const meta = this.#transaction("readonly").objectStore("meta")
    const [last, life] = await Promise.all([settled(meta.get("last")), settled(meta.get("life"))])
    return last === request && life === this.life
  }

  /** Makes `secret` the device's unless it has one; gives the one that it has. Two tabs may open at once. */
  async claim(secret: string): Promise<string> {
    const transaction = this.#transaction("readwrite")
    transaction.objectStore("meta").add(secret, "secret")
    // It fails, and takes back nothing, where another tab was faster.
    await complete(transaction).catch(() => undefined)
    const { meta } = await this.load()
    if (typeof meta.secret !== "string") throw new Error("no secret was kept")
    return meta.secret
  }

  /** Writes a batch; when this resolves, it is on disk. With `clear` everything else is deleted, both or neither, and
   * another life begins. Rejects with "ConstraintError" when this life is over, since another tab has forgotten. */
  write(batch: Batch, clear = false): Promise<void> {
    const transaction = this.#transaction("readwrite")
    const [entries, decisions, meta, lives] = STORES.map((name) => transaction.objectStore(name)) as [
      IDBObjectStore, IDBObjectStore, IDBObjectStore, IDBObjectStore,
    ]
    const done = complete(transaction)
    const { life } = this
    try {
      if (clear) {
        for (const store of [entries, decisions, meta]) store.clear()
        if (life !== undefined) {
          lives.delete(IDBKeyRange.bound(life, `${life}!`))
          lives.put(0, life)
        }
        meta.put((this.life = newLife()), "life")
      } else if (life !== undefined) {
        // Where it is marked already this takes back everything: asking first would need another turn of the page.
        lives.add(0, life)
        lives.delete(life)
      }
      for (const entry of batch.entries ?? []) entries.put(entry)
      for (const decision of batch.decisions ?? []) decisions.put(decision[1], decision[0])
      for (const id of batch.expired ?? []) decisions.delete(id)
      for (const [name, value] of Object.entries(batch.meta ?? {})) {
        if (value === undefined) meta.delete(name)
        else meta.put(value, name)
      }
      // Otherwise it commits when the page comes round to it, which a page that is being left does not.
      transaction.commit?.()
    } catch (error) {
      transaction.abort()
      return done.then(
        () => Promise.reject(error),
        () => Promise.reject(error),
      )
    }
    return done
  }

  /** Stores a snapshot in place of an older one, and deletes entries that it and the one in between hold. Rejects where
   * another tab has replaced that one already. */
  compact(turn: number, snapshot: string, gone: readonly string[], older: unknown): Promise<void> {
    const transaction = this.#transaction("readwrite")
    const done = complete(transaction)
    const lives = transaction.objectStore("lives")
    lives.add(0, this.life!)
    lives.delete(this.life!)
    // Its checksum comes first.
    lives.add(0, `${this.life} ${turn % 2}${String(older).slice(0, 9)}`)
    transaction.objectStore("meta").put(snapshot, `past${turn % 2}`)
    for (const id of gone) transaction.objectStore("entries").delete(id)
    return done
  }

  /** Deletes the database itself. */
  async destroy(): Promise<void> {
    const { name } = this.#db
    // Emptied first: as long as another tab has it open it cannot be deleted.
    await this.write({}, true).catch(() => undefined)
    this.close()
    await within(DELETE_MS, settled(globalThis.indexedDB.deleteDatabase(name))).catch(() => undefined)
  }

  /** Lets go of it. */
  close(): void {
    this.#db.onversionchange = this.#db.onclose = null
    this.#db.close()
  }

  #transaction(mode: IDBTransactionMode): IDBTransaction {
    return this.#db.transaction(STORES, mode, { durability: "strict" })
  }
}
