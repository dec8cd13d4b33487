// The examples as they stand, each in a fresh project with the tarball in place of the registry's package.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fresh } from "./project.mjs"

const examples = join(import.meta.dirname, "../../examples")

/** An example's own manifest. */
export function manifest(name) {
  return JSON.parse(readFileSync(join(examples, name, "package.json"), "utf8"))
}

/** Its copy. What it depends on is installed above it, but for the package. */
export async function example(name, ...also) {
  const { dependencies: _, devDependencies: __, ...rest } = manifest(name)
  return fresh(`example-${name}`, [join(examples, name)], rest, ...also)
}
