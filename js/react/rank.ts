// Ranking as a hook: the same list comes back in a better order.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import type { Candidate, CandidateOf, Decision, Features, Flywheel, RankRequest } from "../types.js"
import { useShared } from "./provider.js"

/** What `useRank` gives. */
export interface Ranked<C extends Candidate<object>, Best = C | undefined> {
  /** Your candidates, best first; in your own order on a server, and until the page is open. */
  readonly order: readonly C[]
  /** The first of them. */
  readonly best: Best
  /** The decision, for `useFeedback`; `undefined` while the order is your own. */
  readonly decision: Decision<C["id"]> | undefined
  /** Orders them anew, by what has been learned since: nothing moves under people's eyes before you say so. */
  readonly rerank: () => void
}

interface Made {
  readonly key: string
  readonly flywheel: Flywheel
  readonly decision: Decision
}

/** Servers have no layout, and older React warns of it. */
const useBeforePaint = typeof document === "undefined" ? useEffect : useLayoutEffect

/**
 * Orders candidates by what this person (and everybody) liked. Ranks once for each request by what is in it, not by which
 * object it is: write it where you call. No candidates are no request.
 */
export function useRank<const C extends Candidate<object>, X extends object = Features>(
  request: Omit<RankRequest<C, X>, "candidates"> & { readonly candidates: readonly [CandidateOf<C>, ...CandidateOf<C>[]] },
): Ranked<C, C>
export function useRank<const C extends Candidate<object>, X extends object = Features>(request: RankRequest<C, X>): Ranked<C>
export function useRank<C extends Candidate<object>, X extends object>(request: RankRequest<C, X>): Ranked<C> {
  const { flywheel, fail } = useShared()
  const { surface, context, candidates, after } = request
  const key = useMemo(() => keyOf(request), [surface, context, candidates, after])
  const [made, setMade] = useState<Made>()
  // Strict mode runs effects twice; a request is one decision.
  const last = useRef<Made>(undefined)

  const rank = (anew?: boolean) => {
    const known = last.current
    if (flywheel === undefined || candidates.length === 0) return
    if (anew !== true && known?.key === key && known.flywheel === flywheel) return
    try {
      setMade((last.current = { key, flywheel, decision: flywheel.rank(request) }))
    } catch (error) {
      fail(error)
    }
  }
  useBeforePaint(rank, [flywheel, key])
  const newest = useRef(rank)
  useBeforePaint(() => {
    newest.current = rank
  })

  return useMemo(() => {
    const decision = made?.key === key ? (made.decision as Decision<C["id"]>) : undefined
    const named = new Map(candidates.map((candidate) => [candidate.id, candidate]))
    const order = decision ? decision.order.map((id) => named.get(id)!) : candidates
    return { order, best: order[0], decision, rerank: () => newest.current(true) }
  }, [made, key, candidates])
}

/** What a request says, without what else the app's candidates carry. */
function keyOf({ surface, context, candidates, after }: RankRequest<Candidate<object>, object>): string {
  const said = candidates.map(({ id, features, text, pinned, forbidden, minimumShare }) => [
    id, features, text, pinned, forbidden, minimumShare,
  ])
  return JSON.stringify([surface, context, typeof after === "object" ? after.id : after, said])
}
