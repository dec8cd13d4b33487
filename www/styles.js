// The choice that this page makes: in which style to answer.
import { ANSWERS, PROMPTS } from "./answers.js";

/** The task's name. One page can have several; each has its own base rate. */
export const SURFACE = "answer-style";

/** What can be chosen. Shared features (`length`, `tone`) let one verdict teach about several styles. */
export const STYLES = [
  { id: "short", name: "Short", features: { style: "short", length: "brief", tone: "plain" } },
  { id: "detailed", name: "Detailed", features: { style: "detailed", length: "long", tone: "plain" } },
  { id: "bullets", name: "Bullets", features: { style: "bullets", length: "medium", tone: "plain" } },
  { id: "example", name: "Example first", features: { style: "example", length: "medium", tone: "plain" } },
  { id: "friendly", name: "Friendly", features: { style: "friendly", length: "medium", tone: "warm" } },
  { id: "simple", name: "Like I’m five", features: { style: "simple", length: "medium", tone: "warm" } },
];

const CANDIDATES = STYLES.map(({ id, features }) => ({ id, features }));

/** What `fw.rank` is asked for a question. Nothing of the answer is in it: there is none yet. */
export function request(prompt) {
  return { surface: SURFACE, context: prompt.context, candidates: CANDIDATES };
}

/** The stub in place of a model: the answer to a question in a style. */
export function callModel(promptId, styleId) {
  return ANSWERS[promptId][styleId];
}

/** A question by its id. */
export function promptOf(id) {
  return PROMPTS.find((prompt) => prompt.id === id);
}

/** A style's name for people. */
export function nameOf(styleId) {
  return STYLES.find((style) => style.id === styleId)?.name ?? styleId;
}

const WORDS = {
  "length=brief": "brief answers",
  "length=medium": "medium length",
  "length=long": "long answers",
  "tone=plain": "a plain tone",
  "tone=warm": "a warm tone",
  "topic=code": "code",
  "topic=kitchen": "cooking",
  "topic=science": "science",
  "topic=money": "money",
  "kind=how-to": "how-tos",
  "kind=explain": "explanations",
};

/** A trait in words: `topic=code × style=short` is "Short, for code". Names that are not ours stay as they are. */
export function traitWords(feature) {
  const parts = feature.split(" × ").map(partWords);
  const words = parts.length === 2 ? `${parts[1]}, for ${parts[0]}` : parts[0];
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function partWords(part) {
  if (part === `${SURFACE} in general`) return "answers in general";
  const style = part.startsWith("style=") ? part.slice(6) : null;
  return style ? nameOf(style) : (WORDS[part] ?? part);
}

/** Whether a trait can change the order of styles: one that is only about the question raises all of them alike. */
export function decides(feature) {
  return /(style|length|tone)=/.test(feature);
}
