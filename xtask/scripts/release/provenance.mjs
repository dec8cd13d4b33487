// What was made from what, by what: an in-toto statement with SLSA's provenance as its predicate.
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename, join } from "node:path"

export const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex")

/** `sha256sum --check` reads it. */
export const checksums = (files) => files.map((file) => `${sha256(file)}  ${basename(file)}\n`).join("")

/** The version that a tool names, or that it is not there. */
function version(program, ...words) {
  try {
    return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim().split("\n")[0]
  } catch {
    return "absent"
  }
}

/** The statement about these files. Nothing in it names the machine. */
export function provenance({ root, files, version: released, repository, commit }) {
  const locks = ["Cargo.lock", "package-lock.json"].map((name) => ({ name, digest: { sha256: sha256(join(root, name)) } }))
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
  const npm = (name) => packages[`node_modules/${name}`]?.version ?? "absent"
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: files.map((file) => ({ name: basename(file), digest: { sha256: sha256(file) } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: `${repository}/blob/main/.github/workflows/release.yml`,
        externalParameters: { version: released },
        resolvedDependencies: [{ uri: `git+${repository}@${commit}`, digest: { gitCommit: commit } }, ...locks],
      },
      runDetails: {
        builder: {
          id: `${repository}/blob/main/xtask/src/release.rs`,
          version: {
            rustc: version("rustc", "--version"),
            node: version("node", "--version"),
            npm: version("npm", "--version"),
            esbuild: npm("esbuild"),
            binaryen: npm("binaryen"),
            typescript: npm("typescript"),
          },
        },
      },
    },
  }
}
