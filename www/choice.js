// Which style comes next: asks `fw.rank`, and asks again only when something was learned in between.
import { request } from "./styles.js";

export class Choice {
  #fw;
  /** The latest decision about each question, and whether its answer was shown. */
  #latest = new Map();

  constructor(fw) {
    this.#fw = fw;
  }

  /** What would be chosen now; the decision is the one that the next `take` uses. */
  look(prompt) {
    return this.#fresh(prompt).decision;
  }

  /** Chooses, for an answer that will be shown. */
  take(prompt) {
    let entry = this.#fresh(prompt);
    if (entry.shown) entry = this.#rank(prompt);
    entry.shown = true;
    return entry.decision;
  }

  /** Something was learned: earlier decisions no longer say what would be chosen. */
  outdate() {
    this.#latest.clear();
  }

  #fresh(prompt) {
    return this.#latest.get(prompt.id) ?? this.#rank(prompt);
  }

  #rank(prompt) {
    const entry = { decision: this.#fw.rank(request(prompt)), shown: false };
    this.#latest.set(prompt.id, entry);
    return entry;
  }
}

/** The predicted share of good outcomes of each style, by its id. */
export function scoresOf(decision) {
  return new Map(decision.order.map((id, place) => [id, decision.scores[place]]));
}

/** Why this style, in a few words. */
export function reasonFor(decision) {
  const scores = [...scoresOf(decision).values()];
  const top = Math.max(...scores);
  const tied = scores.filter((score) => score === top).length;
  if (decision.unready) return "the first of the list: the profile was still being read";
  if (decision.explored) return "picked at random, as 2\u00a0% are, to keep learning";
  if (tied > 1) return `picked at random: ${tied} styles look equally good`;
  return `the likeliest of ${scores.length} to please you`;
}
