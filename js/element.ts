// The custom element `<flywheel-feedback>`; importing this registers it. It opens nothing: it takes a page that is open.
import type { FeedbackEvents } from "./element/events.js"
import { FlywheelFeedback } from "./element/feedback.js"

export { FlywheelFeedback } from "./element/feedback.js"
export type { FeedbackDetails, FeedbackEvents } from "./element/events.js"
export { english } from "./element/texts.js"
export type { FeedbackTexts } from "./element/texts.js"

declare global {
  interface HTMLElementTagNameMap {
    "flywheel-feedback": FlywheelFeedback
  }
  interface GlobalEventHandlersEventMap extends FeedbackEvents {}
}

// A server has no registry; hot reload and a second copy of the package come by again.
const registry = globalThis.customElements as CustomElementRegistry | undefined
if (registry && !registry.get("flywheel-feedback")) registry.define("flywheel-feedback", FlywheelFeedback)
