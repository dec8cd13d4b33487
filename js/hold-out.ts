// What the endpoint asks of pages beyond signals, and where the person stands among those who may be held out. What of it
// counts is the engine's word; here it is kept for the next visit. In `insight` only.
import { Call } from "./call.js"
import type { Driver } from "./driver.js"
import type { Meta } from "./storage.js"

/** What a page has heard last, and as whom. */
const heard = new WeakMap<Driver, string>()

/** Takes over what was stored, here or in another tab. */
export function remember(driver: Driver, { asked, place }: Meta): void {
  driver.core.call(Call.Hold, asked, place)
  if (asked !== undefined) heard.set(driver, driver.secret + JSON.stringify(asked))
}

/** What the endpoint asks in an answer; the usual where it says nothing. */
export function take(driver: Driver, reply: { readonly [name: string]: unknown }): void {
  // In quotes: without them it would be a name of our own, which the bundler shortens.
  const asked = reply["settings"] ?? {}
  // Who has forgotten is somebody else, about whom nothing is stored yet.
  const text = driver.secret + JSON.stringify(asked)
  if (heard.get(driver) === text) return
  heard.set(driver, text)
  driver.core.call(Call.Hold, asked)
  driver.meta.asked = asked
  driver.after()
}

/** The device is one of this person's from here on, whose side is the same on all of them. */
export function standAs(driver: Driver, person: unknown): void {
  driver.meta.place = driver.core.call(Call.Hold, undefined, undefined, person)
}

/** The person keeps their place whatever secret comes next. */
export function keepPlace(driver: Driver): void {
  const place = driver.core.call(Call.Hold)
  driver.meta.place = driver.core.call(Call.Hold, undefined, place)
}
