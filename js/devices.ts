// Several devices of one person, and the secret by which the server knows this one.
import { Call } from "./call.js"
import type { Driver } from "./driver.js"
import { keepPlace, standAs } from "./hold-out.js"
import { Refusal, post } from "./transport.js"

const PROTOCOL = 1

/** Joins the person whom the host's server names in the token. */
export async function join(driver: Driver, token: string): Promise<void> {
  await driver.exchange.allowed()
  await person(driver, { token })
  driver.exchange.joined = driver.meta.joined = true
  standAs(driver, personIn(token))
  await driver.flush()
}

/** Another secret takes the place of this one. It is stored before the server hears of it. */
export async function rotate(driver: Driver): Promise<void> {
  const { core, exchange } = driver
  await exchange.allowed()
  const next = (exchange.next ??= core.secret())
  driver.meta.next = next
  await driver.flush()
  await person(driver, { next })
  exchange.next = undefined
  keepPlace(driver)
  driver.secret = next
  core.identify(next)
  Object.assign(driver.meta, { secret: next, next: undefined })
  await driver.flush()
}

/** The host's own name for the person, which the server has found in the token. */
function personIn(token: string): unknown {
  const payload = token.slice(0, token.indexOf(".")).replace(/-/g, "+").replace(/_/g, "/")
  return JSON.parse(atob(payload)).person
}

/** What an earlier visit left open, and what the other devices have taught since. */
export async function goOn(driver: Driver): Promise<void> {
  try {
    if (driver.exchange.next !== undefined) await rotate(driver)
    else if (driver.exchange.joined) await person(driver, {})
  } catch {
    // The next visit asks again.
  }
}

/** What all devices of the person taught, after a change of who that is. */
async function person(driver: Driver, change: { token?: string; next?: string }): Promise<void> {
  const { core, exchange, secret, settings } = driver
  try {
    const known = await post(exchange.address("/v1/person"), { v: PROTOCOL, key: settings.key, secret, ...change })
    const { seq, site } = (known ?? {}) as { seq?: unknown; site?: unknown }
    core.call(Call.Lend, seq, site)
  } catch (error) {
    throw error instanceof Refusal ? error.error : error
  }
  driver.after()
}
