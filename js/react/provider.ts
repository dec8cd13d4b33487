// One page for a tree of components. It is opened in the browser, after the first render: servers render without it.
import { type ReactElement, type ReactNode, createContext, createElement, useContext, useEffect, useMemo, useRef, useState } from "react"
import type { Flywheel } from "../types.js"

/** What the provider takes: either how to open a page, or one that is open. */
export type FlywheelProviderProps = {
  readonly children?: ReactNode
  /**
   * Told what goes wrong where nobody can catch it: opening, ranking, and feedback that waited for the page to open.
   * Default: the console.
   */
  readonly onError?: (error: unknown) => void
} & (
  | {
      /**
       * Opens the page: `() => Flywheel.open({ app: "demo" })`, from whichever entry. Called in the browser only, once for
       * each time the provider mounts, whatever is passed later; a new `key` mounts it anew. Closed when it unmounts.
       */
      readonly open: () => Flywheel | Promise<Flywheel>
      readonly flywheel?: never
    }
  | {
      /** A page that you opened yourself; `undefined` while it is opening. It is not closed. */
      readonly flywheel: Flywheel | undefined
      readonly open?: never
    }
)

/** What the hooks share. */
export interface Shared {
  /** The page, once it is open. */
  readonly flywheel: Flywheel | undefined
  /** Runs at once, or when the page is open; `undefined` if it has to wait. */
  run<T>(use: (flywheel: Flywheel) => T): T | undefined
  /** Where errors go that nobody can catch. */
  fail(error: unknown): void
}

const report = (error: unknown) => console.error(error)

let told = false
/** Outside a provider everything stays in the app's own order. */
const alone: Shared = {
  get flywheel() {
    if (!told) console.warn("flywheel-sdk/react: there is no <FlywheelProvider> above, so that nothing is ranked or learned")
    told = true
    return undefined
  },
  run: () => undefined,
  fail: report,
}

const Context = createContext(alone)

/** Opens a page for the components below it. */
export function FlywheelProvider({ open, flywheel, onError, children }: FlywheelProviderProps): ReactElement {
  const [opened, setOpened] = useState<Flywheel>()
  const opening = useRef<Promise<Flywheel>>(undefined)
  const closing = useRef<ReturnType<typeof setTimeout>>(undefined)
  const waiting = useRef<((flywheel: Flywheel) => void)[]>([])
  const fail = useRef(report)
  const here = flywheel ?? opened

  useEffect(() => {
    fail.current = onError ?? report
  })

  useEffect(() => {
    if (open === undefined) return
    // Strict mode and hot reload take a component out and put it back at once: that closes nothing.
    clearTimeout(closing.current)
    const mine = (opening.current ??= Promise.resolve().then(open))
    mine.then(setOpened, (error) => fail.current(error))
    return () => {
      closing.current = setTimeout(() => {
        opening.current = undefined
        setOpened(undefined)
        mine.then((flywheel) => flywheel.close()).catch(report)
      })
    }
    // Only mounting opens: what is passed later is another function with each render.
  }, [])

  useEffect(() => {
    if (here !== undefined) for (const use of waiting.current.splice(0)) use(here)
  }, [here])

  const shared = useMemo<Shared>(() => {
    const later = (error: unknown) => fail.current(error)
    return {
      flywheel: here,
      fail: later,
      run(use) {
        if (here !== undefined) return use(here)
        waiting.current.push((flywheel) => {
          try {
            use(flywheel)
          } catch (error) {
            later(error)
          }
        })
        return undefined
      },
    }
  }, [here])

  return createElement(Context.Provider, { value: shared }, children)
}

/** For the other hooks. */
export function useShared(): Shared {
  return useContext(Context)
}

/** The page, or `undefined` on a server and until it is open. With `flywheel-sdk/insight`: `useFlywheel<InsightFlywheel>()`. */
export function useFlywheel<F extends Flywheel = Flywheel>(): F | undefined {
  return useShared().flywheel as F | undefined
}
