// What an app asks, as it crosses where it cannot cross as numbers, and the decision that comes of it.
import { flywheelError, invalid } from "./errors.js"
import { HEAD, PLACES } from "./lexicon.js"
import type { Decision } from "./types.js"

/** Set by the bundler: whether this bundle's module has cargo feature `insight`. */
declare const INSIGHT: boolean
/** The id of an answer that was shown without a choice, unless it has its own. */
export const ANSWER = "answer"

/** A request as src/record/read.rs reads it: the surface and the context as if they were a candidate, and the candidates;
 * then the rules. */
export function requestOf(surface: unknown, context: unknown, candidates: readonly unknown[]): [object[], number[]] {
  // A hole in the list must be refused like any other thing that is no candidate: `map` leaves it out.
  const all = Array.from(candidates, candidateOf)
  return [[{ id: surface, features: context }, ...all], candidates.map(ruleOf)]
}

function candidateOf(candidate: unknown): object {
  if (typeof candidate !== "object" || candidate === null) throw invalid("a candidate", "an object with an `id`")
  const { id, features, text } = candidate as { [name: string]: unknown }
  if (typeof id !== "string") throw invalid("a candidate's id", "a string")
  if (typeof (text ?? "") !== "string") throw invalid("a candidate's text", "a string")
  return { id, features, text }
}

/** The app's rule for a candidate as one number: 0 none, 1 pinned, -1 forbidden, else a minimum share. */
function ruleOf(candidate: unknown): number {
  const { pinned, forbidden, minimumShare: share } = candidate as { [rule: string]: unknown }
  if (!pinned && !forbidden && share === undefined) return 0
  if (+!pinned + +!forbidden + +(share === undefined) !== 2) throw flywheelError("invalid_rules", "a candidate has one rule at most")
  if (share === undefined) return pinned ? 1 : -1
  if (typeof share !== "number") throw invalid("`minimumShare`", "a number")
  // What lies outside arrives as something that is refused there.
  return share < 0 || share >= 1 ? 2 : share
}

/** A decision out of what src/flat/room.rs writes; what follows the id begins at `from`. */
export function decisionOf<Id extends string>(
  id: string,
  numbers: ArrayLike<number>,
  from: number,
  surface: string,
  candidates: readonly { readonly id: Id }[],
): Decision<Id> {
  const count = candidates.length
  const places = from + PLACES - HEAD
  const order = new Array<Id>(count)
  const scores = new Array<number>(count)
  for (let place = 0; place < count; place++) {
    order[place] = candidates[numbers[places + place]!]!.id
    scores[place] = numbers[places + count + place]!
  }
  const decision = {
    id,
    surface,
    best: order[0]!,
    order,
    scores,
    propensity: numbers[from]!,
    explored: numbers[from + 1] === 1,
    version: numbers[from + 2]!,
    attempt: numbers[from + 3]!,
  }
  if (INSIGHT) Object.assign(decision, { worthAsking: (numbers[from + 4]! & 2) > 0, heldOut: numbers[from + 4]! > 3 })
  return numbers[from + 4] === 1 ? { ...decision, unready: true } : decision
}
