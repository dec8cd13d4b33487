// What the person allows, and what belongs to them: consent, export, being forgotten.
import { byId, el, setText } from "./dom.js";

/**
 * Connects the switches and buttons.
 * @param hooks { changed(): consent changed; forgotten(): everything was forgotten; report(error) }
 */
export function startControls(session, hooks) {
  const { fw } = session;
  const switches = { learn: byId("allow-learn"), share: byId("allow-share"), text: byId("allow-text") };

  for (const [purpose, box] of Object.entries(switches)) {
    box.addEventListener("change", async () => {
      try {
        await fw.consent({ [purpose]: box.checked });
        if (purpose === "learn" && !box.checked) hooks.forgotten();
      } catch (error) {
        hooks.report(error);
      }
      refresh();
      hooks.changed(purpose, box.checked);
    });
  }
  // The same choice where it is missed.
  byId("allow-sharing").addEventListener("click", () => switches.share.click());
  byId("export").addEventListener("click", save);
  byId("forget").addEventListener("click", askThenForget);
  refresh();
  return { refresh };

  function refresh() {
    const { consent } = fw.status();
    switches.learn.checked = consent.learn;
    switches.share.checked = consent.share === "granted";
    switches.text.checked = consent.text;
    switches.learn.disabled = false;
    switches.share.disabled = !session.online || !consent.learn;
    switches.text.disabled = !consent.learn;
    byId("export").disabled = false;
    byId("forget").disabled = false;
    setText(byId("share-note"), shareNote(consent));
  }

  function shareNote({ share }) {
    if (!session.online) return "There is no server behind this page right now.";
    if (share === "granted") return "The next person starts better because of you.";
    if (share === "denied") return "Refused. Nothing leaves this device.";
    return "Not decided. Until you say yes, everything stays here.";
  }

  async function save() {
    try {
      const file = new Blob([JSON.stringify(await fw.export(), null, 2)], { type: "application/json" });
      const link = el("a", { href: URL.createObjectURL(file), download: `flywheel-${session.app}.json` });
      link.click();
      URL.revokeObjectURL(link.href);
      setText(byId("data-note"), "Saved as a file.");
    } catch (error) {
      hooks.report(error);
    }
  }

  /** The first press asks, the second does it; leaving the button takes the question back. */
  async function askThenForget({ currentTarget: button }) {
    if (button.dataset.sure !== "true") {
      button.dataset.sure = "true";
      setText(button, "Really forget?");
      setText(byId("data-note"), "Press once more: here and on the server.");
      button.addEventListener("blur", () => calm(button), { once: true });
      return;
    }
    try {
      await fw.forget();
      hooks.forgotten();
      setText(byId("data-note"), "Forgotten.");
    } catch (error) {
      hooks.report(error);
    }
    calm(button);
    refresh();
  }

  function calm(button) {
    delete button.dataset.sure;
    setText(button, "Forget me");
  }
}
