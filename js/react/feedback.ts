// What people say about a decision, and what of it a component shows.
import { useMemo, useState } from "react"
import type { Correction, Decision, DecisionId, Flywheel, Receipt, Thumb } from "../types.js"
import { useShared } from "./provider.js"

/** What `useFeedback` gives. Calls before the page is open wait for it and give `undefined`; without a decision they do nothing. */
export interface Feedback<D extends Decision = Decision> {
  /** The thumb as it stands: for `aria-pressed`. */
  readonly given: Thumb
  /** Gives a thumb, or takes back whatever was said with `null`. */
  readonly thumb: (thumb: Thumb) => Receipt | undefined
  /** Thumbs up, or takes it back: for `onClick`. */
  readonly up: () => void
  /** Thumbs down, or takes it back: for `onClick`. */
  readonly down: () => void
  /** The answer was edited. */
  readonly correct: (correction: Correction) => Receipt | undefined
  /** Another attempt is wanted; gives the next decision. */
  readonly regenerate: () => D | undefined
  /** This candidate is better than the one that was shown first. */
  readonly prefer: (candidate: D["best"]) => Receipt | undefined
  /** Your own measure of success, 0 to 1, and your word for it. */
  readonly reward: (value: number, reason?: string) => Receipt | undefined
}

/** Feedback about a decision, or the id of one that you stored; `before` is the thumb that you stored with it. */
export function useFeedback<D extends Decision = Decision>(
  decision: D | DecisionId | undefined,
  before: Thumb = null,
): Feedback<D> {
  const shared = useShared()
  const id = typeof decision === "object" ? decision.id : decision
  const [said, setSaid] = useState<{ id: DecisionId; thumb: Thumb }>()
  const given = said !== undefined && said.id === id ? said.thumb : before
  return useMemo(() => {
    const about = <T>(use: (flywheel: Flywheel, id: DecisionId) => T) =>
      id === undefined ? undefined : shared.run((flywheel) => use(flywheel, id))
    const thumb = (thumb: Thumb) => {
      const receipt = about((flywheel, id) => flywheel.thumb(id, thumb))
      if (id !== undefined) setSaid({ id, thumb })
      return receipt
    }
    return {
      given,
      thumb,
      up: () => void thumb(given === "up" ? null : "up"),
      down: () => void thumb(given === "down" ? null : "down"),
      correct: (correction) => about((flywheel, id) => flywheel.correct(id, correction)),
      regenerate: () => about((flywheel, id) => flywheel.regenerate<D>(id)),
      prefer: (candidate) => about((flywheel, id) => flywheel.prefer(id, candidate)),
      reward: (value, reason) => about((flywheel, id) => flywheel.reward(id, value, reason)),
    }
  }, [shared, id, given])
}
