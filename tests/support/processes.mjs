// The processes of a Chromium, to be killed as a crash or the system's memory killer does it.

/** The process ids of one kind: "browser", "renderer", … */
export async function pids(browser, kind) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === kind).map(({ id }) => id);
}

/** Ends processes at once, without a word to them. */
export function kill(ids) {
  for (const id of ids) process.kill(id, "SIGKILL");
}
