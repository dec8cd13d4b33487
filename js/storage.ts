// The browser's database: `flywheel:APP`, version 2, with the stores `entries` (records by their `id`), `decisions` (JSON
// by id: a text is read ten times as fast as what it says, and most decisions are never asked about again) and `meta`.
// One short transaction a batch: a transaction commits by itself as soon as anything else is awaited inside it.

const VERSION = 2
const STORES = ["entries", "decisions", "meta"]
/** How long deleting may wait for other tabs to let go, in milliseconds. */
const DELETE_MS = 1_000

/** What one transaction writes. */
export interface Batch {
  /** Journal entries and decisions, put by their `id`. */
  readonly entries?: readonly object[]
  readonly decisions?: readonly { readonly id: string }[]
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
  /** Everybody's weights, as bytes. */
  weights?: unknown
  /** Secrets whose erasure the server has not acknowledged yet. */
  erase?: unknown
  /** Whether a request with signals was ever begun. */
  sent?: unknown
  /** Whether the person has other devices. */
  joined?: unknown
  /** The secret that the server may know instead of this one. */
  next?: unknown
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

/** An open database. */
export class Database {
  readonly #db: IDBDatabase

  private constructor(db: IDBDatabase) {
    this.#db = db
  }

  /** Opens the app's database. Where there is none it is made, or, without `create`, left unmade. */
  static async open(app: string, create: boolean): Promise<Database | undefined> {
    // Even asking for it can throw, for example in a sandboxed frame.
    const factory: IDBFactory | undefined = globalThis.indexedDB
    if (factory === undefined) throw new Error("there is no IndexedDB here")
    const request = factory.open(`flywheel:${app}`, VERSION)
    request.onupgradeneeded = () => {
      if (!create) return request.transaction?.abort()
      const db = request.result
      // Version 1 was never released.
      for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name)
      db.createObjectStore("entries", { keyPath: "id" })
      db.createObjectStore("decisions")
      db.createObjectStore("meta")
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

  /** Reads everything. */
  async load(): Promise<Stored> {
    const transaction = this.#transaction("readonly")
    const pairs = async (name: string): Promise<[string, unknown][]> => {
      const store = transaction.objectStore(name)
      const [names, values] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())])
      return names.map((name, at) => [name as string, values[at]])
    }
    const entries = settled(transaction.objectStore("entries").getAll())
    const [decisions, meta] = await Promise.all([pairs("decisions"), pairs("meta")])
    return { entries: await entries, decisions: new Map(decisions), meta: Object.fromEntries(meta) }
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

  /** Writes a batch; when this resolves, it is on disk. With `clear` everything else is deleted, both or neither. */
  write(batch: Batch, clear = false): Promise<void> {
    const transaction = this.#transaction("readwrite")
    const [entries, decisions, meta] = STORES.map((name) => transaction.objectStore(name)) as [
      IDBObjectStore, IDBObjectStore, IDBObjectStore,
    ]
    const done = complete(transaction)
    try {
      if (clear) for (const store of [entries, decisions, meta]) store.clear()
      for (const entry of batch.entries ?? []) entries.put(entry)
      for (const decision of batch.decisions ?? []) decisions.put(JSON.stringify(decision), decision.id)
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
