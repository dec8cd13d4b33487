// Talking to the server: one request at a time, and those that outlive the page beside it.
import type { Batch } from "./core.js"
import { goOn } from "./devices.js"
import type { Driver } from "./driver.js"
import { background, flywheelError } from "./errors.js"
import { remember, take } from "./hold-out.js"
import type { Meta } from "./storage.js"
import { Refusal, UNREADABLE, bytes, get, post } from "./transport.js"

/** Set by the bundler: whether this bundle's module has cargo feature `insight`. */
declare const INSIGHT: boolean

const PROTOCOL = 1
/** Shortest wait for another tab that sends, in milliseconds; at random up to twice as long. */
const LATER_MS = 1_000

type Head = { delta?: unknown; url?: unknown }

function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal ? error : UNREADABLE
}

/** The outgoing side of a driver. */
export class Exchange {
  readonly #driver: Driver
  /** Secrets whose erasure the server has not acknowledged. */
  #erase: string[] = []
  #sent = false
  /** Whether the person has other devices. */
  joined = false
  /** The secret by which the server may know the person already. */
  next: string | undefined
  /** The last request of any tab, as far as this one has heard. */
  sentLast: unknown
  /** How far this device's clock is ahead of the server's, by which ids go, in milliseconds. */
  ahead = 0
  readonly #running = new Set<Promise<unknown>>()

