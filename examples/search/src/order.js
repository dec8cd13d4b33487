import { Flywheel } from "flywheel-sdk"

// Everything stays in this browser until there is an `endpoint`, a `key`, and the person's consent to share.
const opening = Flywheel.open({ app: "example-search", consent: { learn: true, share: false } })

/** The engine's results in this person's order, and `clicked`, which says what was opened. */
export async function order(query, found) {
  const flywheel = await opening
  // In thirds, so that what is learned holds for results that were never seen.
  const third = (score) => ["low", "middle", "high"][Math.min(2, Math.floor(score * 3))]
  // While nothing is known all are alike, and would come in any order: the engine's stands, its first is pinned.
  const { signals, version } = flywheel.status()
  const known = signals > 0 || version > 0
  const decision = flywheel.rank({
    surface: "search",
    context: { words: query.trim().split(/\s+/).length },
    candidates: found.map(({ id, kind, score }, at) => ({
      id,
      features: { kind, score, match: third(score) },
      pinned: !known && at === 0,
    })),
  })
  const named = new Map(found.map((result) => [result.id, result]))
  return {
    results: known ? decision.order.map((id) => named.get(id)) : found,
    clicked(id) {
      if (id === decision.best) flywheel.reward(decision, 1, "clicked")
      else flywheel.prefer(decision, id)
    },
  }
}
