// Draws an answer's text: paragraphs, lists, fenced and inline code. Nothing else is understood.
import { el } from "./dom.js";

/** The text as elements. */
export function draw(text) {
  const parts = text.split(/^```\n?/m);
  return parts.flatMap((part, at) => (at % 2 ? [el("pre", { tabindex: 0 }, el("code", {}, part.trimEnd()))] : prose(part)));
}

function prose(text) {
  const blocks = text.split(/\n{2,}/).map((block) => block.trim()).filter(Boolean);
  return blocks.map((block) => {
    const lines = block.split("\n");
    if (!lines.every((line) => line.startsWith("- "))) return el("p", {}, ...inline(block));
    return el("ul", {}, ...lines.map((line) => el("li", {}, ...inline(line.slice(2)))));
  });
}

function inline(text) {
  return text.split(/(`[^`\n]+`)/).map((part) => (/^`.+`$/.test(part) ? el("code", {}, part.slice(1, -1)) : part));
}
