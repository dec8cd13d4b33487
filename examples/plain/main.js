// This entry can also tell what it has learned; `flywheel-sdk` alone is 9 KB smaller.
import { Flywheel } from "flywheel-sdk/insight"
import { questions, styles } from "./answers.js"

const $ = (id) => document.getElementById(id)

// Everything stays in this browser. With `endpoint` and `key` the next person would start where this one left off.
const fw = await Flywheel.open({ app: "example-plain", consent: { learn: true, share: false } })
let decision

function ask(question) {
  decision = fw.rank({
    surface: "explanation",
    context: { topic: question.topic },
    candidates: Object.keys(styles).map((id) => ({ id, features: { style: id } })),
  })
  $("question").textContent = question.text
  $("answer").textContent = question.answers[decision.best]
  $("style").textContent = styles[decision.best]
  for (const button of $("questions").children) {
    button.setAttribute("aria-current", String(button.textContent === question.text))
  }
  pressed(null)
}

function say(thumb) {
  fw.thumb(decision, thumb)
  pressed(thumb)
  showProfile()
}

function pressed(thumb) {
  for (const id of ["up", "down"]) $(id).setAttribute("aria-pressed", String(id === thumb))
}

/** What is known about this person, as bars to the right (liked) and to the left (not). */
function showProfile() {
  const traits = fw.profile(20).filter(({ feature }) => feature.includes("style=")).slice(0, 6)
  if (traits.length === 0) return
  const most = Math.max(...traits.map(({ weight }) => Math.abs(weight)))
  $("profile").replaceChildren(
    ...traits.map(({ feature, weight }) => {
      const row = document.createElement("li")
      const bar = document.createElement("i")
      bar.style.setProperty("--share", Math.abs(weight) / most)
      row.className = weight > 0 ? "liked" : "disliked"
      row.append(feature.replace("style=", "").replace("topic=", ""), bar)
      return row
    }),
  )
}

$("questions").append(
  ...questions.map((question) => {
    const button = document.createElement("button")
    button.textContent = question.text
    button.onclick = () => ask(question)
    return button
  }),
)
$("up").onclick = () => say("up")
$("down").onclick = () => say("down")
ask(questions[0])
showProfile()
