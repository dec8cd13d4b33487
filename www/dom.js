// Making elements without HTML strings, so that no text can become markup.

/** An element with attributes and children. `on…` attributes are listeners; `false` and `null` are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

/** The one element with this id. */
export const byId = (id) => document.getElementById(id);

/** The one element that tests know by this name. */
export const byTest = (name) => document.querySelector(`[data-testid="${name}"]`);

/** Sets text only when it differs, so that nothing is announced or painted for no reason. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const THUMB = "M7 11v9H4v-9zm0 0 4-8c1.7 0 2.5 1.3 2.2 2.9L12.6 9H18a2 2 0 0 1 2 2.4l-1.3 7A2 2 0 0 1 16.7 20H7";

/** A thumb, up or down. */
export function thumbIcon(direction) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon", `icon-${direction}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", THUMB);
  svg.append(path);
  return svg;
}

/** 0.634 as "63 %", never split over two lines. */
export const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

/** A duration. Browsers round their clock to 0.1 ms, so less than that is not known. */
export const milliseconds = (took) => (took < 0.1 ? "under 0.1\u00a0ms" : `${took.toFixed(1)}\u00a0ms`);

/** "1 signal", "2 signals". */
export const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
