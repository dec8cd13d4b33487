// The element's inside: made once, changed by hand afterwards.
import css from "./style.css"

const icons = {
  up: "M7 11v9H4v-9zm0 0 4-8c1.7 0 2.5 1.3 2.2 2.9L12.6 9H18a2 2 0 0 1 2 2.4l-1.3 7A2 2 0 0 1 16.7 20H7",
  down: "M7 13V4H4v9zm0 0 4 8c1.7 0 2.5-1.3 2.2-2.9L12.6 15H18a2 2 0 0 0 2-2.4l-1.3-7A2 2 0 0 0 16.7 4H7",
  again: "M20 12a8 8 0 1 1-2.5-5.8M20 3.5v4.2h-4.2",
  edit: "M4 20l.9-4.2L16.2 4.5a1.7 1.7 0 0 1 2.4 0l.9.9a1.7 1.7 0 0 1 0 2.4L8.2 19.1zM14.2 6.5l3.3 3.3",
  close: "M6 6l12 12M18 6L6 18",
}

/** One button: a picture with a name, or words. */
export function button(part: string, picture?: keyof typeof icons): HTMLButtonElement {
  const made = el("button", part)
  made.type = "button"
  if (picture) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
    svg.setAttribute("viewBox", "0 0 24 24")
    svg.setAttribute("aria-hidden", "true")
    path.setAttribute("d", icons[picture])
    svg.append(path)
    made.append(svg)
  }
  return made
}

function el<K extends keyof HTMLElementTagNameMap>(tag: K, part: string, ...children: Node[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.setAttribute("part", part)
  made.append(...children)
  return made
}

type Named<Names extends string, E> = { readonly [N in Names]: E }

/** What the element is made of, by part. */
export type View = Named<"up" | "down" | "again" | "edit" | "save" | "cancel" | "close", HTMLButtonElement> &
  Named<"content" | "row" | "bar" | "editing" | "note" | "reasons" | "why" | "choices", HTMLElement> & {
    readonly slot: HTMLSlotElement
    readonly editor: HTMLTextAreaElement
  }

/** Everything that the element shows. */
export function view(root: ShadowRoot): View {
  const slot = document.createElement("slot")
  const content = el("div", "content", slot)
  const editor = el("textarea", "editor")
  const stage = el("div", "stage", content, editor)
  const up = button("button up", "up")
  const down = button("button down", "down")
  const again = button("button again", "again")
  const edit = button("button edit", "edit")
  const bar = el("div", "bar", up, down, again, edit)
  const save = button("action save")
  const cancel = button("action cancel")
  const editing = el("div", "editing", save, cancel)
  const note = el("span", "note")
  const why = el("span", "why")
  const close = button("button close", "close")
  const choices = el("div", "choices")
  const reasons = el("div", "reasons", why, close, choices)
  const row = el("div", "row", bar, editing, note)
  editor.hidden = editing.hidden = reasons.hidden = true
  note.setAttribute("role", "status")
  bar.setAttribute("role", "toolbar")
  reasons.setAttribute("role", "group")
  reasons.setAttribute("aria-labelledby", (why.id = "why"))
  down.setAttribute("aria-controls", (reasons.id = "reasons"))
  // A page's policy may forbid style elements; a sheet that a script makes is not one.
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
  root.append(stage, row, reasons)
  arrows(bar)
  arrows(choices)
  return { slot, content, editor, row, bar, up, down, again, edit, editing, save, cancel, note, reasons, why, choices, close }
}

/** One stop for the tab key; arrows go from one to the next. */
function arrows(group: HTMLElement): void {
  group.addEventListener("keydown", (event) => {
    const all = [...group.children].filter((child) => !(child as HTMLButtonElement).hidden) as HTMLButtonElement[]
    const at = all.indexOf(event.target as HTMLButtonElement)
    const forward = getComputedStyle(group).direction === "rtl" ? "ArrowLeft" : "ArrowRight"
    const step = { ArrowLeft: -1, ArrowRight: -1, [forward]: 1, Home: -at, End: -1 - at }[event.key]
    if (step === undefined || at < 0) return
    event.preventDefault()
    only(group, all.at((at + step) % all.length)!).focus()
  })
}

/** Makes one of a group the one that the tab key finds. */
export function only<E extends HTMLElement>(group: HTMLElement, one: E): E {
  for (const child of group.children) (child as HTMLElement).tabIndex = child === one ? 0 : -1
  return one
}
