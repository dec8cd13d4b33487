// The element as a page meets it; compiled, never run.
import { Flywheel } from "flywheel-sdk"
import { type FeedbackTexts, FlywheelFeedback, english } from "flywheel-sdk/element"

export function everyProperty(fw: Flywheel): void {
  const element = document.createElement("flywheel-feedback")
  const same: FlywheelFeedback | null = document.querySelector("flywheel-feedback")
  element.flywheel = fw
  element.flywheel = Flywheel.open({ app: "demo" })
  element.decision = fw.shown({ surface: "chat", answer: "Hello." })
  element.decision = "0192"
  element.thumb = "down"
  element.text = "Hello."
  element.texts = { up: "Gut", reasons: { wrong: "Falsch" } }
  const words: FeedbackTexts = { ...english, thanks: element.texts.thanks }
  // @ts-expect-error a thumb is up, down or null
  element.thumb = "sideways"
  // @ts-expect-error no such word
  element.texts = { upp: "Gut" }
  // @ts-expect-error not a page
  element.flywheel = {}
  void [same, words]
}

export function everyEvent(element: FlywheelFeedback): void {
  element.addEventListener("flywheel-thumb", ({ detail: { thumb, receipt } }) => [thumb === "up", receipt.saved])
  document.addEventListener("flywheel-again", ({ detail: { decision, next } }) => [decision, next.attempt])
  document.body.addEventListener("flywheel-edit", ({ detail: { shown, corrected } }) => shown + corrected)
  element.addEventListener("flywheel-reason", (event) => (event.detail.reason === "tone" ? event.preventDefault() : undefined))
  element.addEventListener("flywheel-error", ({ detail: { error } }) => console.error(error))
  // @ts-expect-error a thumb has no reason
  element.addEventListener("flywheel-thumb", ({ detail }) => detail.reason)
}
