// One part in this process; in-node.mjs starts it and takes what it sends.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { required } from "../support/browser.mjs";
import { runPart } from "./host.mjs";

const { part, quick, rivals } = JSON.parse(process.argv[2]);
const pkg = required("FLYWHEEL_PKG");
const slim = await import(pathToFileURL(join(pkg, "slim.js")));

/** Loads when it is opened first, as the usual entry does. */
async function open(options) {
  await slim.init(readFile(join(pkg, "flywheel_bg.wasm")));
  return slim.Flywheel.open(options);
}

const addresses = rivals.map(({ name, file }) => ({ name, address: pathToFileURL(file).href }));
process.send(await runPart(await import(`./${part}.mjs`), { sdk: { Flywheel: { open } }, quick, rivals: addresses }));
