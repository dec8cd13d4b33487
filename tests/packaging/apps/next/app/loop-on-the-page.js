"use client"

// Imported as any library is: the server renders this component, too, and must not stumble over it.
import { Flywheel } from "flywheel-sdk"
import { useEffect } from "react"
import { loop, show } from "../loop.js"

let running

export function Loop() {
  useEffect(() => {
    running ??= show(loop(Flywheel, "matrix"))
  }, [])
  return <p>It learns on the page.</p>
}
