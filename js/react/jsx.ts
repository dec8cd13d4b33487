// What `<flywheel-feedback>` takes in JSX, from React 19 on: older ones know no properties of custom elements.
import type { DetailedHTMLProps, HTMLAttributes } from "react"
import type { FeedbackEvents } from "../element/events.js"
import type { FlywheelFeedback } from "../element/feedback.js"
import type { FeedbackTexts } from "../element/texts.js"

/** Properties, attributes and listeners: `onflywheel-thumb={({ detail }) => …}`. */
export type FeedbackElementProps = DetailedHTMLProps<HTMLAttributes<FlywheelFeedback>, FlywheelFeedback> & {
  readonly flywheel?: FlywheelFeedback["flywheel"]
  readonly decision?: FlywheelFeedback["decision"]
  readonly thumb?: FlywheelFeedback["thumb"]
  readonly text?: FlywheelFeedback["text"]
  readonly texts?: Partial<FeedbackTexts>
  /** Some of `thumbs again edit`. */
  readonly actions?: string
} & { readonly [E in keyof FeedbackEvents as `on${E}`]?: (event: FeedbackEvents[E]) => void }

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "flywheel-feedback": FeedbackElementProps
    }
  }
}
