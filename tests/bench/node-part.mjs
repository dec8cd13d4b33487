// One part in this process; in-node.mjs starts it and takes what it sends.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { required } from "../support/browser.mjs";
import { PLAN, QUICK } from "./measure.mjs";

const { part, quick } = JSON.parse(process.argv[2]);
const pkg = required("FLYWHEEL_PKG");
const sdk = await import(pathToFileURL(join(pkg, "slim.js")));
await sdk.init(readFileSync(join(pkg, "flywheel_bg.wasm")));
const { run } = await import(`./${part}.mjs`);
process.send(await run({ sdk, plan: quick ? QUICK : PLAN }));