  constructor(driver: Driver) {
    this.#driver = driver
  }

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.#running.size > 0
  }

  async #landed(): Promise<void> {
    while (this.busy) await Promise.all(this.#running)
  }

  /** What is to be stored about erasures: nothing, or the secrets. */
  get erase(): string[] | undefined {
    return this.#erase.length === 0 ? undefined : [...this.#erase]
  }

  /** Takes over what was stored. */
  restore({ sent, erase, joined, next, last }: Meta): void {
    this.#sent = sent === true
    this.joined = joined === true
    this.next = typeof next === "string" ? next : undefined
    this.sentLast = last
    if (Array.isArray(erase)) this.#erase = erase.filter((secret) => typeof secret === "string")
  }

  /** What another tab has stored. */
  hear(meta: Meta): void {
    if (INSIGHT) remember(this.#driver, meta)
    this.restore({ sent: this.#sent, joined: this.joined, next: this.next, last: this.sentLast, ...meta })
  }

  /** What can be done as soon as the storage has been read. */
  async begin(): Promise<void> {
    await this.retryErasure()
    await this.#fetchHead()
    if (INSIGHT) await goOn(this.#driver)
  }

  /** Sends what is due, or with `now` all that waits, if there is anything and no other tab is sending. */
  async sendIfDue(now = false): Promise<void> {
    const driver = this.#driver
    const mine = await driver.turn.take()
    // What the tab before has settled is stored, even if the word about it is still on its way.
    if (mine) await driver.catchUp()
    const batch = mine && !this.busy && !driver.closed ? driver.core.begin(now) : null
    if (batch !== null) return this.#inBackground(batch, false)
    if (mine) driver.turn.release()
    // By then the other tab has said what became of it.
    driver.lookAhead(mine ? 0 : LATER_MS * (1 + Math.random()))
  }

  /** Sends what still waits, in requests that outlive the page, as many as browsers let. */
  async lastWords(): Promise<void> {
    const { core, settings } = this.#driver
    const all: Promise<void>[] = []
    for (let batch; settings.automatic && (batch = core.begin(false, true)) !== null; ) all.push(this.#inBackground(batch, true))
    await Promise.all(all)
  }

  /** The same, after what is under way. */
  async farewell(): Promise<void> {
    await this.#landed()
    await this.lastWords()
  }

  async #inBackground(batch: Batch, keepalive: boolean): Promise<void> {
    try {
      await this.#run(batch, keepalive)
    } catch (error) {
      this.#driver.notify("error", error)
    }
  }

  /** Sends until nothing waits; gives the number of signals that the server has taken. */
  async sync(): Promise<number> {
    await this.allowed()
    await this.retryErasure()
    const { core } = this.#driver
    let taken = 0
    for (;;) {
      await this.#landed()
      this.#check()
      // Whoever asks does not wait for other tabs: what they send as well counts once.
      if (await this.#driver.turn.take()) await this.#driver.catchUp()
      // What has begun meanwhile by itself is waited for as well.
      if (this.busy) continue
      this.#check()
      const waiting = core.status().queued
      const batch = core.begin(true)
      if (batch === null) {
        this.#driver.turn.release()
        return taken
      }
      taken += await this.#run(batch, false)
      const left = core.status().queued
      // What the server wants later is not pressed upon it.
      if (left === 0 || left >= waiting) return taken
    }
  }

  /** Waits for the storage; rejects unless something may be sent. */
  async allowed(): Promise<void> {
    await this.#driver.ready
    this.#check()
  }

  #check(): void {
    this.#driver.checkOpen()
    if (this.#driver.settings.endpoint === undefined) throw flywheelError("no_endpoint", "no `endpoint` was given to open with")
    const { share, learn } = this.#driver.core.status().consent
    if (share !== "granted" || !learn) throw flywheelError("share_refused", "the person has not allowed signals to be sent")
  }

  /** One request and what follows from its answer. */
  #run(batch: Batch, keepalive: boolean): Promise<number> {
    const run = this.#exchange(batch, keepalive)
    const landed = run.catch(() => undefined).finally(() => {
      this.#running.delete(landed)
      this.sentLast = this.#driver.meta.last = batch.request
      // The others hear what became of it before they may send.
      background(this.#driver.flush().finally(() => this.busy || this.#driver.turn.release()))
    })
    this.#running.add(landed)
    return run
  }

  async #exchange(batch: Batch, keepalive: boolean): Promise<number> {
    const { core, meta } = this.#driver
    if (batch.signals.length > 0 && !this.#sent) this.#sent = meta.sent = true
    if (INSIGHT && batch.decisions !== undefined) this.#sent = meta.sent = true
    try {
      const reply = await post(this.address("/v1/sync"), batch, keepalive)
      const taken = core.answered(batch.request, reply)
      if (taken === null) throw UNREADABLE
      this.ahead = Math.max(0, Date.now() - (reply as { server_time: number }).server_time)
      await this.#takeWeights(reply)
      return taken
    } catch (error) {
      const refusal = refusalOf(error)
      core.failed(batch.request, refusal.status, refusal.retryAfterMs, refusal.code)
      throw refusal.error
    }
  }

  /** Weights that cannot be had or read change nothing; they are offered again with the next answer. */
  async #takeWeights(reply: unknown): Promise<void> {
    // Before the weights, so that nobody who is held out is shown an order by them.
    if (INSIGHT) take(this.#driver, reply as Record<string, unknown>)
    const { delta, url } = ((reply as { weights?: Head } | null)?.weights ?? {}) as Head
    if (typeof delta !== "string" && typeof url !== "string") return
    try {
      const all = typeof delta === "string" ? decode(delta) : await bytes(this.address(url as string))
      this.#driver.core.takeWeights(all)
      this.#driver.weightsChanged()
    } catch (error) {
      this.#driver.notify("error", error instanceof Refusal ? error.error : error)
    }
  }

  /** Everybody's weights, for a page that may not say who asks. */
  async #fetchHead(): Promise<void> {
    const { core, settings } = this.#driver
    if (settings.endpoint === undefined || !settings.automatic) return
    const { consent, version } = core.status()
    if (!consent.learn || consent.share === "granted") return
    try {
      const reply = await get(this.address(`/v1/head?key=${encodeURIComponent(settings.key ?? "")}&version=${version}`))
      if (!this.#driver.closed) await this.#takeWeights(reply)
    } catch {
      // Nobody waits for it.
    }
  }

  /** The server is to erase whoever has this secret, if it may know anything. */
  orderErasure(secret: string): void {
    const { core, settings } = this.#driver
    if (settings.endpoint !== undefined && (this.#sent || core.mayHaveSent())) {
      this.#erase.push(secret)
      // The server may know the person by the next one already.
      if (this.next !== undefined) this.#erase.push(this.next)
    }
    this.restore({})
  }

  /** Asks the server to erase whoever it has not erased yet; what fails is tried again later. */
  async retryErasure(): Promise<void> {
    const { key, endpoint } = this.#driver.settings
    if (endpoint === undefined) return
    for (const secret of [...this.#erase]) {
      try {
        await post(this.address("/v1/erase"), { v: PROTOCOL, key, secret })
      } catch {
        return
      }
      this.#erase = this.#erase.filter((other) => other !== secret)
      this.#driver.meta.erase = this.erase
      this.#driver.after()
    }
  }

  /** What is relative is relative to the endpoint. */
  address(path: string): string {
    const base = (this.#driver.settings.endpoint ?? "").replace(/\/+$/, "")
    return path.startsWith("/") ? base + path : `${base}/${path}`
  }
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}
