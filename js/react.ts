"use client"
// For React 18 and newer. Nothing of the learning loop is in it: the app opens the entry that it wants.
export { FlywheelProvider, useFlywheel } from "./react/provider.js"
export type { FeedbackElementProps } from "./react/jsx.js"
export type { FlywheelProviderProps } from "./react/provider.js"
export { useFeedback } from "./react/feedback.js"
export type { Feedback } from "./react/feedback.js"
export { useRank } from "./react/rank.js"
export type { Ranked } from "./react/rank.js"
