// Entries for which the database may come too late when a page is left, in the one storage that takes them at once:
// localStorage. It helps a closed tab, not a killed browser.

/** Most that is put aside at a time, in characters; browsers give an origin five million. */
const MOST = 1_000_000

function prefixOf(app: string, life = ""): string {
  return `flywheel:${encodeURIComponent(app)}:${life}`
}

/** Puts entries of a life aside, if anything can be; gives the name under which. */
export function spill(app: string, life: string | undefined, entries: Iterable<object>): string | undefined {
  const texts: string[] = []
  let size = 0
  for (const entry of entries) {
    const text = JSON.stringify(entry)
    if ((size += text.length) > MOST) break
    texts.push(text)
  }
  if (texts.length === 0) return undefined
  const key = `${prefixOf(app, life)}:${Math.random()}`
  try {
    // Even asking for it can throw.
    localStorage.setItem(key, `[${texts.join()}]`)
    return key
  } catch {
    return undefined
  }
}

/** What was put aside and where. What is of another life is only to be removed. */
export function spilt(app: string, life?: string): { keys: string[]; entries: { id?: unknown }[] } {
  const keys: string[] = []
  const entries: { id?: unknown }[] = []
  try {
    keys.push(...Object.keys(localStorage).filter((key) => key.startsWith(prefixOf(app))))
    for (const key of keys) if (key.startsWith(`${prefixOf(app, life)}:`)) entries.push(...JSON.parse(localStorage[key]))
  } catch {
    // Nothing can be there, or what is there was not written here.
  }
  return { keys, entries }
}

/** It is in the database now, or forgotten. */
export function mopUp(keys: Iterable<string>): void {
  try {
    for (const key of keys) localStorage.removeItem(key)
  } catch {
    // Nothing can be there.
  }
}
