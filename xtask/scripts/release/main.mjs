// What a release would be, checked and written down: node main.mjs ROOT OUT VERSION TAG TARBALL…   (TAG may be empty)
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { section } from "./changelog.mjs"
import { checksums, provenance } from "./provenance.mjs"
import { allows, change } from "./semver.mjs"

const [root, out, version, tag, ...tarballs] = process.argv.slice(2)
const read = (path) => readFileSync(join(root, path), "utf8")
const git = (...words) => execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim()
const count = { passed: 0, failed: 0 }

function check(what, found) {
  const [good, words] = found
  count[good ? "passed" : "failed"]++
  console.log(`${good ? "ok    " : "FAILED"}   ${what}: ${words}`)
}

/** Everything that names the version names this one. */
function versions() {
  const manifests = tarballs.map((tarball) => {
    const text = execFileSync("tar", ["-xOf", tarball, "package/package.json"], { encoding: "utf8" })
    return { tarball: basename(tarball), manifest: JSON.parse(text) }
  })
  const named = [["Cargo.toml", /^version = "(.+)"$/m.exec(read("Cargo.toml"))?.[1]]]
  for (const { tarball, manifest } of manifests) {
    named.push([tarball, manifest.version])
    for (const [name, wanted] of Object.entries(manifest.optionalDependencies ?? {})) named.push([`${tarball} → ${name}`, wanted])
  }
  if (tag) named.push(["the tag", tag.replace(/^v/, "")])
  const wrong = named.filter(([, found]) => found !== version)
  return [wrong.length === 0, wrong.length === 0 ? `${version} in ${named.length} places` : wrong.map((pair) => pair.join(" says ")).join(", ")]
}

/** A tag needs its section; before that the section is still called Unreleased. */
function changelog() {
  const text = read("CHANGELOG.md")
  const own = section(text, version)
  if (own) return [true, `${own.split("\n").length} lines about ${version}`]
  const unreleased = section(text, "Unreleased")
  if (tag || !unreleased) return [false, `there is nothing under "## ${version}"`]
  return [true, `nothing under "## ${version}" yet; ${unreleased.split("\n").length} lines are under "## Unreleased"`]
}

/** The snapshot beside the one of the release before. */
function semver() {
  const tags = git("tag", "--list", "v[0-9]*", "--sort=-version:refname").split("\n").filter((name) => name && name !== `v${version}`)
  if (tags.length === 0) return [true, "the first release: everything is new"]
  const before = git("show", `${tags[0]}:tests/api/exports.txt`)
  const { size, gone, come } = change(before, read("tests/api/exports.txt"))
  const words = [...gone.map((name) => `−${name}`), ...come.map((name) => `+${name}`)].join(", ") || "no name has come or gone"
  const good = allows(tags[0].slice(1), version, size)
  return [good, `since ${tags[0]} ${words}${good ? "" : `; ${version} is too small a step for that`}`]
}

const commit = git("rev-parse", "HEAD")
const changed = git("status", "--porcelain")
check("versions", versions())
check("changelog", changelog())
check("interface", semver())
check("commit", [changed === "", changed === "" ? commit : "the working tree has changes: a statement about a commit would not be true"])

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const files = tarballs.map((tarball) => join(out, basename(tarball)))
files.forEach((file, at) => copyFileSync(tarballs[at], file))
const repository = /^repository = "(.+)"$/m.exec(read("Cargo.toml"))?.[1]
writeFileSync(join(out, "provenance.json"), `${JSON.stringify(provenance({ root, files, version, repository, commit }), null, 2)}\n`)
writeFileSync(join(out, "SHA256SUMS"), checksums([...files, join(out, "provenance.json")]))
process.stdout.write(`\n${readFileSync(join(out, "SHA256SUMS"), "utf8")}`)
console.log(`\n${count.passed} passed, ${count.failed} failed`)
process.exit(count.failed > 0 ? 1 : 0)
