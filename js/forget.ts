// A person's word about what may be kept: forgetting, here and on the server.
import type { Driver } from "./driver.js"
import { background, flywheelError } from "./errors.js"
import { type Meta, Database, reasonOf } from "./storage.js"

/** Nothing is kept of a person who refuses learning, except what the server has still to be told to erase. */
export async function keepOnlyOrders({ exchange, spill }: Driver, db: Database, meta: Meta): Promise<void> {
  spill.clear()
  exchange.restore(meta)
  if (typeof meta.secret === "string") exchange.orderErasure(meta.secret)
  if (exchange.erase === undefined) return db.destroy()
  await db.write({ meta: { erase: exchange.erase } }, true)
  db.close()
}

/** Nothing may be kept: neither here nor on disk. */
export async function wipe(driver: Driver): Promise<void> {
  const { core, exchange } = driver
  const [db] = await driver.database()
  exchange.orderErasure(driver.secret)
  driver.reset()
  driver.refuse()
  driver.tabs.tell({ over: true, meta: { consent: core.choice() } })
  if (db !== undefined) await keepOnlyOrders(driver, db, { erase: exchange.erase })
  driver.notify("forgotten")
  await exchange.retryErasure()
  if (db !== undefined && exchange.erase === undefined) {
    await (await Database.open(driver.settings.app, false).catch(() => undefined))?.destroy()
  }
  driver.after()
}

/** Forgets everything here, and there if the server may know anything. */
export async function forget(driver: Driver): Promise<void> {
  const { core, exchange } = driver
  const [db, isOwn] = await driver.database()
  // Another secret may be stored than the one in use, where the storage came too late to be read.
  if (db !== undefined && !isOwn) {
    const { meta } = await db.load()
    exchange.restore(meta)
    if (typeof meta.secret === "string" && meta.secret !== driver.secret) exchange.orderErasure(meta.secret)
  }
  exchange.orderErasure(driver.secret)
  driver.reset(true)
  const { erase } = exchange
  try {
    const secret = driver.settings.endpoint === undefined ? undefined : driver.secret
    await db?.write({ meta: { consent: core.choice(), secret, erase } }, true)
    driver.tabs.tell({ over: true })
  } catch (error) {
    throw flywheelError("storage_unavailable", `what is stored could not be deleted: ${reasonOf(error)}`)
  } finally {
    if (!isOwn) db?.close()
    driver.notify("forgotten")
    await exchange.retryErasure()
  }
  await driver.flush(true)
  background(exchange.begin())
}
