// Where the binary of this platform is: in a package of its own, which npm installs where it fits.
import { createRequire } from "node:module"

const require = createRequire(import.meta.url)

/** The path of the binary. */
export function binary({ platform, arch, env } = process) {
  if (env.FLYWHEEL_SERVER_BINARY) return env.FLYWHEEL_SERVER_BINARY
  const name = `@flywheel-sdk/server-${platform}-${arch}`
  const { optionalDependencies } = require("./package.json")
  if (!Object.hasOwn(optionalDependencies, name)) {
    throw new Error(`there is no binary for ${platform} ${arch}: build one (cargo build --release -p flywheel-server) and name it by FLYWHEEL_SERVER_BINARY`)
  }
  try {
    return require.resolve(`${name}/bin/flywheel${platform === "win32" ? ".exe" : ""}`)
  } catch {
    throw new Error(`${name} is not installed: npm leaves it out with --omit=optional, or when node_modules come from another platform; install again here`)
  }
}
