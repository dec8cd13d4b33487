// Decisions know the app's own candidates; compiled, never run.
import type { Decision, Flywheel, RankRequest } from "flywheel-sdk"

interface Result {
  readonly id: `doc-${number}`
  readonly url: URL
  readonly features: { readonly fresh: boolean; readonly tags: readonly string[] }
}

export function own(fw: Flywheel, results: Result[], loose: { id: string }[]): void {
  const d = fw.rank({ surface: "search", candidates: results })
  const best: `doc-${number}` = d.best
  const known: Decision<Result["id"]> = fw.regenerate(d)
  const request: RankRequest<Result> = { surface: "search", candidates: results, after: d }
  const again: readonly Result["id"][] = fw.rank(request).order
  const any: string = fw.rank({ surface: "s", candidates: loose }).best
  // @ts-expect-error only a string is known of the others
  const wrong: "a" = fw.rank({ surface: "s", candidates: loose }).best
  // What is written down where it is ranked is known without `as const`.
  const written: "short" | "long" = fw.rank({ surface: "s", candidates: [{ id: "short" }, { id: "long" }] }).best
  fw.prefer(d, "doc-7")
  fw.prefer(d.id, "doc-7")
  // @ts-expect-error no such id among the candidates
  fw.prefer(d, "page-7")
  void [best, known, again, any, wrong, written]
}

// An interface has no index signature, and its objects are features all the same.
interface Topic { readonly topic: string; turns?: number; tags: string[] }
interface Style { readonly style: "short" | "long"; readonly words: number }
interface Answer { readonly id: "a" | "b"; readonly features: Style }
interface Meeting { readonly when: Date }

export function interfaces(fw: Flywheel, topic: Topic, answers: Answer[], style: Style, meeting: Meeting): void {
  const best: "a" | "b" = fw.rank({ surface: "answer", context: topic, candidates: answers }).best
  const written: "c" | "d" = fw.rank({ surface: "answer", candidates: [{ id: "c", features: style }, { id: "d", features: { style: "own" } }] }).best
  // @ts-expect-error a Date is no value of a feature
  fw.rank({ surface: "answer", context: meeting, candidates: answers })
  // @ts-expect-error nor is it one of a candidate
  fw.rank({ surface: "answer", candidates: [{ id: "a", features: meeting }] })
  // @ts-expect-error nor is an object
  fw.rank({ surface: "answer", context: { topic: { nested: true } }, candidates: answers })
  fw.shown({ surface: "answer", context: topic, answer: { text: "Rayleigh.", features: style } })
  fw.shown({ surface: "answer", answer: { id: "a", features: { style: "own" } } })
  // @ts-expect-error a Date is no value of a feature
  fw.shown({ surface: "answer", context: meeting, answer: "Rayleigh." })
  // @ts-expect-error nor is it one of an answer
  fw.shown({ surface: "answer", answer: { features: meeting } })
  // @ts-expect-error an answer has no such field
  fw.shown({ surface: "answer", answer: { txt: "Rayleigh." } })
  void [best, written]
}
