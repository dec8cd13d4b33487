// Reads a replay log as server/src/replay/log.rs does.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

/** All rows of a file, gzip if its name ends in `.gz`. */
export async function read(file) {
  const bytes = createReadStream(file);
  const plain = file.endsWith(".gz") ? bytes.pipe(createGunzip()) : bytes;
  // Reading has its own errors, which a pipe does not pass on.
  bytes.on("error", (error) => plain.destroy(error));
  const rows = [];
  for await (const line of createInterface({ input: plain, crlfDelay: Infinity })) {
    if (line.trim() !== "") rows.push({ user: "", ...JSON.parse(line) });
  }
  return rows;
}

/**
 * The first `limit` rows of the first `people` people. Where these have fewer rows than that, whoever said least makes
 * room for the next one who said more, until there are enough.
 */
export function select(rows, people = Infinity, limit = Infinity) {
  const said = new Map();
  for (const { user } of rows) said.set(user, (said.get(user) ?? 0) + 1);
  const order = [...said.keys()];
  const crowd = order.slice(0, people);
  if (limit !== Infinity) {
    for (const next of order.slice(people)) {
      if (crowd.reduce((sum, user) => sum + said.get(user), 0) >= limit) break;
      const least = crowd.reduce((least, user, at) => (said.get(user) < said.get(crowd[least]) ? at : least), 0);
      if (said.get(crowd[least]) < said.get(next)) crowd[least] = next;
    }
  }
  const chosen = new Set(crowd);
  return rows.filter(({ user }) => chosen.has(user)).slice(0, limit);
}

/** Rows in groups: consecutive rows of one `group` are all predicted before any of them is learned. */
export function groups(rows) {
  const all = [];
  for (const row of rows) {
    const last = all.at(-1);
    if (row.group != null && last?.[0].group === row.group) last.push(row);
    else all.push([row]);
  }
  return all;
}
