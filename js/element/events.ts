// What an app can hear from the element; all of it bubbles, through shadow roots too.
import type { Decision, DecisionId, Receipt, Thumb } from "../types.js"

interface About {
  /** What the feedback was about. */
  readonly decision: Decision | DecisionId
}

/** The `detail` of each event. */
export interface FeedbackDetails {
  /** A thumb was given, or taken back (`null`). */
  "flywheel-thumb": About & { readonly thumb: Thumb; readonly receipt: Receipt }
  /** A reason was given for a thumbs-down. `preventDefault()` keeps it from being said to Flywheel. */
  "flywheel-reason": About & { readonly reason: string }
  /** Another attempt is wanted: show the answer for `next`, which is the element's decision now. */
  "flywheel-again": About & { readonly next: Decision }
  /** The answer was edited: show `corrected` from now on. */
  "flywheel-edit": About & { readonly shown: string; readonly corrected: string; readonly receipt: Receipt }
  /** Something could not be said. */
  "flywheel-error": { readonly error: unknown }
}

/** The same as events, by name. */
export type FeedbackEvents = { [E in keyof FeedbackDetails]: CustomEvent<FeedbackDetails[E]> }
