// What a signal is: docs/protocol.md, "A signal".

export const isId = (id) => typeof id === "string" && /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id)
const isName = (name) => typeof name === "string" && /^.{1,64}$/su.test(name) && name.trim().split(/\s+/).length <= 6
const isShare = (share) => typeof share === "number" && share >= 0 && share <= 1
const isFeedback = (said) =>
  ["retract", "regenerate"].includes(said) ||
  ["up", "down"].includes(said?.thumb) ||
  isName(said?.prefer?.over?.id) ||
  isShare(said?.correction?.share) ||
  isShare(said?.reward?.value)

/** The code of what is wrong with it; nothing if nothing is. */
export function fault({ id, at, decision, surface, shown, feedback, weight }) {
  if (!isId(id) || !isId(decision) || !Number.isSafeInteger(at)) return "invalid_value"
  if (!isFeedback(feedback) || weight !== undefined) return "invalid_value"
  if (!isName(surface) || !isName(shown?.id)) return "invalid_name"
}
