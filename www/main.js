// Opens Flywheel and connects the parts of the page.
import { Choice } from "./choice.js";
import { drawPrompts, startChat } from "./chat.js";
import { startControls } from "./controls.js";
import { startDelivery } from "./delivery.js";
import { byId, count, milliseconds, percent, setText } from "./dom.js";
import { startLoop } from "./loop.js";
import { startPanel } from "./panel.js";
import { openSession } from "./session.js";
import { nameOf } from "./styles.js";

async function start() {
  drawPrompts();
  const session = await openSession();
  const { fw, events } = session;
  const choice = new Choice(fw);
  const loop = startLoop();
  const panel = startPanel(session, choice);
  const chat = startChat(session, choice, { asked: () => panel.scores(chat.latest()), report });
  const delivery = startDelivery(session, { drawn: figures });
  const controls = startControls(session, { changed, forgotten, report });
  let took = null;
  let sent = null;
  let seen = null;

  setText(byId("person"), `person ${session.person}`);
  byId("first").hidden = session.person === 1;
  byId("someone-else").href = `?person=${session.next}`;

  events.addEventListener("said", ({ detail }) => {
    took = detail.took;
    loop.light("capture");
    loop.light("learn");
    detail.receipt?.saved.then((state) => state === "saved" && loop.light("journal"));
    const { best, score } = redraw();
    if (best) setText(byId("announce"), `Learned. ${nameOf(best)} comes next, at ${percent(score)}.`);
  });
  fw.on("weights", ({ version }) => {
    setText(byId("sync-note"), `Version ${version} has arrived.`);
    loop.light("weights");
    redraw();
    delivery.refresh();
  });
  fw.on("status", (status) => {
    if (status.inFlight > 0) loop.light("sync");
    delivery.refresh();
  });
  fw.on("error", report);
  // Closing is left to Flywheel: it saves and sends by itself when the page is left.

  redraw();
  await delivery.refresh();
  chat.setLearning(fw.status().consent.learn);
  const ready = byId("ready");
  ready.dataset.ready = "true";
  setText(ready, session.online ? "Ready" : "Ready, without a server");

  function redraw() {
    choice.outdate();
    const known = panel.profile();
    const when = took === null ? "" : `, in ${milliseconds(took)}`;
    loop.figure("learn", known > 0 ? `${count(known, "trait")} of you${when}` : "nothing learned yet", known > 0);
    return panel.scores(chat.latest());
  }

  function figures({ signals, saved, acknowledged, queued, version, consent }) {
    loop.figure("capture", signals > 0 ? `${count(signals, "signal")} so far` : "nothing said yet", signals > 0);
    loop.figure("journal", saved > 0 ? `${count(saved, "signal")} kept here` : "empty", saved > 0);
    const held = consent.share === "granted" ? "waiting" : "held back";
    const idle = acknowledged > 0 ? `${count(acknowledged, "signal")} acknowledged` : "nothing to send";
    loop.figure("sync", queued > 0 ? `${count(queued, "signal")} ${held}` : idle, acknowledged > 0);
    loop.figure("weights", version > 0 ? `version ${version}` : "none yet", version > 0);
    // Other tabs of this person teach this page, too.
    if (seen !== null && signals !== seen) redraw();
    seen = signals;
    // Also what an earlier visit said and this one has sent.
    if (sent !== null && acknowledged > sent) loop.light("sync");
    sent = acknowledged;
  }

  function changed(purpose, allowed) {
    chat.setLearning(fw.status().consent.learn);
    redraw();
    delivery.refresh();
    if (purpose === "share" && allowed) delivery.send();
  }

  function forgotten() {
    chat.clear();
    panel.reset();
    redraw();
    delivery.refresh();
  }
}

function report(error) {
  setText(byId("sync-note"), error.code ? `${error.message} (${error.code})` : String(error.message ?? error));
}

start().catch((error) => {
  setText(byId("ready"), "Could not open");
  report(error);
  throw error;
});
