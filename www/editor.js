// Correcting an answer in place.
import { el, percent, setText } from "./dom.js";

/**
 * A form with the text. `save` gets the new text and what Flywheel is told about it.
 * With consent to words that is both texts, a pair that trainers can use; without, only how much was changed.
 */
export function editor(before, mayShareWords, close, save) {
  const area = el("textarea", { "aria-label": "Your version of the answer", rows: 8, "data-testid": "edit-text" });
  area.value = before;
  const note = el("p", { class: "note", role: "status" });
  const accept = el("button", { class: "button primary", type: "submit", "data-testid": "edit-save" }, "Save");
  const refresh = () => {
    const share = shareEdited(before, area.value);
    accept.disabled = area.value.trim() === "" || area.value === before;
    setText(note, mayShareWords
      ? `${percent(share)} changed. Both versions count, as a pair: rather this than that.`
      : `${percent(share)} changed. Only that counts; your words stay in this browser.`);
  };
  area.addEventListener("input", refresh);
  refresh();
  const form = el("form", { class: "editor" }, area,
    el("div", { class: "row" }, accept, el("button", { class: "button quiet", type: "button", onclick: close }, "Cancel"), note));
  form.addEventListener("keydown", (event) => event.key === "Escape" && close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const corrected = area.value.trim();
    save(corrected, mayShareWords ? { shown: before, corrected } : { share: shareEdited(before, corrected) });
  });
  return form;
}

/** The share of words that differ, 0 to 1, whatever their order. */
export function shareEdited(before, after) {
  const words = (text) => text.split(/\s+/).filter(Boolean);
  const [old, now] = [words(before), words(after)];
  if (old.length + now.length === 0) return 0;
  const left = new Map();
  for (const word of old) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of now) {
    const count = left.get(word) ?? 0;
    if (count > 0) {
      common += 1;
      left.set(word, count - 1);
    }
  }
  return 1 - (2 * common) / (old.length + now.length);
}
