// A release: what its checks let through and what not, in a repository made for it.
import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { section } from "../../xtask/scripts/release/changelog.mjs"
import { allows, change } from "../../xtask/scripts/release/semver.mjs"

const scripts = join(import.meta.dirname, "../../xtask/scripts/release")
const scratch = mkdtempSync(join(tmpdir(), "flywheel-release-"))
after(() => rmSync(scratch, { recursive: true, force: true }))

test("what is gone breaks, what has come adds", () => {
  const before = ".: Flywheel, isFlywheelError\n./slim: init\n"
  assert.equal(change(before, before).size, "none")
  assert.equal(change(before, `${before}./react: useRank\n`).size, "minor")
  assert.deepEqual(change(before, ".: Flywheel\n./slim: init\n"), { size: "major", gone: [". isFlywheelError"], come: [] })
})

test("a version is a step that is large enough", () => {
  for (const [from, to, size, good] of [
    ["1.2.3", "2.0.0", "major", true], ["1.2.3", "1.3.0", "major", false], ["1.2.3", "1.3.0", "minor", true],
    ["1.2.3", "1.2.4", "minor", false], ["1.2.3", "1.2.4", "none", true], ["1.2.3", "1.2.3", "none", false],
    ["1.2.3", "1.1.9", "none", false], ["0.1.0", "0.2.0", "major", true], ["0.1.0", "0.1.1", "major", false],
    ["0.1.0", "0.1.1", "minor", true], ["0.9.0", "1.0.0", "major", true],
  ]) {
    assert.equal(allows(from, to, size), good, `${from} → ${to} for ${size}`)
  }
})

test("a section of the changelog is what stands under its heading", () => {
  const text = "# Changelog\n\n## Unreleased\n\n- b\n\n## 0.1.0 (2026-01-01)\n\n- a\n"
  assert.deepEqual([section(text, "Unreleased"), section(text, "0.1.0"), section(text, "0.2.0")], ["- b", "- a", undefined])
})

/** A repository whose release before was 0.1.0; gives how a release of `version` ends. */
function release(name, { version = "0.2.0", packed = version, changelog = `## ${version}\n\n- more\n`, exports = ".: Flywheel\n", tag = "", dirty = false }) {
  const root = join(scratch, name)
  const write = (path, text) => {
    mkdirSync(join(root, path, ".."), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const git = (...words) => execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], { cwd: root })
  write("Cargo.toml", `version = "0.1.0"\nrepository = "https://example.com/x"\n`)
  write("Cargo.lock", "")
  write("package-lock.json", '{"packages":{"node_modules/esbuild":{"version":"1.0.0"}}}')
  write("CHANGELOG.md", "## 0.1.0\n\n- first\n")
  write("tests/api/exports.txt", ".: Flywheel\n")
  git("init", "-q")
  git("add", ".")
  git("commit", "-qm", "first")
  git("tag", "v0.1.0")
  write("Cargo.toml", `version = "${version}"\nrepository = "https://example.com/x"\n`)
  write("CHANGELOG.md", changelog)
  write("tests/api/exports.txt", exports)
  git("add", ".")
  git("commit", "-qm", "next", "--allow-empty")
  if (dirty) write("Cargo.lock", "# changed\n")
  const tarball = join(scratch, `${name}.tgz`)
  mkdirSync(join(scratch, `${name}-pack/package`), { recursive: true })
  writeFileSync(join(scratch, `${name}-pack/package/package.json`), JSON.stringify({ name: "x", version: packed }))
  execFileSync("tar", ["-czf", tarball, "-C", join(scratch, `${name}-pack`), "package"])
  const out = join(scratch, `${name}-out`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(scripts, "main.mjs"), root, out, version, tag, tarball], { encoding: "utf8" })
  return { status, said: stdout + stderr, out, head: git("rev-parse", "HEAD").toString().trim() }
}

test("a good release has tarballs, checksums that hold, and a statement of its commit", () => {
  const { status, said, out, head } = release("good", { tag: "v0.2.0", exports: ".: Flywheel, more\n" })
  assert.equal(status, 0, said)
  execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: out })
  const { subject, predicate } = JSON.parse(readFileSync(join(out, "provenance.json"), "utf8"))
  assert.equal(subject[0].name, "good.tgz")
  assert.equal(predicate.buildDefinition.resolvedDependencies[0].digest.gitCommit, head)
  assert.match(predicate.runDetails.builder.version.rustc, /^rustc \d/)
})

for (const [what, given, law] of [
  ["a tarball of another version", { packed: "0.1.9" }, /FAILED {3}versions: .*0\.1\.9/],
  ["a tag of another version", { tag: "v0.3.0" }, /FAILED {3}versions: the tag says 0\.3\.0/],
  ["a changelog without the version", { tag: "v0.2.0", changelog: "## Unreleased\n\n- more\n" }, /FAILED {3}changelog/],
  ["a name that is gone in too small a step", { version: "0.1.1", exports: ".: Other\n" }, /FAILED {3}interface: .*−\. Flywheel/],
  ["a working tree with changes", { dirty: true }, /FAILED {3}commit/],
]) {
  test(`no release with ${what}`, () => {
    const { status, said } = release(what.replaceAll(" ", "-"), given)
    assert.equal(status, 1, said)
    assert.match(said, law)
  })
}
