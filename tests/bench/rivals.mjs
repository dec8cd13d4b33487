// Installs the rivals into the target folder, each by itself, and bundles them as an app would. One that cannot be had
// is left out, with the reason.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { required } from "../support/browser.mjs";

const run = promisify(execFile);
const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, "rivals/package.json"), "utf8"));

/** `parts`: in which it takes part; `node`: how it is bundled for Node where that differs from the browser. */
const RIVALS = [
  { name: "tfjs", package: "@tensorflow/tfjs", parts: ["rank", "learn", "start"], node: { platform: "node", format: "cjs", mainFields: ["module", "main"] } },
  { name: "tfjs-whole", package: "@tensorflow/tfjs", parts: ["start"] },
  { name: "brain", package: "brain.js", parts: ["rank", "learn", "start"] },
  { name: "posthog", package: "posthog-js", parts: ["captures"] },
  { name: "segment", package: "@segment/analytics-next", parts: ["captures"] },
  { name: "snowplow", package: "@snowplow/browser-tracker", parts: ["captures"] },
];

/** Those that cannot be compared here, and why. */
export const ABSENT = {
  "@vowpalwabbit/vowpalwabbit": "the npm registry does not have it (404), though its documentation names it",
};

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

async function install(name, folder) {
  const version = dependencies[name];
  const manifest = join(folder, "node_modules", name, "package.json");
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  console.error(`installing ${name} ${version}`);
  // No scripts of strangers: what needs one to be built is not what runs in a page.
  const words = ["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
  await run(npm, [...words, `${name}@${version}`], { cwd: folder, shell: process.platform === "win32" });
}

async function bundle({ name, node }, folder, host) {
  const other = host === "node" ? node : undefined;
  const outfile = join(folder, `${name}.${host}.${other?.format === "cjs" ? "cjs" : "mjs"}`);
  await build({
    entryPoints: [join(import.meta.dirname, `rivals/${name}.mjs`)],
    nodePaths: [join(folder, "node_modules")],
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    logLevel: "silent",
    ...other,
    outfile,
  });
  return outfile;
}

/** The rivals of a part, bundled for a host: `{ name, version, file }` each; and those that are missing, by reason. */
export async function rivals(part, host) {
  const ready = [];
  const missing = {};
  for (const rival of RIVALS.filter(({ parts }) => parts.includes(part))) {
    const folder = join(required("FLYWHEEL_TARGET"), "bench", rival.package.split("/").at(-1));
    try {
      await install(rival.package, folder);
      ready.push({ name: rival.name, version: dependencies[rival.package], file: await bundle(rival, folder, host) });
    } catch (error) {
      missing[rival.name] = String(error.stderr || error.message).trim().split("\n")[0];
    }
  }
  return { ready, missing };
}
