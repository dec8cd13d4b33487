// How values cross between JavaScript and wasm: as one string and one list of numbers, since what crosses costs by the
// crossing, not by the letter. src/flat reads and writes the same.
import { flywheelError } from "./errors.js"
import type { ErrorCode } from "./types.js"

const NOTHING = 0
const TEXT = 1
const NUMBER = 2
const YES = 3
const NO = 4
const LIST = 5
const ODD = 6
const OBJECT = 7
const ERROR = 8

const LONGEST = 1 << 20
/** Deeper than anything that is stored. A list may begin one below, and what it holds is one below that: src/flat/tree.rs
 * reads 16. */
const DEEP = 14
/** As deep as features in a request, and lists in them: what an app holds below that may be anything, and hold itself. */
const SHALLOW = 4
const ASCII = /^[\0-\x7f]*$/

/** What crosses; valid until the next call. */
export interface Encoded {
  readonly text: string
  readonly shape: Float64Array
}

let shape = new Float64Array(1_024)
let used = 0
let text = ""
let longest = 0

function put(number: number): void {
  if (used === shape.length) {
    const larger = new Float64Array(used * 2)
    larger.set(shape)
    shape = larger
  }
  shape[used++] = number
}

function putString(given: string): void {
  const string = given.length > longest ? given.slice(0, longest) : given
  put(string.length)
  // The second half of a pair, at the front of a string, must not complete what the string before was cut at.
  text += (string.charCodeAt(0) & 0xfc00) === 0xdc00 ? "\ufffd" + string.slice(1) : string
}

function putTree(value: unknown, depth: number): void {
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
      if (Array.isArray(value) && depth >= 0) {
        put(LIST)
        put(value.length)
        for (const item of value) putTree(item, depth - 1)
        return
      }
      put(OBJECT)
      // What is too deep is not looked at: it may be the whole page.
      const entries = depth > 0 ? Object.entries(value) : []
      put(entries.length)
      for (const [name, item] of entries) {
        putString(name)
        putTree(item, depth - 1)
      }
      return
    default:
      put(ODD)
  }
}

/** Writes any plain value: what is or was `stored` whole. Of the rest, strings are cut far above every limit (what is
 * longer is refused for what is left of it), and what is nested deeper than anything that is said crosses as empty. */
export function flatten(value: unknown, stored: boolean): Encoded {
  used = 0
  text = ""
  longest = stored ? Infinity : LONGEST
  put(0)
  putTree(value, stored ? DEEP : SHALLOW)
  shape[0] = ASCII.test(text) ? 1 : 0
  return { text, shape: shape.subarray(0, used) }
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
