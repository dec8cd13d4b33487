// What both hosts give a part; runs in Node and in a page.
import { PLAN, QUICK } from "./measure.mjs";

/**
 * Runs a part with what it needs.
 * @param {object} module the part's
 * @param {{ sdk: object, quick: boolean, rivals: { name: string, address: string }[] }} options
 */
export async function runPart({ run }, { sdk, quick, rivals }) {
  const loaded = [];
  for (const { name, address } of rivals) {
    const module = await import(address);
    loaded.push({ name, open: module.open ?? module.default.open });
  }
  return run({ sdk, quick, plan: quick ? QUICK : PLAN, rivals: loaded });
}
