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
  const listen = (how: "addEventListener" | "removeEventListener") => {
    document?.[how]("visibilitychange", hidden)
    window?.[how]("pagehide", gone)
    window?.[how]("pageshow", back as (event: Event) => void)
  }
  listen("addEventListener")
  return () => listen("removeEventListener")
}
