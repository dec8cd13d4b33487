// The sections of CHANGELOG.md.

/** What stands under `## VERSION` (a date may follow it); `undefined` if there is no such heading. */
export function section(text, version) {
  const heading = /^## \[?([^\s\]]+)\]?.*$/gm
  const found = [...text.matchAll(heading)]
  const at = found.findIndex(([, name]) => name === version)
  if (at === -1) return undefined
  return text.slice(found[at].index + found[at][0].length, found[at + 1]?.index).trim()
}
