// `cargo xtask replay --browser FILE`: see HELP there. Ends with an error when the figures differ from the native
// replay's, or when not every signal is on the server exactly once.
import { parseArgs } from "node:util";
import { table } from "./figures.mjs";
import { difference, faults, replay } from "./replay.mjs";

/** Largest difference from the native replay. Both run the same core; only sums in another order may differ. */
const MOST = 1e-9;

const OPTIONS = {
  browser: { type: "string" },
  people: { type: "string" },
  limit: { type: "string" },
  "sync-every": { type: "string", default: "10" },
  json: { type: "boolean", default: false },
};

function whole(values, name) {
  const text = values[name];
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]*$/.test(text)) throw new Error(`--${name} must be a whole number from 1, not ${text}`);
  return Number(text);
}

let told = 0;
function progress(done, of) {
  const percent = Math.floor((done * 100) / of);
  if (percent < told + 10 && done < of) return;
  told = percent;
  console.error(`  ${percent} % of ${of} rows`);
}

function report(values, result, seconds) {
  const { browser, native, signals } = result;
  const compared = difference(browser, native);
  if (values.json) {
    const { log_loss, log_loss_late, auc, auc_within, accuracy, mean_reward } = native;
    const natively = { log_loss, log_loss_late, auc, auc_within, accuracy, mean_reward };
    const { people } = result;
    console.log(JSON.stringify({ file: values.browser, people, ...browser, native: natively, difference: compared, signals, seconds }));
    return;
  }
  console.log(`${values.browser} (${result.people} people)`);
  console.log(table({ browser, native }));
  for (const [name, value] of Object.entries(compared)) {
    if (name !== "events") console.log(`  ${name.padEnd(14)} browser − native: ${value.toExponential(2)}`);
  }
  const { given, acknowledged, on_server } = signals;
  console.log(`  ${given} signals given, ${acknowledged} acknowledged, ${on_server.stored} on the server, ${on_server.distinct} different`);
  console.log(`  ${seconds.toFixed(1)} s`);
}

try {
  const { values } = parseArgs({ options: OPTIONS });
  const file = values.browser;
  if (!file) throw new Error("usage: browser-replay.mjs --browser FILE [--people N] [--limit M] [--sync-every N] [--json]");
  const start = performance.now();
  const result = await replay({ file, people: whole(values, "people"), limit: whole(values, "limit"), syncEvery: whole(values, "sync-every"), progress });
  report(values, result, (performance.now() - start) / 1_000);
  const found = faults(result, MOST);
  for (const fault of found) console.error(`error: ${fault}`);
  process.exitCode = found.length > 0 ? 1 : 0;
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
