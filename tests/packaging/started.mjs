// Programs that serve, started for a test and ended by it.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { home } from "./project.mjs"

const PATIENCE = 60_000

/**
 * Starts a program and waits until it says where it listens, by the first address on loopback that it prints.
 * @returns {Promise<{ origin: string, said(): string, signal(name: string): void, ended: Promise<number>, stop(): Promise<void> }>}
 *   `stop` ends it as a power cut does.
 */
export function start(file, words, { cwd, env = {} } = {}) {
  // A group of its own, so that its children end with it.
  const child = spawn(file, words, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true })
  const ended = new Promise((resolve) => child.once("exit", resolve))
  const end = () => {
    try {
      process.kill(-child.pid, "SIGKILL")
    } catch {
      // It has ended by itself.
    }
  }
  process.once("exit", end)
  const stop = async () => {
    end()
    await ended
    process.off("exit", end)
  }
  return new Promise((resolve, reject) => {
    let said = ""
    const failed = (why) => void stop().then(() => reject(new Error(`${file} ${words.join(" ")} ${why}\n${said}`)))
    const timer = setTimeout(() => failed("said no address"), PATIENCE)
    const read = (text) => {
      said += text
      const found = /https?:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(said)
      if (!found) return
      clearTimeout(timer)
      resolve({ origin: `http://127.0.0.1:${found[1]}`, stop, said: () => said, signal: (name) => process.kill(-child.pid, name), ended })
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    void ended.then((code) => {
      clearTimeout(timer)
      failed(`ended with ${code}`)
    })
  })
}

/** `next start` at a free port. */
export function nextStart(folder, also = {}) {
  const words = [join(home, "node_modules/next/dist/bin/next"), "start", "--hostname", "127.0.0.1", "--port", "0"]
  return start(process.execPath, words, { cwd: folder, env: { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production", ...also } })
}
