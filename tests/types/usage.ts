// The interface as a stranger meets it; compiled, never run. Each `@ts-expect-error` is a mistake that
// the types must catch: if one compiles, tsc fails here.
import { type Decision, type ErrorCode, Flywheel, type Receipt, isFlywheelError } from "flywheel-sdk"
import { Flywheel as Inline } from "flywheel-sdk/inline"
import { type Explanation, Flywheel as Insight, type Hint, type Suggestion, type Term } from "flywheel-sdk/insight"
import { Flywheel as Slim, init } from "flywheel-sdk/slim"

const consent = { learn: true, share: "ask", text: false } as const

export async function everyCall(): Promise<void> {
  const fw = await Flywheel.open({ app: "demo", endpoint: "/flywheel", key: "pk_x", consent })
  await Flywheel.open({ app: "demo", explore: 0.05 })
  await Flywheel.open({ app: "demo", explore: { policy: "epsilon", epsilon: 0.01 } })
  // @ts-expect-error the usual entry knows two policies
  await Flywheel.open({ app: "demo", explore: { policy: "thompson", scale: 0.2 } })
  fw.rank({ surface: "s", candidates: [{ id: "a", pinned: true }, { id: "b", forbidden: true }, { id: "c", minimumShare: 0.1 }] })

  const candidates = [
    { id: "short", features: { style: "short", words: 12, bullet: true, tags: ["a", "b"] } },
    { id: "long", text: "A long answer." },
  ] as const
  const d = fw.rank({ surface: "answer-style", context: { topic: "code" }, candidates })
  const best: "short" | "long" = d.best
  const order: readonly ("short" | "long")[] = d.order
  const facts: [number, boolean, number, true | undefined] = [d.propensity, d.explored, d.version, d.unready]

  const stored = JSON.parse(JSON.stringify(d)) as Decision
  const receipt: Receipt = fw.thumb(stored, "up")
  const saved: "saved" | "memory" | "dropped" = await receipt.saved
  fw.thumb(d.id, null)
  fw.correct(d, { shown: "a", corrected: "b" })
  fw.correct(d, { share: 0.25 })
  const again: Decision<"short" | "long"> = fw.regenerate(d)
  fw.prefer(d, "long")
  fw.reward(d, 0.7, "copied")
  const shown = fw.shown({ surface: "chat", context: {}, answer: "Hello.", after: again })

  const off = fw.on("weights", ({ version, held }) => (held ? "" : version.toFixed()))
  fw.on("status", (status) => status.queued.toFixed())
  fw.on("error", (error) => error.code.length)
  off()
  const { acknowledged, version } = await fw.sync()
  await fw.consent({ share: true })
  const everything: object = await fw.export()
  fw.adopt()
  await Flywheel.open({ app: "demo", contributeAfter: { signals: 10, days: 7 }, holdWeights: true })
  await fw.forget()
  await fw.close()
  void [best, order, facts, saved, shown, acknowledged, version, everything]
}

export async function everyInsight(): Promise<void> {
  const explore = { policy: "squarecb", gamma: 300, epsilon: 0.01 } as const
  await Insight.open({ app: "demo", explore })
  await Insight.open({ app: "demo", explore: { policy: "greedy" } })
  await Insight.open({ app: "demo", explore: { policy: "thompson", scale: 0.2 } })
  // @ts-expect-error gamma belongs to squarecb
  await Insight.open({ app: "demo", explore: { policy: "bonus", gamma: 3 } })
  await Insight.open({ app: "demo", redact: (text) => text.replaceAll("ACME", "[name]") })
  // @ts-expect-error the usual entry has no redactor
  await Flywheel.open({ app: "demo", redact: (text: string) => text })
  const fw = await Insight.open({ app: "demo" })
  const usual: Flywheel = fw
  const added: number = await fw.import(await usual.export())
  await fw.join("token")
  await fw.rotate()
  // @ts-expect-error a file is no text
  await fw.import("{}")
  const d = fw.rank({ surface: "s", candidates: [{ id: "a" }, { id: "b" }] as const })
  const best: "a" | "b" = d.best
  const ask: boolean = d.worthAsking && fw.shown({ surface: "s", answer: "A." }).worthAsking && fw.regenerate(d).worthAsking
  const why: Explanation = fw.explain(d.id, "b", 3)
  const terms: readonly Term[] = [...why.terms, why.rest]
  const traits: { feature: string; weight: number; uncertainty: number }[] = fw.profile(10)
  const [hint]: Hint[] = fw.hints()
  const [change]: Suggestion[] = fw.suggest("a text", 5)
  // @ts-expect-error the usual entry cannot explain
  usual.explain(d)
  // @ts-expect-error and does not know when to ask
  void usual.rank({ surface: "s", candidates: [{ id: "a" }] }).worthAsking
  // @ts-expect-error a candidate is named by its id
  fw.explain(d, { candidate: "b" })
  void [added, best, ask, terms, traits, hint?.text, change?.at]
}

export async function everyMistake(fw: Flywheel, d: Decision): Promise<void> {
  // @ts-expect-error an app has a name
  await Flywheel.open({})
  // @ts-expect-error consent to sharing is yes, no or "ask"
  await Flywheel.open({ app: "demo", consent: { share: "maybe" } })
  // @ts-expect-error a typing mistake in an option
  await Flywheel.open({ app: "demo", endpiont: "/flywheel" })
  // @ts-expect-error a surface names the task
  fw.rank({ candidates: [{ id: "a" }] })
  // @ts-expect-error a candidate has an id
  fw.rank({ surface: "s", candidates: [{ features: {} }] })
  // @ts-expect-error a feature is a plain value, not an object
  fw.rank({ surface: "s", candidates: [{ id: "a", features: { style: { tone: "dry" } } }] })
  // @ts-expect-error a thumb is up, down or null
  fw.thumb(d, "sideways")
  // @ts-expect-error a correction has both texts
  fw.correct(d, { shown: "a" })
  // @ts-expect-error a reward is a number
  fw.reward(d, "much")
  // @ts-expect-error no such event
  fw.on("wieghts", () => undefined)
  // @ts-expect-error a decision cannot be changed
  d.propensity = 1
}

export function everyError(error: unknown): ErrorCode | undefined {
  if (!isFlywheelError(error)) return undefined
  // @ts-expect-error no such code
  if (error.code === "nonsense") return undefined
  return error.code
}

export async function everyEntry(bytes: Uint8Array<ArrayBuffer>): Promise<Flywheel[]> {
  await init(bytes)
  return [await Slim.open({ app: "a" }), await Inline.open({ app: "b" })]
}
