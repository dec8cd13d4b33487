// Opens the headless Chromium that xtask found; never one that Playwright would download.
import { chromium } from "playwright-core";

/** The value of a variable that xtask sets, or an error that says how to get it. */
export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through cargo xtask (see tests/support/README.md)`);
  return value;
}

const launch = () => ({
  executablePath: required("CHROMIUM"),
  args: (process.env.CHROMIUM_ARGS ?? "").split(" ").filter(Boolean),
});

/** A browser whose contexts keep nothing; the caller closes it. */
export function open(options = {}) {
  return chromium.launch({ ...launch(), ...options });
}

/** A context whose storage stays in `folder`, for tests that restart the browser. */
export function openProfile(folder, options = {}) {
  return chromium.launchPersistentContext(folder, { ...launch(), ...options });
}

/** Collects what a page complains about; a test asserts that `complaints` is empty. */
export function listen(page) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error?.stack ?? error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return complaints;
}
