import { useFlywheel } from "flywheel-sdk/react"
import { styles } from "./styles.js"

/** A question and its answer; what people say about it goes through the element. */
export function Answer({ turn, onThumb, onAgain, onEdit }) {
  const flywheel = useFlywheel()
  const { question, decision, text, thumb, streaming, failed } = turn
  const style = styles.find(({ id }) => id === decision.best)
  return (
    <section>
      <p className="question">{question}</p>
      <article aria-busy={streaming}>
        <small>
          {style.name}
          {decision.attempt > 1 && ` · attempt ${decision.attempt}`}
        </small>
        <flywheel-feedback
          flywheel={streaming ? undefined : flywheel}
          decision={decision}
          thumb={thumb}
          text={text}
          onflywheel-thumb={({ detail }) => onThumb(detail.thumb)}
          onflywheel-again={({ detail }) => onAgain(detail.next)}
          onflywheel-edit={({ detail }) => onEdit(detail.corrected)}
        >
          <p className="text">{text || "…"}</p>
        </flywheel-feedback>
        {failed && <p role="alert">{failed}</p>}
      </article>
    </section>
  )
}
