// The tarball as a stranger uses it: installed into a fresh Vite app, built, opened in a browser.
// A failure is: the build warns or fails, a type is missing, the page complains, the model does not
// learn. Not looked at here: sync (tests/e2e has a server).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { listen, open, required } from "../support/browser.mjs";
import { serve } from "../support/static.mjs";

const here = import.meta.dirname;
const { devDependencies } = JSON.parse(readFileSync(join(here, "../../package.json"), "utf8"));
let app, browser, site;

function run(program, ...args) {
  return execFileSync(program, args, { cwd: app, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

before(async () => {
  // Outside the repository, so that nothing is found in its node_modules by accident.
  app = mkdtempSync(join(tmpdir(), "flywheel-app-"));
  cpSync(join(here, "app"), app, { recursive: true });
  const tools = ["vite", "typescript"].map((name) => `${name}@${devDependencies[name]}`);
  run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", required("FLYWHEEL_TARBALL"), ...tools);
  run(join(app, "node_modules/.bin/vite"), "build", "--logLevel", "warn");
  browser = await open();
  site = await serve(join(app, "dist"));
});

after(async () => {
  await browser?.close();
  await site?.close();
  if (app) rmSync(app, { recursive: true, force: true });
});

async function result(entry) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = listen(page);
  await page.goto(`${site.origin}/?entry=${entry}`);
  const handle = await page.waitForFunction(() => globalThis.result, null, { timeout: 20_000 });
  const value = await handle.jsonValue();
  await context.close();
  assert.deepEqual(complaints, []);
  assert.equal(value.error, undefined);
  return value;
}

for (const entry of ["index", "slim", "inline", "insight"]) {
  test(`the ${entry} entry ranks and learns in a built app`, async () => {
    const { first, firsts } = await result(entry);
    assert.deepEqual([...first.order].sort(), ["long", "short"]);
    assert.equal(first.propensity, 0.5, "two that are alike");
    // Twenty thumbs for one style and against the other decide it, whatever was first.
    assert.deepEqual(firsts, { short: 20, long: 0 });
  });
}

test("the app's own types check against the package", () => {
  run(join(app, "node_modules/.bin/tsc"), "--project", "tsconfig.json");
});

test("the package carries its documents and no source of ours", () => {
  const names = readdirSync(join(app, "node_modules/flywheel-sdk"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map(({ name }) => name);
  for (const name of ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "flywheel_bg.wasm", "insight_bg.wasm"]) {
    assert.ok(names.includes(name), `${name} is missing`);
  }
  const strays = names.filter((name) => !/\.(c?js|js\.map|d\.c?ts|wasm|md|json)$|^LICENSE-/.test(name));
  assert.deepEqual(strays, []);
});
