// The hooks as an app meets them; compiled, never run.
import { useMemo } from "react"
import { type Decision, Flywheel, type InsightFlywheel } from "flywheel-sdk"
import { Flywheel as Insight } from "flywheel-sdk/insight"
import { FlywheelProvider, useFeedback, useFlywheel, useRank } from "flywheel-sdk/react"
import "flywheel-sdk/element"

/** An app's own type: what is shown is more than what is ranked. */
interface Dish {
  readonly id: "soup" | "rice" | "pie"
  readonly title: string
  readonly features: { readonly spicy: boolean; readonly minutes: number }
}

export function Menu({ dishes, stored }: { dishes: Dish[]; stored: Decision }) {
  const { order, best, decision, rerank } = useRank({ surface: "menu", context: { hour: 19 }, candidates: dishes })
  const titles: string[] = order.map(({ title }) => title)
  const first: string | undefined = best?.title
  const id: "soup" | "rice" | "pie" | undefined = decision?.best
  const { given, up, thumb, correct, regenerate, prefer, reward } = useFeedback(decision)
  const next: Decision<"soup" | "rice" | "pie"> | undefined = regenerate()
  prefer("pie")
  // @ts-expect-error no dish of ours
  prefer("cake")
  // @ts-expect-error best may be missing from a list of any length
  void best.title
  // @ts-expect-error a thumb is up, down or null
  thumb("sideways")
  correct({ shown: "a", corrected: "b" })?.saved.then((state) => state === "saved")
  useFeedback(stored.id, "up").reward(0.5, "kept")
  useFeedback("0192", null)
  const fw: Flywheel | undefined = useFlywheel()
  const hints = useFlywheel<InsightFlywheel>()?.hints() ?? []
  return (
    <section aria-busy={fw === undefined} onClick={rerank}>
      {titles.join()} {first} {id} {given} {next?.attempt} {hints.map(({ text }) => text)}
      <button onClick={up}>Good</button>
      <button onClick={() => reward(1)}>Keep</button>
      <flywheel-feedback flywheel={fw} decision={decision} texts={{ up: "Gut" }} actions="thumbs"
        onflywheel-thumb={({ detail }) => detail.receipt.id} onflywheel-edit={({ detail }) => detail.corrected}>
        <p>{first}</p>
      </flywheel-feedback>
    </section>
  )
}

export function Style() {
  // As many as are written down: there is always a first.
  const { best } = useRank({ surface: "style", candidates: [{ id: "short", prompt: "Be brief." }, { id: "long", prompt: "Explain." }] })
  const id: "short" | "long" = best.id
  const options = useMemo(() => ({ surface: "s", candidates: [] as Dish[] }), [])
  // @ts-expect-error a candidate has an id
  useRank({ surface: "s", candidates: [{ title: "x" }] })
  return <p title={useRank(options).best?.title}>{best.prompt} {id}</p>
}

/** What an app calls an interface has no index signature, and is features all the same. */
interface Moment { readonly hour: number; place?: string }
interface Taste { readonly spicy: boolean }
interface Plate { readonly id: "a" | "b"; readonly features: Taste }

export function Plates({ moment, plates, since }: { moment: Moment; plates: Plate[]; since: { when: Date } }) {
  const { order } = useRank({ surface: "menu", context: moment, candidates: plates })
  const ids: ("a" | "b")[] = order.map(({ id }) => id)
  // @ts-expect-error a Date is no value of a feature
  useRank({ surface: "menu", context: since, candidates: plates })
  // @ts-expect-error nor is it one of a candidate
  useRank({ surface: "menu", candidates: [{ id: "a", features: since }] })
  return <p>{ids.join()}</p>
}

export const apps = [
  <FlywheelProvider open={() => Flywheel.open({ app: "demo" })} onError={(error) => console.error(error)}><Style /></FlywheelProvider>,
  <FlywheelProvider open={() => Insight.open({ app: "demo" })} />,
  <FlywheelProvider flywheel={undefined} />,
  // @ts-expect-error either or
  <FlywheelProvider flywheel={undefined} open={() => Flywheel.open({ app: "demo" })} />,
  // @ts-expect-error one of both
  <FlywheelProvider />,
]
