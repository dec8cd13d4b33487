// How good predictions and choices were: the figures of server/src/replay/metrics.rs, from what the page said.

/** Log-loss in nats of predicting `p` when `y` came; as `log_loss` in core/src/math.rs. */
function logLoss(p, y) {
  const kept = Math.min(Math.max(p, 1e-15), 1 - 1e-15);
  return -(y * Math.log(kept) + (1 - y) * Math.log(1 - kept));
}

function mean(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length > 0 ? sum / values.length : undefined;
}

/** Area under the ROC curve by ranks, ties counted half. Outcomes from ½ up are good. */
export function auc(rows) {
  const sorted = rows.map(({ p, y }) => ({ p, good: y >= 0.5 })).sort((a, b) => a.p - b.p);
  const good = sorted.filter((row) => row.good).length;
  const bad = sorted.length - good;
  if (good === 0 || bad === 0) return undefined;
  let sum = 0;
  let below = 0;
  for (let at = 0; at < sorted.length; ) {
    let up = 0;
    let down = 0;
    const { p } = sorted[at];
    for (; at < sorted.length && sorted[at].p === p; at++) sorted[at].good ? up++ : down++;
    sum += up * (below + down / 2);
    below += down;
  }
  return sum / (good * bad);
}

/**
 * All figures, under the names of `flywheel replay --json`.
 * @param {{ predictions: { p: number, y: number, user: string }[], pairs: number[], rewards: number[] }} tally
 *   `pairs`: 1 for each pair in the right order, ½ for a tie.
 */
export function figures({ predictions, pairs, rewards }) {
  const losses = predictions.map(({ p, y }) => logLoss(p, y));
  const people = groupBy(predictions, (row) => row.user);
  return {
    events: predictions.length + pairs.length + rewards.length,
    log_loss: mean(losses),
    log_loss_late: mean(losses.slice(Math.floor(losses.length / 2))),
    auc: auc(predictions),
    auc_within: mean([...people.values()].map(auc).filter((area) => area !== undefined)),
    accuracy: mean(pairs),
    mean_reward: mean(rewards),
  };
}

/** `Map.groupBy`, which Node 20 does not have. */
function groupBy(rows, of) {
  const all = new Map();
  for (const row of rows) {
    const key = of(row);
    if (!all.has(key)) all.set(key, []);
    all.get(key).push(row);
  }
  return all;
}

const COLUMNS = [
  ["events", "events", 7],
  ["log_loss", "log-loss", 9],
  ["log_loss_late", "late", 9],
  ["auc", "AUC", 9],
  ["auc_within", "AUC within", 11],
  ["accuracy", "accuracy", 9],
  ["mean_reward", "mean reward", 12],
];

/** Figures as `flywheel replay` prints them, a line for each name. */
export function table(lines) {
  const cell = (value, width) =>
    (value == null ? "–" : Number.isInteger(value) && width === 7 ? String(value) : value.toFixed(4)).padStart(width);
  const row = (name, cells) => `  ${name.padEnd(12)} ${cells.join(" ")}`;
  const text = [row("", COLUMNS.map(([, title, width]) => title.padStart(width)))];
  for (const [name, of] of Object.entries(lines)) {
    text.push(row(name, COLUMNS.map(([field, , width]) => cell(of[field], width))));
  }
  return text.join("\n");
}
