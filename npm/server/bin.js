#!/usr/bin/env node
// Runs the binary of this platform; without a command it is `serve`.
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { binary } from "./binary.js"

const words = process.argv.slice(2)
const isCommand = words.length > 0 && (!words[0].startsWith("-") || ["--help", "-h", "--version", "-V"].includes(words[0]))

let program
try {
  program = binary()
} catch (error) {
  console.error(`error: ${error.message}`)
  process.exit(1)
}
const child = spawn(program, isCommand ? words : ["serve", ...words], { stdio: "inherit" })
// The server ends cleanly by itself; this process waits for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
child.once("error", (error) => {
  console.error(`error: ${program} does not start: ${error.message}`)
  process.exit(1)
})
child.once("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
