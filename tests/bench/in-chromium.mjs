// Parts in a browser, each in a context of its own: a new process, an empty profile.
import { basename, dirname, join } from "node:path";
import { listen, open, required } from "../support/browser.mjs";
import { serve } from "../support/static.mjs";
import { rivals } from "./rivals.mjs";

/** What runs in the page; sent there whole. */
async function inPage({ part, ...options }) {
  const names = ["flywheel-sdk", `/bench/${part}.mjs`, "/bench/host.mjs"];
  const [sdk, module, { runPart }] = await Promise.all(names.map((name) => import(name)));
  return runPart(module, { sdk, ...options });
}

const within = ({ name, file }) => ({ name, address: `/rivals/${basename(dirname(file))}/${basename(file)}` });

/** A browser and a server of files on loopback; `run` gives what the part gives. */
export async function start() {
  const folders = {
    "/pkg/": required("FLYWHEEL_PKG"),
    "/bench/": import.meta.dirname,
    "/rivals/": join(required("FLYWHEEL_TARGET"), "bench"),
  };
  const server = await serve(import.meta.dirname, folders);
  const browser = await open();
  const fresh = async (work) => {
    const context = await browser.newContext();
    context.setDefaultTimeout(0);
    try {
      return await work(context);
    } finally {
      await context.close();
    }
  };
  const page = async (context, options) => {
    const page = await context.newPage();
    const complaints = listen(page);
    await page.goto(`${server.origin}/page.html`);
    const result = await page.evaluate(inPage, options);
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    return result;
  };
  return {
    version: `Chromium ${browser.version()}`,
    run: async ({ part, quick, alone }) => {
      const { ready, missing } = alone ? { ready: [], missing: {} } : await rivals(part, "chromium");
      const others = ready.map(within);
      // A part that opens pages itself is a program of its own.
      const { drive } = await import(`./${part}.mjs`);
      const result = drive
        ? await drive({ origin: server.origin, fresh, quick, rivals: others })
        : await fresh((context) => page(context, { part, quick, rivals: others }));
      return { ...result, versions: Object.fromEntries(ready.map(({ name, version }) => [name, version])), missing };
    },
    stop: async () => {
      await browser.close();
      await server.close();
    },
  };
}
