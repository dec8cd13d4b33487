// How long the main thread of a Chromium page was busy without a pause.

/**
 * Runs `work`; gives what it returns as `value`, and the longest task of a page's main thread meanwhile, in milliseconds
 * of processor time: a task that a busy machine made to wait is no longer for that.
 */
export async function longest(page, work) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline"] } });
  const value = await work();
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const place = ({ pid, tid }) => `${pid}.${tid}`;
  const main = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(place));
  const tasks = events.filter((event) => event.name === "RunTask" && event.tdur !== undefined && main.has(place(event)));
  if (tasks.length === 0) throw new Error("the trace has no task");
  return { value, task: Math.max(...tasks.map(({ tdur }) => tdur)) / 1_000 };
}
