// Who is here, and their Flywheel.
import { Flywheel } from "flywheel-sdk/insight";
import { lastPerson } from "./store.js";

/** Opens Flywheel for the person in the address (`?person=2`), as a stranger's page would. */
export async function openSession() {
  const person = Math.max(1, Math.trunc(Number(new URLSearchParams(location.search).get("person"))) || 1);
  const server = await readServer();
  // The server knows the app by the key, so everybody shares its weights; the name only keeps people's
  // profiles apart in this browser.
  const name = server?.app ?? "demo";
  const app = person === 1 ? name : `${name}-${person}`;
  const fw = await Flywheel.open({
    app,
    ...(server ? { endpoint: location.origin, key: server.key } : {}),
    // Seconds instead of minutes, because here somebody is watching.
    sync: { refreshMs: 4_000 },
    consent: { learn: true, share: "ask", text: false },
  });
  return { fw, app, person, next: Math.max(person, lastPerson(name)) + 1, online: server !== null, events: new EventTarget() };
}

/** The server's `demo.json`; without it the page works alone, on this device. */
async function readServer() {
  try {
    const response = await fetch("demo.json", { cache: "no-store" });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/**
 * Says something about a decision, and tells the page that it was said.
 * Returns what `call` returned and the milliseconds it took, in which the model has learned.
 */
export function say(session, call) {
  const start = performance.now();
  const result = call(session.fw);
  const took = performance.now() - start;
  const receipt = "saved" in result ? result : null;
  session.events.dispatchEvent(new CustomEvent("said", { detail: { receipt, took } }));
  return { result, took };
}
