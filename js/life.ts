// The life of a page: it is hidden, left, gone back to.
import type { Driver } from "./driver.js"

/** Tells the driver; gives what ends that. */
export function follow(driver: Driver): () => void {
  const { document, window } = globalThis
  const hidden = () => {
    if (document.hidden) driver.leaving()
  }
  const gone = () => driver.gone()
  const back = ({ persisted }: PageTransitionEvent) => {
    if (persisted) driver.cameBack()
  }
  // There is a network again: nobody waits for the next attempt.
  const online = () => driver.online()
  const listen = (how: "addEventListener" | "removeEventListener") => {
    document?.[how]("visibilitychange", hidden)
    window?.[how]("pagehide", gone)
    window?.[how]("pageshow", back as (event: Event) => void)
    globalThis[how]?.("online", online)
  }
  listen("addEventListener")
  return () => listen("removeEventListener")
}
