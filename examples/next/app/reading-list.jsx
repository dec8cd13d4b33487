"use client"

import { Flywheel } from "flywheel-sdk"
import { FlywheelProvider, useFeedback, useFlywheel, useRank } from "flywheel-sdk/react"
import { useMemo } from "react"

// Everything stays in this browser until there is an `endpoint`, a `key`, and the reader's consent to share.
const open = () => Flywheel.open({ app: "example-next", consent: { learn: true, share: false } })

export function ReadingList({ articles }) {
  return (
    <FlywheelProvider open={open}>
      <List articles={articles} />
    </FlywheelProvider>
  )
}

function List({ articles }) {
  // While nothing is known all are alike, and would come in any order: the editors' stands, its first is pinned.
  const { signals = 0, version = 0 } = useFlywheel()?.status() ?? {}
  const known = signals > 0 || version > 0
  const candidates = useMemo(
    () =>
      articles.map(({ id, about, minutes }, at) => ({
        id,
        features: { about, minutes: minutes / 10 },
        pinned: !known && at === 0,
      })),
    [articles, known],
  )
  const { order, best, decision, rerank } = useRank({ surface: "reading-list", candidates })
  const { up, prefer } = useFeedback(decision)

  // Opened: the first was right, or this one would have been the better first.
  function read(id) {
    if (id === best.id) up()
    else prefer(id)
    rerank()
  }

  const shown = known ? order.map(({ id }) => articles.find((article) => article.id === id)) : articles
  return (
    <ol data-ranked={decision !== undefined}>
      {shown.map(({ id, title, about, minutes, text }) => (
        <li key={id}>
          <details onToggle={({ currentTarget }) => currentTarget.open && read(id)}>
            <summary>
              <small>{about} · {minutes} minutes</small>
              <h2>{title}</h2>
            </summary>
            <p>{text}</p>
          </details>
        </li>
      ))}
    </ol>
  )
}
