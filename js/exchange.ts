// Talking to the server, one request at a time.
import type { Batch } from "./core.js"
import type { Driver } from "./driver.js"
import { background, flywheelError } from "./errors.js"
import type { Meta } from "./storage.js"
import { Refusal, UNREADABLE, bytes, get, post } from "./transport.js"

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
  /** The last request of any tab, as far as this one has heard. */
  sentLast: unknown
  #running: Promise<unknown> | undefined

  constructor(driver: Driver) {
    this.#driver = driver
  }

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.#running !== undefined
  }

  /** What is to be stored about erasures: nothing, or the secrets. */
  get erase(): string[] | undefined {
    return this.#erase.length === 0 ? undefined : [...this.#erase]
  }

  /** Takes over what was stored. */
  restore({ sent, erase, last }: Meta): void {
    this.#sent = sent === true
    this.sentLast = last
    if (Array.isArray(erase)) this.#erase = erase.filter((secret) => typeof secret === "string")
  }

  /** What another tab has stored. */
  hear({ sent, erase, last }: Meta): void {
    this.restore({ sent: sent ?? this.#sent, erase, last: last ?? this.sentLast })
  }

  /** What can be done as soon as the storage has been read. */
  async begin(): Promise<void> {
    await this.retryErasure()
    await this.#fetchHead()
  }

  /** Sends what is due, if anything is and no other tab is sending. */
  async sendIfDue(): Promise<void> {
    const driver = this.#driver
    const mine = await driver.turn.take()
    // What the tab before has settled is stored, even if the word about it is still on its way.
    if (mine) await driver.catchUp()
    const batch = mine && !this.busy && !driver.closed ? driver.core.begin(false) : null
    if (batch !== null) return this.#inBackground(batch, false)
    if (mine) driver.turn.release()
    // By then the other tab has said what became of it.
    driver.lookAhead(mine ? 0 : LATER_MS * (1 + Math.random()))
  }

  /** Sends what still waits, in a request that outlives the page. */
  async lastWords(): Promise<void> {
    const { core, settings } = this.#driver
    if (!settings.automatic || this.busy || core.status().queued === 0) return
    const batch = core.begin(true)
    if (batch !== null) await this.#inBackground(batch, true)
  }

  /** The same, after what is under way. */
  async farewell(): Promise<void> {
    while (this.#running !== undefined) await this.#running
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
    await this.#driver.ready
    this.#check()
    await this.retryErasure()
    const { core } = this.#driver
    let taken = 0
    for (;;) {
      while (this.#running !== undefined) await this.#running
      this.#check()
      // Whoever asks does not wait for other tabs: what they send as well counts once.
      if (await this.#driver.turn.take()) await this.#driver.catchUp()
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

  #check(): void {
    this.#driver.checkOpen()
    if (this.#driver.settings.endpoint === undefined) throw flywheelError("no_endpoint", "no `endpoint` was given to open with")
    const { share, learn } = this.#driver.core.status().consent
    if (share !== "granted" || !learn) throw flywheelError("share_refused", "the person has not allowed signals to be sent")
  }

  /** One request and what follows from its answer. */
  #run(batch: Batch, keepalive: boolean): Promise<number> {
    const run = this.#exchange(batch, keepalive).finally(() => {
      this.#running = undefined
      this.sentLast = this.#driver.meta.last = batch.request
      // The others hear what became of it before they may send.
      background(this.#driver.flush().finally(() => this.#driver.turn.release()))
    })
    this.#running = run.catch(() => undefined)
    return run
  }

  async #exchange(batch: Batch, keepalive: boolean): Promise<number> {
    const { core, meta } = this.#driver
    if (batch.signals.length > 0 && !this.#sent) this.#sent = meta.sent = true
    try {
      const reply = await post(this.#address("/v1/sync"), batch, keepalive)
      const taken = core.answered(batch.request, reply)
      if (taken === null) throw UNREADABLE
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
    const { delta, url } = ((reply as { weights?: Head } | null)?.weights ?? {}) as Head
    if (typeof delta !== "string" && typeof url !== "string") return
    try {
      const all = typeof delta === "string" ? decode(delta) : await bytes(this.#address(url as string))
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
      const reply = await get(this.#address(`/v1/head?key=${encodeURIComponent(settings.key ?? "")}&version=${version}`))
      if (!this.#driver.closed) await this.#takeWeights(reply)
    } catch {
      // Nobody waits for it.
    }
  }

  /** The server is to erase whoever has this secret, if it may know anything. */
  orderErasure(secret: string): void {
    const { core, settings } = this.#driver
    if (settings.endpoint !== undefined && (this.#sent || core.mayHaveSent())) this.#erase.push(secret)
    this.#sent = false
  }

  /** Asks the server to erase whoever it has not erased yet; what fails is tried again later. */
  async retryErasure(): Promise<void> {
    const { key, endpoint } = this.#driver.settings
    if (endpoint === undefined) return
    for (const secret of [...this.#erase]) {
      try {
        await post(this.#address("/v1/erase"), { v: PROTOCOL, key, secret })
      } catch {
        return
      }
      this.#erase = this.#erase.filter((other) => other !== secret)
      this.#driver.meta.erase = this.erase
      this.#driver.after()
    }
  }

  /** What is relative is relative to the endpoint. */
  #address(path: string): string {
    const base = (this.#driver.settings.endpoint ?? "").replace(/\/+$/, "")
    return path.startsWith("/") ? base + path : `${base}/${path}`
  }
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}
