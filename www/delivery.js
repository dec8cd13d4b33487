// Where the signals are: queued, saved, acknowledged; and the button that sends them.
import { byId, byTest, count, setText } from "./dom.js";

/** Refusals in words. */
const REASONS = {
  share_refused: "You have not allowed sharing. Everything stays here.",
  no_endpoint: "This page was opened without a server. Everything stays here.",
  offline: "The server cannot be reached. Your signals wait here.",
};

/**
 * Fills the section and returns how to refresh it.
 * @param hooks { drawn(figures) }
 */
export function startDelivery(session, hooks) {
  const { fw } = session;
  const button = byId("sync-now");
  let saving = 0;
  let acknowledged = 0;
  let busy = false;

  button.addEventListener("click", () => send());
  session.events.addEventListener("said", ({ detail }) => {
    if (!detail.receipt) return;
    saving += 1;
    detail.receipt.saved.then(() => { saving -= 1; refresh(); });
    detail.receipt.acknowledged.then(refresh);
  });
  return { refresh, send };

  async function send() {
    if (busy) return;
    busy = true;
    refresh();
    setText(byId("sync-note"), "Sending…");
    try {
      const before = fw.status().version;
      const result = await fw.sync();
      setText(byId("sync-note"), outcome(result, before));
    } catch (error) {
      setText(byId("sync-note"), REASONS[error.code] ?? error.message);
    }
    busy = false;
    await refresh();
  }

  async function refresh() {
    const status = fw.status();
    acknowledged = await countAcknowledged(fw, acknowledged);
    const saved = Math.max(0, status.signals - saving);
    setText(byTest("queued"), String(status.queued));
    setText(byTest("saved"), String(saved));
    setText(byTest("acknowledged"), String(acknowledged));
    const version = byTest("version");
    version.dataset.version = String(status.version);
    setText(version, status.version > 0 ? `version ${status.version}` : "none yet");
    const storage = { indexeddb: "IndexedDB, on this device", memory: "memory only", opening: "opening…" };
    setText(byId("storage"), storage[status.storage] + (status.storageReason ? ` (${status.storageReason})` : ""));
    // A button that is switched off loses the focus, so one that works is only marked as busy.
    button.disabled = !session.online || status.consent.share !== "granted";
    byId("allow-sharing").hidden = !session.online || status.consent.share === "granted" || !status.consent.learn;
    button.setAttribute("aria-busy", String(busy));
    hooks.drawn({ ...status, saved, acknowledged });
  }
}

function outcome({ acknowledged, queued, version }, before) {
  if (queued > 0) return `${count(queued, "signal")} still waiting.`;
  if (acknowledged > 0 && version === before) return "Sent. The next weights are a few seconds away.";
  return version > 0 ? `Up to date with version ${version}.` : "Connected. Nobody has taught anything yet.";
}

/** Receipts end with the page, so the total is read from what is kept about the person. */
async function countAcknowledged(fw, before) {
  try {
    const { entries = [] } = await fw.export();
    return entries.filter((entry) => entry.delivery?.state === "acknowledged").length;
  } catch {
    return before;
  }
}
