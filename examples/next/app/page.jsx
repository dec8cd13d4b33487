import { articles } from "./articles"
import { ReadingList } from "./reading-list"

export default function Page() {
  const day = new Date().toLocaleDateString("en", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" })
  return (
    <main>
      <header>
        <p>{day}</p>
        <h1>Reading today</h1>
      </header>
      <ReadingList articles={articles} />
    </main>
  )
}
