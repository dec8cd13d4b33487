// Snowplow's browser tracker as it comes: an outbox in localStorage.
import { newTracker, trackSelfDescribingEvent } from "@snowplow/browser-tracker";

export async function open({ endpoint }) {
  newTracker("sp", endpoint, { appId: "bench", withCredentials: false, contexts: { webPage: false } });
  const schema = "iglu:bench/thumb/jsonschema/1-0-0";
  return { capture: (properties, text) => trackSelfDescribingEvent({ event: { schema, data: { ...properties, thumb: "up", text } } }) };
}
