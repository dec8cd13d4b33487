// What the element says, for other languages.

/** Every word of the element. */
export interface FeedbackTexts {
  /** The name of the buttons together. */
  readonly feedback: string
  /** The name of the thumb up, and so on. */
  readonly up: string
  readonly down: string
  readonly again: string
  readonly edit: string
  /** The name of the text while it is edited. */
  readonly editor: string
  readonly save: string
  readonly cancel: string
  /** Asked after a thumbs-down. */
  readonly why: string
  /** The answers to that: your word for it (1 to 64 characters; it is what is stored and exported) and what people read. None: nothing is asked. */
  readonly reasons: { readonly [word: string]: string }
  /** Closes the reasons. */
  readonly close: string
  /** Said, and read out, when something was taken. */
  readonly thanks: string
  readonly takenBack: string
  /** After an edit. */
  readonly saved: string
  /** While another attempt is on its way. */
  readonly retrying: string
  /** Something went wrong; the event says what. */
  readonly failed: string
}

/** In English. */
export const english: FeedbackTexts = {
  feedback: "Feedback",
  up: "Good answer",
  down: "Bad answer",
  again: "Try again",
  edit: "Edit",
  editor: "The answer, as you want it",
  save: "Save",
  cancel: "Cancel",
  why: "What was wrong?",
  reasons: {
    incorrect: "Not correct",
    too_long: "Too long",
    too_short: "Too short",
    tone: "Wrong tone",
    off_topic: "Not what I asked",
    harmful: "Harmful",
  },
  close: "Close",
  thanks: "Thank you",
  takenBack: "Taken back",
  saved: "Saved, thank you",
  retrying: "Trying again",
  failed: "That did not work",
}
