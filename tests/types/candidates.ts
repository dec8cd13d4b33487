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
