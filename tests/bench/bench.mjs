// `cargo xtask bench`: see HELP there. Each part runs in each host; figures go to stdout, and to a file as JSON.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { arch, cpus, loadavg, platform } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ABSENT } from "./rivals.mjs";
import { document, facts, table } from "./table.mjs";

const HOSTS = { node: "./in-node.mjs", chromium: "./in-chromium.mjs", native: "./in-native.mjs" };
/** Each part, and the hosts it makes sense in. */
const PARTS = {
  rank: ["node", "chromium"],
  learn: ["node", "chromium"],
  scaling: ["node", "chromium"],
  memory: ["node", "chromium"],
  start: ["chromium"],
  captures: ["chromium"],
  native: ["native"],
};

const OPTIONS = {
  node: { type: "boolean", default: false },
  chromium: { type: "boolean", default: false },
  native: { type: "boolean", default: false },
  alone: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  json: { type: "string" },
  document: { type: "boolean", default: false },
};

/** Where the figures stand in docs/speed.md: what is lost and kept is measured apart, as it takes no quiet machine. */
const DOCUMENT = join(import.meta.dirname, "../../docs/speed.md");
const PLACES = {
  speed: ["<!-- figures: written by cargo xtask bench --document -->\n", "\n<!-- end of figures -->"],
  captures: ["<!-- captures: written by cargo xtask bench captures --document -->\n", "\n<!-- end of captures -->"],
};

function choose({ values, positionals }) {
  const all = Object.keys(PARTS);
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`there is no part named ${unknown}; there are ${all.join(", ")}`);
  const hosts = Object.keys(HOSTS).filter((host) => values[host]);
  const whole = positionals.length === 0 || positionals.join() === "captures";
  if (values.document && (values.quick || values.alone || hosts.length > 0 || !whole)) {
    throw new Error("--document writes the figures of a whole run, or of captures alone: nothing may be left out of it");
  }
  return {
    parts: positionals.length > 0 ? all.filter((part) => positionals.includes(part)) : all,
    hosts: hosts.length > 0 ? hosts : Object.keys(HOSTS),
    ...values,
  };
}

/** The commit that is measured, and whether anything differs from it. */
function commit() {
  const git = (...words) => execFileSync("git", words, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  try {
    return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " with changes"}`;
  } catch {
    return "unknown";
  }
}

/** The report with only these parts. */
function only(report, wanted) {
  const hosts = Object.entries(report.hosts).map(([name, { version, parts }]) => {
    return [name, { version, parts: Object.fromEntries(Object.entries(parts).filter(([part]) => wanted(part))) }];
  });
  return { ...report, hosts: Object.fromEntries(hosts.filter(([, { parts }]) => Object.keys(parts).length > 0)) };
}

async function write(report) {
  let text = await readFile(DOCUMENT, "utf8");
  for (const [place, [begin, end]] of Object.entries(PLACES)) {
    const figures = only(report, (part) => (part === "captures") === (place === "captures"));
    if (Object.keys(figures.hosts).length === 0) continue;
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end, from);
    if (from < begin.length || to < from) throw new Error(`docs/speed.md has no place for the figures of ${place}`);
    text = `${text.slice(0, from)}\n${document(figures)}\n${text.slice(to)}`;
  }
  await writeFile(DOCUMENT, text);
}

async function bench({ parts, hosts, quick, alone, json, document: intoDocument }) {
  const report = {
    at: new Date().toISOString().slice(0, 16).replace("T", " "),
    commit: commit(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${platform()} ${arch()}`,
    load: [loadavg()[0]],
    quick,
    hosts: {},
  };
  for (const name of hosts) {
    const here = parts.filter((part) => PARTS[part].includes(name));
    // Compiling criterion is no quick look at whether it works.
    if (here.length === 0 || (quick && name === "native")) continue;
    const host = await (await import(HOSTS[name])).start();
    report.hosts[name] = { version: host.version, parts: {} };
    try {
      for (const part of here) {
        const result = await host.run({ part, quick, alone: alone || quick });
        report.hosts[name].parts[part] = result;
        console.log(`\n${part} in ${host.version} (${facts(result.facts)})`);
        for (const one of result.results) console.log(`\n${table(one, quick)}`);
        for (const [rival, why] of Object.entries(result.missing)) console.log(`\n  without ${rival}: ${why}`);
      }
    } finally {
      await host.stop();
    }
  }
  report.load.push(loadavg()[0]);
  if (!alone && !quick) for (const [rival, why] of Object.entries(ABSENT)) console.log(`\nwithout ${rival}: ${why}`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (intoDocument) await write(report);
}

try {
  await bench(choose(parseArgs({ options: OPTIONS, allowPositionals: true })));
} catch (error) {
  console.error(`error: ${String(error.message).slice(-2_000)}`);
  process.exitCode = 1;
}
