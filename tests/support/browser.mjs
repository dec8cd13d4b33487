// Opens the headless browser that xtask found; never one that Playwright would download.
import { chromium, firefox } from "playwright-core";

/** The value of a variable that xtask sets, or an error that says how to get it. */
export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through cargo xtask (see tests/support/README.md)`);
  return value;
}

/** Arguments of a headless run here. */
const args = () => (process.env.CHROMIUM_ARGS ?? "").split(" ").filter(Boolean);

/** How each is started. Firefox is the system's own, by WebDriver BiDi; not a build of Playwright's. */
const LAUNCH = {
  chromium: ({ also, without }) =>
    chromium.launch({ executablePath: required("CHROMIUM"), args: [...args(), ...also], ignoreDefaultArgs: without }),
  firefox: ({ also }) => firefox.launch({ channel: "moz-firefox", executablePath: required("FIREFOX"), args: also }),
};

/**
 * A browser whose contexts keep nothing; the caller closes it. `FLYWHEEL_BROWSER` says which one, Chromium if it is not
 * set. `also`: more arguments; `without`: those of Playwright's own that Chromium is not given.
 */
export function open({ also = [], without = [] } = {}) {
  return LAUNCH[process.env.FLYWHEEL_BROWSER ?? "chromium"]({ also, without });
}

/** A Chromium context whose storage stays in `folder`, for tests that restart the browser. */
export function openProfile(folder) {
  return chromium.launchPersistentContext(folder, { executablePath: required("CHROMIUM"), args: args() });
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
