// The app's own redactor: every string that is a value passes through it before it crosses. What it fails on is
// dropped, never handed on as it was. The built-in redaction comes after it, in core.
import { invalid } from "./errors.js"

/** What is left of a text; `undefined` if nothing is. */
export type Clean = (text: string) => string | undefined

/** An app's redactor, made safe. */
export function cleaner(redact: unknown): Clean | undefined {
  if (redact === undefined) return undefined
  if (typeof redact !== "function") throw invalid("`redact`", "a function from text to text")
  return (text) => {
    try {
      const clean: unknown = redact(text)
      return typeof clean === "string" ? clean : undefined
    } catch {
      return undefined
    }
  }
}

/** A request with all its values cleaned; what is not as it must be stays, to be refused later. */
export function cleanRequest<R>(request: R, clean: Clean | undefined): R {
  if (clean === undefined || typeof request !== "object" || request === null) return request
  const { context, candidates, answer } = request as Record<string, unknown>
  // It is the app's code: it runs before anything is written down.
  return {
    ...request,
    context: cleanFeatures(context, clean),
    candidates: Array.isArray(candidates) ? candidates.map((candidate) => cleanCandidate(candidate, clean)) : candidates,
    answer: typeof answer === "string" ? { text: clean(answer) } : cleanCandidate(answer, clean),
  }
}

/** Values with their strings cleaned; what is no plain object stays, to be refused later. */
function cleanFeatures(features: unknown, clean: Clean): unknown {
  if (typeof features !== "object" || features === null || Array.isArray(features)) return features
  const one = (value: unknown): unknown => (typeof value === "string" ? clean(value) : value)
  const each = ([name, value]: [string, unknown]) => [name, Array.isArray(value) ? value.map(one) : one(value)]
  return Object.fromEntries(Object.entries(features).map(each))
}

/** A candidate with its text and its features cleaned. */
function cleanCandidate<C>(candidate: C, clean: Clean): C {
  if (typeof candidate !== "object" || candidate === null) return candidate
  const { id, features, text, pinned, forbidden, minimumShare } = candidate as Record<string, unknown>
  return {
    id, pinned, forbidden, minimumShare,
    features: cleanFeatures(features, clean),
    text: typeof text === "string" ? clean(text) : text,
  } as C
}
