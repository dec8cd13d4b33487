// Figures for people.

const digits = (number) => (number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2));

/** Rows in columns, the first to the left, the others to the right. */
function columns(rows) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  const cell = (text = "", at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]));
  return rows.map((row) => `  ${row.map(cell).join("  ")}`.trimEnd());
}

/** Whether the goal is met. */
function verdict({ ratios, median }, target) {
  if (target === undefined) return "";
  const [is, most] = target.to === undefined ? [median, target.most] : [ratios[target.to].median, target.ratio];
  const unit = target.to === undefined ? ` ${target.unit}`.trimEnd() : ` × ${target.to}`;
  return `  goal ≤ ${most}${unit}: ${is <= most ? "met" : "missed"}`;
}

/** Median, quartiles, and the ratio of the least. */
function ratio(known) {
  if (known === undefined) return "";
  return known.rounds === 1 ? digits(known.median) : `${digits(known.median)} (${digits(known.q1)}–${digits(known.q3)}; ${digits(known.least)})`;
}

/** One case: a line for each contender. */
export function table({ case: name, target, contenders }, quick) {
  const baselines = [...new Set(contenders.flatMap(({ ratios }) => Object.keys(ratios ?? {})))];
  const head = ["", "median", "quartiles", "least", "rounds", ...baselines.map((name) => `÷ ${name}`)];
  const rows = contenders.map(({ name, unit, median, q1, q3, min, rounds, ratios = {} }) => [
    name,
    `${digits(median)} ${unit}`.trimEnd(),
    rounds > 1 ? `${digits(q1)}–${digits(q3)}` : "",
    rounds > 1 ? digits(min) : "",
    String(rounds),
    ...baselines.map((base) => ratio(ratios[base])),
  ]);
  const lines = columns([head, ...rows]);
  const ours = contenders.findIndex(({ name }) => name === (target?.of ?? "flywheel"));
  if (ours >= 0 && !quick) lines[ours + 1] += verdict(contenders[ours], target);
  return [name, ...lines].join("\n");
}

/** What is known beside the figures, on one line. */
export function facts(known) {
  return Object.entries(known)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "number" ? Number(value.toFixed(3)) : value}`)
    .join(", ");
}
