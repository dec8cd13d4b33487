// Core without a browser: time by criterion, and instructions by valgrind where it is installed.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { required } from "../support/browser.mjs";
import { spread } from "./measure.mjs";

const run = promisify(execFile);
const NAMES = ["rank", "learn", "featurise", "fold", "decode"];
/** Steps that instructions are counted over, after as many that are not counted. */
const STEPS = { featurise: 500, decode: 1 };
const USUAL = 100;

const root = join(import.meta.dirname, "../..");
const cargo = (...words) => run(process.env.CARGO ?? "cargo", ["bench", "--package", "flywheel-core", ...words], { cwd: root, maxBuffer: 1 << 26 });

/** What criterion has written about one kind of work: "200 steps" names what one of its iterations is. */
async function time(name) {
  const folder = join(required("FLYWHEEL_TARGET"), "criterion", name);
  const group = (await readdir(folder)).find((entry) => / steps$/.test(entry));
  const { iters, times } = JSON.parse(await readFile(join(folder, group, "new/sample.json"), "utf8"));
  const steps = parseInt(group, 10);
  return { name, unit: "µs", ...spread(times.map((ns, at) => ns / iters[at] / steps / 1_000)) };
}

/** Where cargo has put the program that takes so many steps. */
async function program() {
  const { stdout } = await cargo("--bench", "instructions", "--no-run", "--message-format=json");
  const made = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return made.find(({ executable, target }) => executable && target.name === "instructions").executable;
}

async function instructions(path, name, count) {
  const words = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", path, name, String(count)];
  const { stderr } = await run("valgrind", words, { maxBuffer: 1 << 24 });
  return Number(/I\s+refs:\s+([\d,]+)/.exec(stderr)[1].replaceAll(",", ""));
}

async function counts() {
  const path = await program();
  const lines = [];
  for (const name of NAMES) {
    const steps = STEPS[name] ?? USUAL;
    const each = ((await instructions(path, name, 2 * steps)) - (await instructions(path, name, steps))) / steps;
    lines.push({ name, unit: "", ...spread([each]) });
  }
  return { case: "instructions a step, after some steps that are not counted", contenders: lines };
}

/** One part, `native`. */
export async function start() {
  const { stdout } = await run(process.env.RUSTC ?? "rustc", ["--version"]);
  return {
    version: stdout.trim(),
    run: async () => {
      await cargo("--bench", "speed");
      const results = [{ case: "microseconds a step", contenders: await Promise.all(NAMES.map(time)) }];
      const valgrind = await run("valgrind", ["--version"]).then(({ stdout }) => stdout.trim(), () => undefined);
      if (valgrind !== undefined) results.push(await counts());
      return { results, facts: { instructions: valgrind ?? "valgrind is not installed" }, versions: {}, missing: {} };
    },
    stop: async () => undefined,
  };
}
