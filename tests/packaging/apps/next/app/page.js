import { Loop } from "./loop-on-the-page"

export default function Page() {
  return (
    <main>
      <h1>Rendered on the server</h1>
      <Loop />
    </main>
  )
}
