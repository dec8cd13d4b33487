// What a change of the interface asks of the next version.

/** `entry: name, name` by line, as in tests/api/exports.txt, as a set of `entry name`. */
export function names(text) {
  return new Set(
    text.split("\n").filter(Boolean).flatMap((line) => {
      const [entry, list] = line.split(": ")
      return list.split(", ").map((name) => `${entry} ${name}`)
    }),
  )
}

/** `"none"`, `"minor"` or `"major"`, and why. */
export function change(before, after) {
  const [old, now] = [names(before), names(after)]
  const gone = [...old].filter((name) => !now.has(name))
  const come = [...now].filter((name) => !old.has(name))
  return { size: gone.length > 0 ? "major" : come.length > 0 ? "minor" : "none", gone, come }
}

/** Whether the step from one version to the next is large enough. Below 1.0 the second number breaks, the third adds. */
export function allows(from, to, size) {
  const [a, b] = [from, to].map((version) => version.split(".").map(Number))
  const at = a.findIndex((number, at) => number !== b[at])
  if (at === -1 || b[at] < a[at]) return false
  const step = ["major", "minor", "none"][at + (b[0] === 0 ? -1 : 0)] ?? "major"
  const order = ["none", "minor", "major"]
  return order.indexOf(step) >= order.indexOf(size)
}
