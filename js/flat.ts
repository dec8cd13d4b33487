// How values cross between JavaScript and wasm: as one string and one list of numbers, since what crosses costs by the
// crossing, not by the letter. src/flat reads and writes the same.
import { flywheelError, invalid } from "./errors.js"
import type { ErrorCode } from "./types.js"

const NOTHING = 0
const TEXT = 1
const NUMBER = 2
const YES = 3
const NO = 4
const LIST = 5
const NESTED = 6
const OBJECT = 7
const ERROR = 8

/** Far above every limit; what is longer is refused for what is left of it. */
const LONGEST = 1 << 20
/** Deeper than anything that is stored or sent; src/flat/tree.rs stops there too. */
const DEPTH = 15
const ASCII = /^[\0-\x7f]*$/

/** What crosses; valid until the next call. */
export interface Encoded {
  readonly text: string
  readonly shape: Float64Array
}

let shape = new Float64Array(1_024)
let used = 0
let text = ""

function put(number: number): void {
  if (used === shape.length) {
    const larger = new Float64Array(used * 2)
    larger.set(shape)
    shape = larger
  }
  shape[used++] = number
}

function putWhole(string: string): void {
  put(string.length)
  // The second half of a pair, at the front of a string, must not complete what the string before was cut at.
  text += (string.charCodeAt(0) & 0xfc00) === 0xdc00 ? "\ufffd" + string.slice(1) : string
}

function putString(string: string): void {
  putWhole(string.length > LONGEST ? string.slice(0, LONGEST) : string)
}

function putValue(value: unknown, name: string, nested: boolean): void {
  switch (typeof value) {
    case "string":
      put(TEXT)
      return putString(value)
    case "number":
      put(NUMBER)
      return put(value)
    case "boolean":
      return put(value ? YES : NO)
    case "undefined":
      return put(NOTHING)
    case "object":
      if (value === null) return put(NOTHING)
      if (!Array.isArray(value) || nested) return put(NESTED)
      put(LIST)
      put(value.length)
      for (const item of value) putValue(item, name, true)
      return
    default:
      throw invalid(`\`${name}\``, "a string, a number, a boolean or a list of them")
  }
}

function putObject(object: unknown, what: string): void {
  if (object === undefined || object === null) return put(0)
  if (typeof object !== "object" || Array.isArray(object)) throw invalid(what, "a plain object of names and values")
  const place = used
  put(0)
  let count = 0
  for (const name of Object.keys(object)) {
    putString(name)
    putValue((object as Record<string, unknown>)[name], name, false)
    count++
  }
  shape[place] = count
}

function putCandidate(candidate: unknown, fallback?: string): void {
  if (typeof candidate !== "object" || candidate === null) throw invalid("a candidate", "an object with an `id`")
  const { id = fallback, features, text: words } = candidate as { id?: unknown; features?: unknown; text?: unknown }
  if (typeof id !== "string") throw invalid("a candidate's id", "a string")
  putString(id)
  if (words === undefined || words === null) {
    put(0)
  } else if (typeof words === "string") {
    put(1)
    putString(words)
  } else {
    throw invalid("a candidate's text", "a string")
  }
  putObject(features, "a candidate's features")
}

/** The app's rule for a candidate as one number: 0 none, 1 pinned, -1 forbidden, else a minimum share. */
function ruleOf(candidate: unknown): number {
  const { pinned, forbidden, minimumShare: share } = candidate as { [rule: string]: unknown }
  if (!pinned && !forbidden && share === undefined) return 0
  if (+!pinned + +!forbidden + +(share === undefined) !== 2) throw flywheelError("invalid_rules", "a candidate has one rule at most")
  if (share === undefined) return pinned ? 1 : -1
  if (typeof share !== "number") throw invalid("`minimumShare`", "a number")
  // What lies outside arrives as something that is refused there.
  return share < 0 || share >= 1 ? 2 : share
}

/** Writes a request. `fallback` is the id of candidates that have none. */
export function encode(
  surface: unknown,
  after: string,
  context: unknown,
  candidates: readonly unknown[],
  fallback?: string,
): Encoded {
  if (typeof surface !== "string") throw invalid("a surface", "a string")
  begin()
  putString(surface)
  putString(after)
  putObject(context, "a context")
  put(candidates.length)
  // Not `map` or `for of`: a hole in the list must be refused like any other thing that is no candidate.
  for (let place = 0; place < candidates.length; place++) putCandidate(candidates[place], fallback)
  const free = used
  let ruled = false
  for (const candidate of candidates) {
    const rule = ruleOf(candidate)
    put(rule)
    ruled ||= rule !== 0
  }
  if (!ruled) used = free
  return finish()
}

function begin(): void {
  used = 0
  text = ""
  put(0)
}

function finish(): Encoded {
  shape[0] = ASCII.test(text) ? 1 : 0
  const encoded = { text, shape: shape.subarray(0, used) }
  text = ""
  return encoded
}

function putTree(value: unknown, depth: number): void {
  switch (typeof value) {
    case "string":
      put(TEXT)
      // What was stored once is never cut.
      return putWhole(value)
    case "number":
      put(NUMBER)
      return put(value)
    case "boolean":
      return put(value ? YES : NO)
    case "object":
      if (value === null || depth === 0) return put(NOTHING)
      if (Array.isArray(value)) {
        put(LIST)
        put(value.length)
        for (const item of value) putTree(item, depth - 1)
        return
      }
      put(OBJECT)
      const entries = Object.entries(value)
      put(entries.length)
      for (const [name, item] of entries) {
        putWhole(name)
        putTree(item, depth - 1)
      }
      return
    default:
      put(NOTHING)
  }
}

/** Writes any plain value; what is no plain value becomes nothing. */
export function flatten(value: unknown): Encoded {
  begin()
  putTree(value, DEPTH)
  return finish()
}

/** Reads what the engine wrote; throws the error that it wrote instead. */
export function unflatten<T>(text: string, shape: Float64Array): T {
  let at = 0
  let from = 0
  const string = (): string => text.slice(from, (from += shape[at++]!))
  const value = (): unknown => {
    switch (shape[at++]) {
      case TEXT:
        return string()
      case NUMBER:
        return shape[at++]
      case YES:
        return true
      case NO:
        return false
      case LIST:
        return Array.from({ length: shape[at++]! }, value)
      case OBJECT: {
        const object: Record<string, unknown> = {}
        for (let left = shape[at++]!; left > 0; left--) object[string()] = value()
        return object
      }
      case ERROR:
        throw flywheelError(string() as ErrorCode, string())
      default:
        return null
    }
  }
  return value() as T
}
