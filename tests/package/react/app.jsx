// The app of react.test.mjs: the same components in Node and in the browser.
import { FlywheelProvider, useFeedback, useFlywheel, useRank } from "flywheel-sdk/react"

export const styles = ["plain", "list", "long"].map((id) => ({ id, features: { style: id }, title: `As ${id}` }))

/** An answer in one of the styles, and what can be said about it. */
export function Answer({ candidates = styles, surface = "style", before }) {
  const { order, best, decision, rerank } = useRank({ surface, context: { topic: "code" }, candidates })
  const { given, up, down, correct, regenerate } = useFeedback(decision, before)
  globalThis.renders?.push(order.map(({ id }) => id).join(" "))
  return (
    <article data-decision={decision?.id} data-given={given ?? ""}>
      <ol>{order.map(({ id, title }) => <li key={id}>{title}</li>)}</ol>
      <p>{best?.title}</p>
      <button onClick={up} aria-pressed={given === "up"}>Good</button>
      <button onClick={down} aria-pressed={given === "down"}>Bad</button>
      <button onClick={() => correct({ share: 0.5 })}>Edit</button>
      <button onClick={() => globalThis.next = regenerate()}>Again</button>
      <button onClick={rerank}>Anew</button>
    </article>
  )
}

/** What `useFlywheel` gives. */
export function Status() {
  const flywheel = useFlywheel()
  return <output>{flywheel ? "open" : "closed"}</output>
}

export const App = ({ children = <Answer />, ...provider }) => (
  <FlywheelProvider {...provider}>
    <Status />
    {children}
  </FlywheelProvider>
)
