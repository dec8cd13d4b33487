// The element: what each press says, and what is shown of it.
import type { Decision, DecisionId, Flywheel, Thumb } from "../types.js"
import type { FeedbackDetails } from "./events.js"
import { type FeedbackTexts, english } from "./texts.js"
import { type View, button, only, view } from "./view.js"

/** A server has no elements, and imports this all the same. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/** Set before the element was defined, these stand in the way of its own. */
const properties = ["flywheel", "decision", "thumb", "text", "texts"] as const

/** `<flywheel-feedback>`: thumbs, try again, edit, and reasons after a thumbs-down. The answer stands inside it. */
export class FlywheelFeedback extends Base {
  static readonly observedAttributes = ["actions", "texts"]

  #flywheel: Flywheel | PromiseLike<Flywheel> | undefined
  #decision: Decision | DecisionId | undefined
  #thumb: Thumb = null
  #reason: string | undefined
  #texts: FeedbackTexts = english
  readonly #view: View = view(this.attachShadow({ mode: "open" }))

  /** What was shown, word for word: what people edit. Default: the text of what stands inside. */
  text: string | undefined

  constructor() {
    super()
    const { bar, up, down, again, edit, save, cancel, reasons, close, editor } = this.#view
    only(bar, up)
    up.onclick = () => this.#rate("up")
    down.onclick = () => this.#rate("down")
    again.onclick = () => this.#again()
    edit.onclick = () => this.#edit()
    save.onclick = () => this.#save()
    cancel.onclick = () => this.#endEdit()
    close.onclick = () => this.#ask(false, true)
    editor.onkeydown = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#save()
      else if (event.key === "Escape") this.#endEdit()
      else return
      event.preventDefault()
    }
    reasons.onkeydown = (event) => {
      if (event.key === "Escape") this.#ask(false, true)
    }
    for (const name of properties) {
      if (!Object.hasOwn(this, name)) continue
      const value = this[name]
      delete this[name]
      Object.assign(this, { [name]: value })
    }
    this.#words()
    this.#ask(false)
  }

  /** The page, or the promise of one: what is pressed meanwhile waits for it. Without one the buttons rest. */
  get flywheel(): Flywheel | PromiseLike<Flywheel> | undefined {
    return this.#flywheel
  }
  set flywheel(flywheel: Flywheel | PromiseLike<Flywheel> | undefined) {
    this.#flywheel = flywheel
    this.#show()
  }

  /** The decision that the answer came from, or its id. Another one begins without a thumb. */
  get decision(): Decision | DecisionId | undefined {
    return this.#decision
  }
  set decision(decision: Decision | DecisionId | undefined) {
    if (idOf(decision) !== idOf(this.#decision)) {
      this.#thumb = null
      this.#reason = undefined
      this.#ask(false)
      this.#say("")
    }
    this.#decision = decision
    this.#show()
  }

  /** The thumb as it stands. Setting it shows what you stored, and says nothing to Flywheel. */
  get thumb(): Thumb {
    return this.#thumb
  }
  set thumb(thumb: Thumb) {
    this.#thumb = thumb
    this.#show()
  }

  /** Other words, all or some of them; as an attribute in JSON. Reasons replace all others. */
  get texts(): FeedbackTexts {
    return this.#texts
  }
  set texts(texts: Partial<FeedbackTexts>) {
    this.#texts = { ...english, ...texts }
    this.#words()
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (name === "texts") this.texts = JSON.parse(value ?? "{}") as Partial<FeedbackTexts>
    else this.#show()
  }

  /** Says it once the page is open; whatever goes wrong is shown and told. */
  #to(use: (flywheel: Flywheel, decision: Decision | DecisionId) => void): void {
    const [flywheel, decision] = [this.#flywheel, this.#decision]
    if (flywheel === undefined || decision === undefined) return
    const failed = (error: unknown) => {
      this.#say(this.#texts.failed)
      this.#tell("flywheel-error", { error })
    }
    const now = (flywheel: Flywheel) => {
      try {
        use(flywheel, decision)
      } catch (error) {
        failed(error)
      }
      this.#show()
    }
    if ("then" in flywheel) flywheel.then(now, failed)
    else now(flywheel)
  }

  #rate(pressed: "up" | "down"): void {
    const thumb = this.#thumb === pressed ? null : pressed
    this.#to((flywheel, decision) => {
      const receipt = flywheel.thumb(decision, thumb)
      this.#thumb = thumb
      this.#reason = undefined
      const asks = thumb === "down" && Object.keys(this.#texts.reasons).length > 0
      this.#ask(asks)
      this.#say(thumb === null ? this.#texts.takenBack : this.#texts.thanks)
      this.#tell("flywheel-thumb", { decision, thumb, receipt })
    })
  }

  /** The same lesson as the thumb, and the word for it; taken back, the thumb alone. */
  #because(word: string): void {
    const reason = this.#reason === word ? undefined : word
    this.#to((flywheel, decision) => {
      this.#reason = reason
      if (reason === undefined) flywheel.thumb(decision, "down")
      else if (this.#tell("flywheel-reason", { decision, reason })) flywheel.reward(decision, 0, reason)
      this.#say(reason === undefined ? this.#texts.takenBack : this.#texts.thanks)
      if (reason !== undefined) this.#ask(false, true)
    })
  }

  #again(): void {
    this.#to((flywheel, decision) => {
      const next = flywheel.regenerate<Decision>(typeof decision === "string" ? decision : decision.id)
      this.decision = next
      this.#say(this.#texts.retrying)
      this.#tell("flywheel-again", { decision, next })
    })
  }

  #edit(): void {
    const { slot, content, editor } = this.#view
    // Its first line stands where the answer's does, whatever margins are there.
    const first = slot.assignedElements()[0]
    const above = first ? first.getBoundingClientRect().top - content.getBoundingClientRect().top : 0
    editor.style.paddingBlockStart = `${above}px`
    editor.value = this.text ?? this.textContent!.trim()
    this.#ask(false)
    this.#swap(true)
    editor.focus()
  }

  #save(): void {
    const corrected = this.#view.editor.value
    const shown = this.text ?? this.textContent!.trim()
    this.#endEdit()
    if (corrected === shown) return
    this.#to((flywheel, decision) => {
      const receipt = flywheel.correct(decision, { shown, corrected })
      if (this.text !== undefined) this.text = corrected
      this.#thumb = null
      this.#say(this.#texts.saved)
      this.#tell("flywheel-edit", { decision, shown, corrected, receipt })
    })
  }

  #endEdit(): void {
    this.#swap(false)
    const { bar, edit } = this.#view
    only(bar, edit).focus()
  }

  #swap(editing: boolean): void {
    const { content, bar, editor, editing: actions } = this.#view
    // The answer keeps its place below the editor.
    content.classList.toggle("below", editing)
    bar.hidden = editing
    editor.hidden = actions.hidden = !editing
    this.#say("")
  }

  /** Opens or closes the reasons; `back`: from there to the thumb. */
  #ask(open: boolean, back = false): void {
    const { reasons, bar, down, row } = this.#view
    reasons.hidden = !open
    down.ariaExpanded = String(open)
    // Above, where there is no room below.
    if (open) reasons.toggleAttribute("data-above", row.getBoundingClientRect().bottom + reasons.offsetHeight + 8 > innerHeight)
    if (back) only(bar, down).focus()
  }

  #say(words: string): void {
    this.#view.note.textContent = words
  }

  #tell<E extends keyof FeedbackDetails>(name: E, detail: FeedbackDetails[E]): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }))
  }

  /** Puts the words where they belong. */
  #words(): void {
    const { bar, up, down, again, edit, editor, save, cancel, why, close, choices } = this.#view
    const texts = this.#texts
    bar.ariaLabel = texts.feedback
    for (const [one, name] of [[up, texts.up], [down, texts.down], [again, texts.again], [edit, texts.edit], [close, texts.close]] as const) {
      one.ariaLabel = one.title = name
    }
    editor.ariaLabel = texts.editor
    save.textContent = texts.save
    cancel.textContent = texts.cancel
    why.textContent = texts.why
    choices.replaceChildren(
      ...Object.entries(texts.reasons).map(([word, name]) => {
        const choice = button("reason")
        choice.textContent = name
        choice.dataset["word"] = word
        choice.onclick = () => this.#because(word)
        return choice
      }),
    )
    if (choices.firstElementChild) only(choices, choices.firstElementChild as HTMLElement)
    this.#show()
  }

  /** Brings the buttons to what holds now. */
  #show(): void {
    const { bar, up, down, again, edit, choices } = this.#view
    const rests = this.#flywheel === undefined || this.#decision === undefined
    const offered = (this.getAttribute("actions") ?? "thumbs again edit").split(/\s+/)
    up.hidden = down.hidden = !offered.includes("thumbs")
    again.hidden = !offered.includes("again")
    edit.hidden = !offered.includes("edit")
    const buttons = [up, down, again, edit]
    for (const one of buttons) one.disabled = rests
    for (const [one, thumb] of [[up, "up"], [down, "down"]] as const) one.ariaPressed = String(this.#thumb === thumb)
    for (const choice of choices.children as Iterable<HTMLElement> & HTMLCollection) {
      choice.ariaPressed = String((choice as HTMLElement).dataset["word"] === this.#reason)
    }
    if (!buttons.some((one) => !one.hidden && one.tabIndex === 0)) only(bar, buttons.find((one) => !one.hidden) ?? up)
  }
}

function idOf(decision: Decision | DecisionId | undefined): DecisionId | undefined {
  return typeof decision === "object" ? decision.id : decision
}
