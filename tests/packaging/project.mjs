// Fresh projects with the packed tarball installed, beside the tools that package-lock.json pins.
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { required } from "../support/browser.mjs"

const run = promisify(execFile)
const apps = join(import.meta.dirname, "apps")

/** Where the tools are installed; projects lie under it, so that they find them as their own. */
export const home = required("FLYWHEEL_PACKAGING")
const fromHome = createRequire(join(home, "package.json"))

/** What somebody who tried an example left there is not part of it. */
const isSource = (path) => !["node_modules", "dist", ".next"].includes(basename(path))

/** A tool's module, by its name, out of the pinned ones. */
export async function tool(name) {
  return import(pathToFileURL(fromHome.resolve(name)))
}

/**
 * A project of its own: a folder with the files of each of `from` (under apps/, or anywhere), the `manifest`, and the
 * package, and `also` more, installed from its tarball as npm does it for anybody.
 */
export async function fresh(name, from, manifest = {}, ...also) {
  const folder = join(home, "projects", name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // A wall: bundlers look for the nearest one upwards, and the repository's own knows where the sources are.
  writeFileSync(join(home, "projects/tsconfig.json"), "{}")
  for (const source of from) cpSync(resolve(apps, source), folder, { recursive: true, filter: isSource })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true, type: "module", ...manifest }))
  await install(folder, required("FLYWHEEL_TARBALL"), ...also)
  return folder
}

/** How long npm may take to unpack a few tarballs, in milliseconds. */
const PATIENCE = 60_000

/**
 * Tarballs, installed without asking the registry; what they want of others is there already. With a cache of its own:
 * in one that others write to at the same time npm once waited for ever in the middle of a tarball. What takes that long
 * is begun once more; any other failure stands.
 */
export async function install(folder, ...tarballs) {
  const words = ["--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", "--loglevel=error"]
  const npm = () =>
    run("npm", ["install", "--cache", join(home, "npm-cache"), ...words, ...tarballs], {
      cwd: folder,
      shell: process.platform === "win32",
      timeout: PATIENCE,
      killSignal: "SIGKILL",
    })
  await npm().catch((error) => (error.killed ? npm() : Promise.reject(error)))
}

/** A program of a pinned tool, run in `folder` to its end; gives what it printed. */
export async function program(folder, name, words, env = {}) {
  const options = { cwd: folder, env: { ...process.env, NODE_ENV: "production", ...env }, maxBuffer: 1 << 26 }
  try {
    const { stdout, stderr } = await run(join(home, "node_modules/.bin", name), words, options)
    return stdout + stderr
  } catch (error) {
    throw new Error(`${name} ${words.join(" ")} failed\n${error.stdout ?? ""}${error.stderr ?? error}`)
  }
}

/** Ends one of Vite's servers, whatever browsers keep open: a socket that never asked anything would be waited for. */
export async function close(server) {
  const closed = server.close()
  server.httpServer.closeAllConnections()
  await closed
}

/** The modules that a folder holds, by their path in it. */
export function modules(folder) {
  return readdirSync(folder, { recursive: true }).map(String).filter((path) => path.endsWith(".wasm"))
}
