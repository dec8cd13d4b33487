// The same rows through the public API in a browser and natively: the same figures. With outside data:
// `cargo xtask replay --browser FILE`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { auc } from "../replay/figures.mjs";
import { faults, replay } from "../replay/replay.mjs";
import { required } from "../support/browser.mjs";

const MOST = 1e-9;

test("a synthetic log of 3 people × 60 rows in a browser equals the native replay", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "flywheel-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "tastes.jsonl");
  const words = ["--people", "3", "--thumbs", "30", "--rounds", "30", "--spread", "2", "--seed", "5", "--out", file];
  execFileSync(required("FLYWHEEL_BIN"), ["synth", ...words]);
  const result = await replay({ file, syncEvery: 7 });
  assert.deepEqual(faults(result, MOST), []);
  assert.deepEqual([result.people, result.rows, result.signals.given], [3, 180, 180]);
  const { log_loss, mean_reward } = result.browser;
  // Even chances have ln 2, and choosing blindly is worth a half.
  assert.ok(log_loss < Math.LN2 && mean_reward > 0.55, `log-loss ${log_loss}, mean reward ${mean_reward}`);

  // What the comparison is for: it must see a difference.
  const { native, signals, complaints } = result;
  const off = { ...result.browser, log_loss: log_loss + 2 * MOST };
  assert.equal(faults({ browser: off, native, signals, complaints }, MOST).length, 1);
  const lost = { ...signals, on_server: { ...signals.on_server, distinct: 179 } };
  assert.equal(faults({ browser: result.browser, native, signals: lost, complaints }, MOST).length, 1);
});

test("the area under the ROC curve of known orders", () => {
  const of = (...rows) => auc(rows.map(([p, y]) => ({ p, y })));
  assert.equal(of([0.1, 0], [0.9, 1]), 1);
  assert.equal(of([0.9, 0], [0.1, 1]), 0);
  assert.equal(of([0.5, 0], [0.5, 1]), 0.5);
  assert.equal(of([0.1, 0], [0.4, 1], [0.35, 0], [0.3, 1]), 0.75);
  assert.equal(of([0.5, 1]), undefined);
});
