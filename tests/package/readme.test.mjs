// README's example, pasted as it stands into a page next to the package.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listen, open, required } from "../support/browser.mjs";
import { serve } from "../support/static.mjs";

test("the example of the README works when pasted", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  const example = /```html\n([\s\S]+?)```/.exec(readme)?.[1];
  assert.ok(example, "README.md has no example in HTML");
  const folder = mkdtempSync(join(tmpdir(), "flywheel-readme-"));
  writeFileSync(join(folder, "index.html"), example);
  const site = await serve(folder, { "/pkg/": required("FLYWHEEL_PKG") });
  const browser = await open();
  try {
    const page = await browser.newPage();
    const complaints = listen(page);
    await page.goto(site.origin);
    await page.waitForFunction(() => document.querySelector("#answer").textContent !== "");
    await page.click("#up");
    await page.click("#down");
    // The thumb is in the browser's storage: its journal was not there before the example made it.
    await page.evaluate(async () => {
      const end = Date.now() + 10_000;
      while ((await indexedDB.databases()).length === 0) {
        if (Date.now() > end) throw new Error("nothing was stored");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
