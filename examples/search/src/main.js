import { search } from "./engine.js"
import { order } from "./order.js"

const [query, count, list] = ["query", "count", "results"].map((id) => document.getElementById(id))
let asked = 0

async function show() {
  const mine = ++asked
  const text = query.value
  const found = search(text)
  if (found.length === 0) return fill([], "Nothing found.")
  const { results, clicked } = await order(text, found)
  // Somebody who types on wants the newest results.
  if (mine !== asked) return
  fill(results.map((result) => row(result, clicked)), `${results.length} results`)
}

function fill(rows, words) {
  const change = () => {
    list.replaceChildren(...rows)
    count.textContent = words
  }
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  if (still || !document.startViewTransition || list.childElementCount === 0) change()
  // One that is overtaken by the next is skipped, which is no error.
  else document.startViewTransition(change).ready.catch(() => undefined)
}

function row({ id, title, text, kind }, clicked) {
  const item = document.createElement("li")
  const button = document.createElement("button")
  const [small, strong, span] = ["small", "strong", "span"].map((name) => document.createElement(name))
  small.textContent = kind
  strong.textContent = title
  span.textContent = text
  button.append(small, strong, span)
  button.onclick = () => {
    clicked(id)
    // A page of yours goes to the result; the order is another one when the person is back.
    void show()
  }
  item.style.viewTransitionName = id
  item.append(button)
  return item
}

query.oninput = show
document.querySelector("form").onsubmit = (event) => event.preventDefault()
void show()
