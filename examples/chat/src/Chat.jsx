import { useFlywheel } from "flywheel-sdk/react"
import { useEffect, useRef, useState } from "react"
import { Answer } from "./Answer.jsx"
import { complete } from "./complete.js"
import { contextOf, styles } from "./styles.js"

const IDEAS = ["Why is the sky blue?", "How do I sort a list in Python?", "How can I sleep better?"]

export function Chat() {
  const flywheel = useFlywheel()
  const [turns, setTurns] = useState(stored)
  const end = useRef(null)
  useEffect(() => localStorage.setItem("turns", JSON.stringify(turns.filter(({ streaming }) => !streaming))), [turns])
  useEffect(() => void end.current?.scrollIntoView({ block: "end" }), [turns])

  const change = (id, by) => setTurns((turns) => turns.map((turn) => (turn.id === id ? { ...turn, ...by(turn) } : turn)))

  /** One call to the model, in the style that was decided. */
  async function stream(id, question, decision) {
    change(id, () => ({ decision, text: "", thumb: null, streaming: true, failed: undefined }))
    const { prompt } = styles.find((style) => style.id === decision.best)
    try {
      const messages = [{ role: "system", content: prompt }, { role: "user", content: question }]
      for await (const piece of complete(messages)) change(id, ({ text }) => ({ text: text + piece }))
    } catch (error) {
      change(id, () => ({ failed: error.message }))
    }
    change(id, () => ({ streaming: false }))
  }

  function ask(question) {
    const decision = flywheel.rank({ surface: "answer-style", context: contextOf(question), candidates: styles })
    const id = crypto.randomUUID()
    setTurns((turns) => [...turns, { id, question, decision, text: "", thumb: null, streaming: true }])
    void stream(id, question, decision)
  }

  return (
    <main>
      <header>
        <h1>Answers, the way you like them</h1>
        <p>Each answer’s style is chosen before the model is called. Your thumbs teach which.</p>
      </header>
      <div className="turns">
        {turns.map((turn) => (
          <Answer
            key={turn.id}
            turn={turn}
            onThumb={(thumb) => change(turn.id, () => ({ thumb }))}
            onAgain={(next) => void stream(turn.id, turn.question, next)}
            onEdit={(text) => change(turn.id, () => ({ text }))}
          />
        ))}
      </div>
      <Ask ideas={turns.length === 0 ? IDEAS : []} ready={flywheel !== undefined} onAsk={ask} />
      <div ref={end} />
    </main>
  )
}

function Ask({ ideas, ready, onAsk }) {
  const [text, setText] = useState("")
  const send = (question) => {
    if (question.trim() === "") return
    onAsk(question.trim())
    setText("")
  }
  return (
    <form onSubmit={(event) => { event.preventDefault(); send(text) }}>
      {ideas.map((idea) => (
        <button type="button" className="idea" key={idea} disabled={!ready} onClick={() => send(idea)}>{idea}</button>
      ))}
      <div className="ask">
        <input value={text} onChange={({ target }) => setText(target.value)} placeholder="Ask anything" aria-label="Your question" />
        <button disabled={!ready}>Ask</button>
      </div>
    </form>
  )
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem("turns") ?? "[]")
  } catch {
    return []
  }
}
