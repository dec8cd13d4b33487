// Segment's analytics-next, with the settings that it would fetch.
import { AnalyticsBrowser } from "@segment/analytics-next";

export async function open({ endpoint }) {
  const { host } = new URL(endpoint);
  const [analytics] = await AnalyticsBrowser.load(
    { writeKey: "bench", cdnSettings: { integrations: { "Segment.io": { apiKey: "bench", apiHost: `${host}/segment`, protocol: "http" } } } },
    { integrations: { "Segment.io": { apiHost: `${host}/segment`, protocol: "http" } } },
  );
  return { capture: (properties, text) => void analytics.track("thumb", { ...properties, thumb: "up", text }) };
}
