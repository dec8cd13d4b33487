/**
 * For `context.addInitScript`: chance is the same in every run. One decision in fifty is drawn, and a test of what was
 * learned must not fail at the fiftieth.
 */
export function sameChance() {
  let state = 1
  crypto.getRandomValues = (into) => {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    for (let at = 0; at < bytes.length; at++) bytes[at] = (state = (state * 48_271) % 2_147_483_647) >> 8
    return into
  }
}
