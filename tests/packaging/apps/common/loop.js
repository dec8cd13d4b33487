// What every app of the matrix does: it opens, ranks, says what it thinks of the first, and ranks again.

/** Nothing by chance, so that a test can say what comes first after one thumb. */
const options = { consent: { learn: true, share: false }, epsilon: 0 }
const request = {
  surface: "answer-style",
  context: { topic: "code" },
  candidates: ["short", "long"].map((id) => ({ id, features: { style: id } })),
}

export async function loop(Flywheel, app) {
  const fw = await Flywheel.open({ ...options, app })
  const first = fw.rank(request)
  const receipt = fw.thumb(first, "down")
  const then = fw.rank(request)
  const saved = await receipt.saved
  const { storage, signals } = fw.status()
  await fw.close()
  return { first: first.order, then: then.order, saved, storage, signals }
}

/** The same, with the outcome where a test finds it. */
export function show(running) {
  return running.then(
    (value) => { globalThis.result = value },
    (error) => { globalThis.result = { error: String(error?.stack ?? error) } },
  )
}
