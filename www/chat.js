// The conversation: questions, answers in a chosen style, and further attempts.
import { PROMPTS } from "./answers.js";
import { byId, el } from "./dom.js";
import { messageCard } from "./message.js";
import { say } from "./session.js";
import { dropMessages, keepMessages, messages } from "./store.js";
import { promptOf } from "./styles.js";

/** Shows the questions before anything is open, so that nothing moves when they begin to work. */
export function drawPrompts() {
  byId("prompts").replaceChildren(...PROMPTS.map(({ id, text }) =>
    el("button", { class: "prompt", "data-testid": `prompt-${id}`, "data-prompt": id, disabled: true }, text)));
}

/**
 * Fills the chat.
 * @param hooks { asked(prompt): a question was asked; report(error) }
 */
export function startChat(session, choice, hooks) {
  const log = byId("log");
  const empty = byId("log-empty");
  let list = messages(session.app).filter(({ prompt, decision }) => promptOf(prompt) && decision?.order);
  let cards = [];
  let latest = promptOf(list.at(-1)?.prompt) ?? PROMPTS[0];
  let off = false;

  const keep = () => session.fw.status().consent.learn && keepMessages(session.app, list);

  for (const button of byId("prompts").children) {
    button.addEventListener("click", () => ask(promptOf(button.dataset.prompt)));
    button.disabled = false;
  }
  list.forEach((message) => show(message));
  log.scrollTop = log.scrollHeight;

  return {
    /** The question that was asked last. */
    latest: () => latest,
    /** Empties the conversation. */
    clear() {
      list = [];
      cards = [];
      dropMessages(session.app);
      log.replaceChildren(empty);
    },
    /** Without learning no decision is kept, so there is nothing to say about its answer, now or later. */
    setLearning(learning) {
      off = !learning;
      cards.forEach((card) => card.disable(off));
      if (off) cards = [];
    },
  };

  function ask(prompt) {
    try {
      add({ prompt: prompt.id, decision: choice.take(prompt), said: null });
    } catch (error) {
      return hooks.report(error);
    }
    hooks.asked(prompt);
  }

  /** Another attempt: what was shown was not wanted. */
  function again(message, card) {
    let decision;
    try {
      decision = say(session, (fw) => fw.regenerate(message.decision)).result;
    } catch (error) {
      return hooks.report(error);
    }
    card.settle();
    add({ prompt: message.prompt, decision, said: null });
    // The button that was pressed is gone; the focus goes where it led.
    log.lastElementChild.focus({ preventScroll: true });
    hooks.asked(promptOf(message.prompt));
  }

  function add(message) {
    latest = promptOf(message.prompt);
    if (!off) list.push(message);
    keep();
    show(message);
    scrollTo(log.lastElementChild);
  }

  function show(message) {
    empty.remove();
    if (message.decision.attempt === 1) log.append(el("p", { class: "question" }, promptOf(message.prompt).text));
    const card = messageCard(session, message, { keep, again: () => again(message, card) });
    card.disable(off);
    if (!off) cards.push(card);
    log.append(card.node);
  }

  /** Shows the new answer from its question on. */
  function scrollTo(node) {
    const from = node.previousElementSibling?.matches(".question") ? node.previousElementSibling : node;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    log.scrollTo({ top: from.offsetTop - log.offsetTop - 16, behavior: calm ? "auto" : "smooth" });
  }
}
