// Starts `flywheel serve` for a test: a data folder of its own, a free port, and a page that imports the package.
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { required } from "./browser.mjs";

/** How long a start or a clean stop may take, in milliseconds. */
const PATIENCE = 30_000;

/** The page: it imports the package by its name, as a stranger's page does. `flywheel` is there when it has loaded. */
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>test</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "flywheel-sdk": "/pkg/index.js", "flywheel-sdk/insight": "/pkg/insight.js" } }</script>
<script type="module">
import * as sdk from "flywheel-sdk";
globalThis.sdk = sdk;
</script>
`;

const run = promisify(execFile);

/** What a command of the server's binary prints, read as JSON Lines. */
export async function flywheel(...words) {
  const { stdout } = await run(required("FLYWHEEL_BIN"), words, { maxBuffer: 1 << 28 }).catch((error) => {
    throw new Error(error.stderr?.replace(/^error: /, "").trim() || error.message);
  });
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/**
 * A running server.
 * @param {{ publishEvery?: number }} options
 * @returns {Promise<{ origin: string, key: string, folder: string, stats(): Promise<object>, kill(): Promise<void>, restart(): Promise<void>, stop(): Promise<void> }>}
 *   `kill` ends it as a power cut does, `restart` brings it back at the same address with the same data; `stop` ends the
 *   process, checks that it ended well, and removes its folder.
 */
export async function startServer({ publishEvery = 1 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "flywheel-test-"));
  const [data, site] = ["data", "site"].map((name) => join(folder, name));
  await mkdir(site);
  await cp(required("FLYWHEEL_PKG"), join(site, "pkg"), { recursive: true });
  await writeFile(join(site, "index.html"), PAGE);
  const words = ["--data", data, "--static", site, "--publish-every", String(publishEvery), "--publish-interval", "0s"];
  const remove = () => rm(folder, { recursive: true, force: true });
  let running = await launch("127.0.0.1:0", words).catch(async (error) => {
    await remove();
    throw error;
  });
  const { origin, key } = running;
  return {
    origin,
    key,
    folder,
    stats: async () => (await flywheel("stats", "--data", data, "--json"))[0],
    kill: () => running.end("SIGKILL"),
    restart: async () => {
      running = await launch(new URL(origin).host, words);
    },
    stop: async () => {
      const code = await running.end("SIGINT");
      await remove();
      if (code !== 0) throw new Error(`the server did not stop cleanly (${code})`);
    },
  };
}

/** One process of the server: what it says of itself, and `end`, which gives how it ended. */
async function launch(address, words) {
  const child = spawn(required("FLYWHEEL_BIN"), ["serve", "--listen", address, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, FLYWHEEL_LOG: process.env.FLYWHEEL_LOG ?? "warn" },
  });
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  // Whatever happens to this process, the child must not outlive it.
  const orphan = () => child.kill("SIGKILL");
  process.once("exit", orphan);
  ended.then(() => process.off("exit", orphan));
  try {
    const found = await within(PATIENCE, announced(child, ended), "the server did not say where it listens");
    const end = async (signal) => {
      child.kill(signal);
      return within(PATIENCE, ended, "the server did not stop").catch((error) => {
        orphan();
        throw error;
      });
    };
    return { ...found, end };
  } catch (error) {
    orphan();
    throw error;
  }
}

/** The address and the key that it prints once it listens. */
async function announced(child, ended) {
  const found = {};
  const lines = createInterface({ input: child.stdout });
  const read = new Promise((resolve) => {
    lines.on("line", (line) => {
      const [, name, value] = /^(listening on|public key)\s+(\S+)/.exec(line) ?? [];
      if (name === "listening on") found.origin = value;
      if (name === "public key") found.key = value;
      if (found.origin && found.key) resolve(found);
    });
  });
  const early = ended.then((code) => {
    throw new Error(`the server ended at once (${code})`);
  });
  return Promise.race([read, early]);
}

async function within(milliseconds, promise, otherwise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
