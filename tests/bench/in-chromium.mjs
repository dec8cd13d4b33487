// Parts in a browser, each in a context of its own: a new process, an empty profile.
import { open, required } from "../support/browser.mjs";
import { serve } from "../support/static.mjs";

/** What runs in the page; sent there whole. */
async function inPage({ part, quick }) {
  const [sdk, { run }, { PLAN, QUICK }] = await Promise.all(
    ["flywheel-sdk", `/bench/${part}.mjs`, "/bench/measure.mjs"].map((name) => import(name)),
  );
  return run({ sdk, plan: quick ? QUICK : PLAN });
}

/** A browser and a server of files on loopback; `run` gives what the part gives. */
export async function start() {
  const server = await serve(import.meta.dirname, { "/pkg/": required("FLYWHEEL_PKG"), "/bench/": import.meta.dirname });
  const browser = await open();
  return {
    version: `Chromium ${browser.version()}`,
    run: async (options) => {
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(0);
        await page.goto(`${server.origin}/page.html`);
        return await page.evaluate(inPage, options);
      } finally {
        await context.close();
      }
    },
    stop: async () => {
      await browser.close();
      await server.close();
    },
  };
}
