// PostHog with what else it does by itself switched off: autocapture, page views, recordings, flags, surveys.
import posthog from "posthog-js";

export async function open({ endpoint }) {
  posthog.init("phc_bench", {
    api_host: endpoint,
    autocapture: false,
    capture_pageview: false,
    capture_pageleave: false,
    capture_performance: false,
    capture_exceptions: false,
    disable_session_recording: true,
    disable_surveys: true,
    disable_external_dependency_loading: true,
    advanced_disable_flags: true,
    // It leaves out what a robot does, and takes a headless browser for one.
    opt_out_useragent_filter: true,
  });
  return { capture: (properties, text) => void posthog.capture("thumb", { ...properties, thumb: "up", text }) };
}
