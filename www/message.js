// One answer with everything that can be said about it.
import { reasonFor, scoresOf } from "./choice.js";
import { el, milliseconds, percent, setText, thumbIcon } from "./dom.js";
import { editor } from "./editor.js";
import { say } from "./session.js";
import { callModel, nameOf } from "./styles.js";
import { draw } from "./text.js";

/**
 * The card of an answer. `message` is plain data: { prompt, decision, text?, said? }.
 * @param hooks { keep(): the message changed; again(): another attempt is wanted }
 */
export function messageCard(session, message, hooks) {
  const { decision } = message;
  const shown = () => message.text ?? callModel(message.prompt, decision.best);
  const body = el("div", { class: "answer-body", "data-testid": "answer", "data-style": decision.best, "data-decision": decision.id });
  const verdict = el("p", { class: "verdict", "data-testid": "receipt", "aria-live": "off" });
  const up = thumbButton("up");
  const down = thumbButton("down");
  const again = action("Try again", "regenerate", () => hooks.again());
  const edit = action("Edit", "edit", startEdit);
  const compare = action("Compare", "compare", startCompare);
  const extra = el("div", { class: "extra" });
  const card = el("article", { class: "answer", tabindex: -1, "aria-label": `Answer, ${nameOf(decision.best)}` },
    head(decision), body, extra,
    el("div", { class: "actions" }, up, down, again, edit, compare, verdict));

  refresh();
  return { node: card, settle, disable };

  function thumbButton(direction) {
    const label = direction === "up" ? "Good answer" : "Bad answer";
    const onclick = () => {
      const pressed = message.said === direction;
      tell(pressed ? null : direction, (fw) => fw.thumb(decision, pressed ? null : direction));
    };
    return el("button", { class: "icon-button", "data-testid": `thumb-${direction}`, "aria-label": label, title: label, onclick }, thumbIcon(direction));
  }

  /** Says it, and follows the receipt on its way. */
  function tell(said, call) {
    let learned;
    try {
      learned = say(session, call);
    } catch (error) {
      return setText(verdict, error.message);
    }
    message.said = said;
    hooks.keep();
    refresh();
    follow(learned.result, learned.took);
  }

  function follow(receipt, took) {
    const first = message.said === null ? "Taken back" : `Learned in ${milliseconds(took)}`;
    const then = (word) => setText(verdict, `${first} · ${word}`);
    setText(verdict, first);
    receipt.saved.then((state) => {
      if (receipt.state === "acknowledged") return;
      then({ saved: "saved", memory: "in memory only", dropped: `dropped: ${receipt.reason}` }[state]);
    });
    receipt.acknowledged.then((state) => {
      if (state === "acknowledged") then("acknowledged");
      if (state === "dropped") then(`dropped: ${receipt.reason}`);
    });
  }

  function refresh() {
    body.replaceChildren(...draw(shown()));
    up.setAttribute("aria-pressed", String(message.said === "up"));
    down.setAttribute("aria-pressed", String(message.said === "down"));
    const words = { edited: "Edited by you", again: "You asked for another" };
    setText(verdict, words[message.said] ?? (message.preferred && message.said === "preferred" ? `You preferred ${nameOf(message.preferred)}` : ""));
    again.hidden = Boolean(message.followed);
  }

  /** A later attempt followed: the wish for another was said. */
  function settle() {
    message.followed = true;
    message.said ??= "again";
    refresh();
  }

  function startEdit() {
    const before = shown();
    const close = () => {
      extra.replaceChildren();
      body.hidden = false;
      edit.focus();
    };
    body.hidden = true;
    extra.replaceChildren(editor(before, session.fw.status().consent.text, close, (corrected, correction) => {
      close();
      message.text = corrected;
      tell("edited", (fw) => fw.correct(decision, correction));
    }));
    extra.querySelector("textarea").focus({ preventScroll: true });
    extra.scrollIntoView({ block: "nearest" });
  }

  function startCompare() {
    const [first, second] = decision.order;
    const close = () => {
      extra.replaceChildren();
      body.hidden = false;
      compare.focus();
    };
    const side = (id) => el("div", { class: "side" },
      el("h3", {}, nameOf(id)), el("div", { class: "answer-body" }, ...draw(callModel(message.prompt, id))),
      el("button", { class: "button", "data-testid": `prefer-${id}`, onclick: () => {
        close();
        message.preferred = id;
        message.text = callModel(message.prompt, id);
        tell("preferred", (fw) => fw.prefer(decision, id));
      } }, "This one"));
    body.hidden = true;
    extra.replaceChildren(el("div", { class: "compare" }, side(first), side(second)),
      el("button", { class: "button quiet", onclick: close }, "Neither"));
    extra.querySelector("button").focus({ preventScroll: true });
    extra.scrollIntoView({ block: "nearest" });
  }

  function disable(off) {
    for (const button of card.querySelectorAll(".actions button")) button.disabled = off;
  }
}

function head(decision) {
  const score = scoresOf(decision).get(decision.best);
  const attempt = decision.attempt > 1 ? `Attempt ${decision.attempt}. ` : "";
  return el("header", {},
    el("span", { class: "tag" }, nameOf(decision.best)),
    el("span", { class: "why" }, `${attempt}Chosen before the call: ${reasonFor(decision)} (${percent(score)})`));
}

function action(label, test, onclick) {
  return el("button", { class: "button quiet", "data-testid": test, onclick }, label);
}
