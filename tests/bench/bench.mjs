// `cargo xtask bench`: see HELP there. Each part runs in each host; figures go to stdout, and to a file as JSON.
import { writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { parseArgs } from "node:util";
import { facts, table } from "./table.mjs";

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
};

function choose({ values, positionals }) {
  const all = Object.keys(PARTS);
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`there is no part named ${unknown}; there are ${all.join(", ")}`);
  const hosts = Object.keys(HOSTS).filter((host) => values[host]);
  return {
    parts: positionals.length > 0 ? all.filter((part) => positionals.includes(part)) : all,
    hosts: hosts.length > 0 ? hosts : Object.keys(HOSTS),
    ...values,
  };
}

async function bench({ parts, hosts, quick, alone, json }) {
  const report = { at: new Date().toISOString(), machine: `${cpus().length} × ${cpus()[0]?.model}, ${platform()} ${arch()}`, quick, hosts: {} };
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
      }
    } finally {
      await host.stop();
    }
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
}

try {
  await bench(choose(parseArgs({ options: OPTIONS, allowPositionals: true })));
} catch (error) {
  console.error(`error: ${String(error.message).slice(-2_000)}`);
  process.exitCode = 1;
}
