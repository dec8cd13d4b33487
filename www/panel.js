// What the page has learned: the predicted score of each style, and the person's own taste.
import { reasonFor, scoresOf } from "./choice.js";
import { byId, el, percent, setText } from "./dom.js";
import { STYLES, decides, nameOf, traitWords } from "./styles.js";

/** Traits that are drawn. */
const TRAITS = 7;
/** The least that half of the profile's scale stands for, in logits. */
const SCALE = 1;

/** Fills both lists and returns how to refresh them. */
export function startPanel(session, choice) {
  const rows = new Map(STYLES.map((style) => [style.id, scoreRow(style)]));
  byId("scores").replaceChildren(...[...rows.values()].map((row) => row.node));
  const traitRows = Array.from({ length: TRAITS }, traitRow);
  const nothing = el("li", { class: "nothing" }, "Nothing yet. Give an answer a thumb.");
  byId("profile").replaceChildren(nothing, ...traitRows.map((row) => row.node));
  let before = new Map();

  return {
    /** Draws what would be chosen for this question now. */
    scores(prompt) {
      setText(byId("scores-about"), `“${prompt.text}”`);
      const decision = choice.look(prompt);
      const scores = scoresOf(decision);
      const best = likeliest(scores);
      let moved = false;
      for (const [id, row] of rows) {
        const key = `${prompt.id}:${id}`;
        const leads = best.length < scores.size && best.includes(id);
        moved = row.set(scores.get(id), before.get(key), leads) || moved;
        before.set(key, scores.get(id));
      }
      byId("scores-note").dataset.styles = best.join(" ");
      const note = noteFor(decision, best, session.fw.profile(1).length > 0);
      setText(byId("scores-note"), moved ? `${note} The thin marks are where they stood before.` : note);
      return { best: best.length === 1 ? best[0] : null, score: Math.max(...scores.values()) };
    },
    /** Draws the strongest traits. */
    profile() {
      const all = session.fw.profile(50);
      const traits = all.filter((trait) => decides(trait.feature)).sort(plainFirst).slice(0, TRAITS);
      const reach = Math.max(SCALE, ...traits.map((trait) => Math.abs(trait.weight) + trait.uncertainty));
      byId("profile").dataset.traits = JSON.stringify(all);
      nothing.hidden = traits.length > 0;
      traitRows.forEach((row, at) => row.set(traits[at], reach));
      return all.length;
    },
    /** What was drawn belongs to somebody who was forgotten. */
    reset() {
      before = new Map();
    },
  };
}

/** Strongest first, as they come; of equally strong ones those that hold everywhere before those of one topic. */
function plainFirst(a, b) {
  const strength = ({ weight, uncertainty }) => Math.round((100 * Math.abs(weight)) / uncertainty);
  const crossed = ({ feature }) => Number(feature.includes(" × "));
  return strength(b) - strength(a) || crossed(a) - crossed(b);
}

function likeliest(scores) {
  const top = Math.max(...scores.values());
  return [...scores].filter(([, score]) => score === top).map(([id]) => id);
}

function noteFor(decision, best, known) {
  if (best.length === decision.order.length) return "All alike so far: the next answer is picked at random.";
  if (best.length > 1) return `${best.map(nameOf).join(" and ")} lead together: one of them comes next.`;
  if (!known && decision.version > 0) {
    return `You have said nothing yet. ${nameOf(best[0])} leads by what others taught (version ${decision.version}).`;
  }
  if (decision.explored) return `${nameOf(decision.best)} comes next: ${reasonFor(decision)}.`;
  return `${nameOf(best[0])} comes next.`;
}

function scoreRow({ id, name }) {
  const fill = el("span", { class: "fill" });
  const was = el("span", { class: "was" });
  const value = el("span", { class: "value" });
  const node = el("li", { "data-testid": `score-${id}`, "data-style": id },
    el("span", { class: "name" }, name), el("span", { class: "track", "aria-hidden": "true" }, fill, was), value);
  return {
    node,
    set(score, earlier, best) {
      fill.style.setProperty("--share", String(score));
      was.style.setProperty("--share", String(earlier ?? score));
      const moved = earlier !== undefined && Math.abs(earlier - score) > 0.005;
      was.classList.toggle("moved", moved);
      setText(value, percent(score));
      node.dataset.score = String(score);
      node.classList.toggle("best", best);
      return moved;
    },
  };
}

function traitRow() {
  const name = el("span", { class: "name" });
  const band = el("span", { class: "band" });
  const bar = el("span", { class: "weight" });
  const mean = el("span");
  const spread = el("span", { class: "visually-hidden" });
  const value = el("span", { class: "value" }, mean, spread);
  const node = el("li", { hidden: true }, name, el("span", { class: "axis", "aria-hidden": "true" }, band, bar), value);
  return {
    node,
    set(trait, reach) {
      node.hidden = !trait;
      if (!trait) return;
      const { weight, uncertainty } = trait;
      setText(name, traitWords(trait.feature));
      node.title = trait.feature;
      node.classList.toggle("against", weight < 0);
      band.style.setProperty("--from", String((weight - uncertainty) / reach));
      band.style.setProperty("--width", String((2 * uncertainty) / reach));
      bar.style.setProperty("--width", String(Math.abs(weight) / reach));
      setText(mean, `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(2)}`);
      setText(spread, ` ± ${uncertainty.toFixed(2)}`);
    },
  };
}
