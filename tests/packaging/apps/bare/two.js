// Two libraries of one page, each with a copy of its own: they meet in the same profile.
import { Flywheel as one } from "/flywheel-sdk/index.js"
import { Flywheel as other } from "/another/index.js"
import { show } from "./loop.js"

const options = { app: "two", consent: { learn: true, share: false }, epsilon: 0 }
/** Each has features of its own, so that what one learns does not change the other's order. */
const request = (at) => ({ surface: "two", candidates: ["short", "long"].map((id) => ({ id, features: { [`style ${at}`]: id } })) })

async function both() {
  const pages = [await one.open(options), await other.open(options)]
  const learned = []
  for (const [at, page] of pages.entries()) {
    const first = page.rank(request(at))
    await page.thumb(first, "down").saved
    learned.push(page.rank(request(at)).best !== first.best)
  }
  for (const page of pages) await page.close()
  const again = await one.open(options)
  const { signals, storage, dropped } = again.status()
  await again.close()
  return { learned, signals, storage, dropped }
}

show(both())
