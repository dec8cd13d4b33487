// Figures for people: as text, and as the tables of docs/speed.md.

const digits = (number) => (number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2));
/** What is counted has no decimals. */
const counted = (unit) => unit === "" || unit.startsWith("of ");
const measured = (number, unit) => `${counted(unit) ? number.toFixed(0) : digits(number)} ${unit}`.trimEnd();

/** Median, quartiles, and the ratio of the least. */
function ratio(known) {
  if (known === undefined) return "";
  if (known.rounds === 1) return digits(known.median);
  return `${digits(known.median)} (${digits(known.q1)}–${digits(known.q3)}; ${digits(known.least)})`;
}

/** The cells of a case: a head, and a row for each contender. */
function cells({ contenders }) {
  const baselines = [...new Set(contenders.flatMap(({ ratios }) => Object.keys(ratios ?? {})))];
  const head = ["", "median", "quartiles", "least", ...baselines.map((name) => `÷ ${name}`)];
  const row = ({ name, unit, median, q1, q3, min, rounds, ratios = {} }) => [
    name,
    measured(median, unit),
    rounds > 1 ? `${digits(q1)}–${digits(q3)}` : "",
    rounds > 1 ? digits(min) : "",
    ...baselines.map((base) => ratio(ratios[base])),
  ];
  // What a call leaves to be done after it has returned.
  const rest = ({ name, unit, later }) => [`${name}, afterwards`, measured(later.median, unit), `${digits(later.q1)}–${digits(later.q3)}`, digits(later.min)];
  return [head, ...contenders.flatMap((one) => (one.later === undefined ? [row(one)] : [row(one), rest(one)]))];
}

/** What was to be reached, and whether it was; nothing where no goal was set. */
export function goal({ target, contenders }) {
  if (target === undefined) return undefined;
  const { median, unit, ratios, rounds } = contenders.find(({ name }) => name === (target.of ?? "flywheel"));
  if (target.to === undefined) {
    return { goal: `≤ ${measured(target.most, target.unit)}`, is: measured(median, unit), met: median <= target.most };
  }
  const known = ratios[target.to];
  const least = rounds > 1 ? `, least ${digits(known.least)}` : "";
  return { goal: `≤ ${target.ratio} × ${target.to}`, is: `${digits(known.median)} ×${least}`, met: known.median <= target.ratio };
}

/** One case as text. */
export function table(one, quick) {
  const rows = cells(one);
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  const cell = (text, at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]));
  const lines = rows.map((row) => `  ${row.map(cell).join("  ")}`.trimEnd());
  const reached = quick ? undefined : goal(one);
  if (reached) lines.push(`  goal ${reached.goal}: ${reached.is}, ${reached.met ? "met" : "missed"}`);
  return [one.case, ...lines].join("\n");
}

/** What is known beside the figures, on one line. */
export function facts(known) {
  return Object.entries(known)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "number" ? Number(value.toFixed(3)) : value}`)
    .join(", ");
}

const line = (row) => `| ${row.join(" | ")} |`;
const rule = (head) => line(head.map((_, at) => (at === 0 ? "---" : "---:")));

/** Most contenders that fit side by side. */
const SIDE_BY_SIDE = 7;

/** A part with a row for each case and a column for each contender; where that does not fit, a row for each instead. */
function markdown(results) {
  const names = [...new Set(results.flatMap(({ contenders }) => contenders.map(({ name }) => name)))];
  const find = (one, wanted) => one.contenders.find(({ name }) => name === wanted);
  const ours = (one) => find(one, "flywheel");
  if (names.length > SIDE_BY_SIDE || !results.every((one) => ours(one)?.ratios)) return listed(results);
  const bases = [...new Set(results.flatMap((one) => Object.keys(ours(one)?.ratios ?? {})))];
  const later = results.some((one) => ours(one)?.later);
  const head = ["", ...names, ...(later ? ["flywheel, afterwards"] : []), ...bases.map((base) => `flywheel ÷ ${base}`)];
  const row = (one) => [
    one.case,
    ...names.map((name) => find(one, name)).map((known) => (known ? measured(known.median, known.unit) : "")),
    ...(later ? [ours(one).later ? measured(ours(one).later.median, ours(one).unit) : ""] : []),
    ...bases.map((base) => ratio(ours(one)?.ratios[base])),
  ];
  return [line(head), rule(head), ...results.map((one) => line(row(one)))].join("\n");
}

function listed(results) {
  const head = ["", "median", "quartiles", "least"];
  const row = (what, { name, unit, median, q1, q3, min, rounds }) =>
    line([`${what}: ${name}`, measured(median, unit), ...(rounds > 1 ? [`${digits(q1)}–${digits(q3)}`, digits(min)] : ["", ""])]);
  const rows = results.flatMap((one) => one.contenders.map((contender) => row(one.case, contender)));
  return [line(head), rule(head), ...rows].join("\n");
}

/** The whole report for docs/speed.md. */
export function document({ at, machine, commit, load, hosts }) {
  const all = Object.entries(hosts).flatMap(([host, { version, parts }]) =>
    Object.entries(parts).map(([part, result]) => ({ host: version, part, ...result })),
  );
  const goals = all.flatMap(({ host, part, results }) =>
    results.flatMap((one) => {
      const reached = goal(one);
      return reached === undefined ? [] : [line([part, one.case, host, reached.goal, reached.is, reached.met ? "met" : "**missed**"])];
    }),
  );
  const versions = Object.assign({}, ...all.map(({ versions }) => versions));
  const sections = all.map(({ host, part, facts: known, results }) => `### ${part}, ${host}\n\n(${facts(known)})\n\n${markdown(results)}`);
  return [
    `Run at ${at} UTC, commit ${commit}, on ${machine}; load (processes that wanted a core, mean of a minute) ${load.map((one) => one.toFixed(1)).join(" at the start, ")} at the end. Rivals: ${facts(versions)}.`,
    ["| part | case | where | goal | is | |", "|---|---|---|---|---|---|", ...goals].join("\n"),
    ...sections,
  ].join("\n\n");
}
