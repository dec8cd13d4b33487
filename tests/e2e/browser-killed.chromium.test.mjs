// The browser is killed, not closed: nothing of it runs any more, no event of leaving the page is heard. A failure is:
// a signal whose receipt said `saved` and that is not there when the browser is started again, or one that counts twice.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openProfile } from "../support/browser.mjs";
import { worlds } from "../support/people.mjs";
import { kill, pids } from "../support/processes.mjs";

const world = worlds();
const KILLS = 5;
const SAVED = 10;

for (const automatic of [false, true]) {
  const when = automatic ? "while batches are on their way" : "before anything is sent";
  test(`what was saved survives the browser's being killed, ${when}`, async (t) => {
    const { server, holds } = await world(t);
    const folder = await mkdtemp(join(tmpdir(), "flywheel-profile-"));
    t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
    const said = new Set();
    for (let round = 0; round <= KILLS; round++) {
      const context = await openProfile(folder);
      const page = await context.newPage();
      await page.goto(server.origin);
      await page.waitForFunction(() => globalThis.sdk);
      const known = await page.evaluate(async (options) => {
        globalThis.fw = await sdk.Flywheel.open(options);
        return fw.status().signals;
      }, { app: "e2e", endpoint: "/", key: server.key, consent: { share: true }, sync: { automatic, count: 4 } });
      assert.equal(known, said.size, `${round} times killed`);
      if (round === KILLS) {
        await page.evaluate(() => fw.sync());
        await context.close();
        break;
      }
      const [browser] = await pids(context.browser(), "browser");
      const ended = new Promise((resolve) => context.once("close", resolve));
      const ids = await page.evaluate(async (count) => {
        const receipts = Array.from({ length: count }, (_, n) => {
          const shown = fw.shown({ surface: "answer", answer: { features: { n: `${n}` } } });
          return fw.thumb(shown, n % 3 ? "up" : "down");
        });
        for (const receipt of receipts) if ((await receipt.saved) !== "saved") throw new Error(receipt.state);
        return receipts.map(({ id }) => id);
      }, SAVED);
      kill([browser]);
      for (const id of ids) said.add(id);
      await ended;
    }
    assert.equal(said.size, KILLS * SAVED);
    await holds(said.size);
  });
}
