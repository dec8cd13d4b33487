// Many thumbs and a page that is closed at once. A failure is: a thumb that is gone when the page is opened again, or
// one that the server counts twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();
const VISITS = 4;
const THUMBS = 50;

for (const automatic of [false, true]) {
  const name = automatic ? "while batches are on their way" : "before anything is sent";
  test(`200 rapid thumbs, the page closed at once, ${name}: none lost, none twice`, async (t) => {
    const { person, quiet, holds } = await world(t);
    const one = await person();
    for (let visit = 0; visit < VISITS; visit++) {
      await one.visit({ sync: { automatic, count: 20 } });
      await one.run((thumbs) => {
        for (let n = 0; n < thumbs; n++) {
          const decision = fw.rank({ surface: "answer", candidates: [{ id: "short", features: { style: "short", n: n % 7 } }] });
          fw.thumb(decision, n % 3 ? "up" : "down");
        }
      }, THUMBS);
      await one.page.close();
    }
    await one.visit();
    assert.equal(await one.run(() => fw.status().signals), VISITS * THUMBS, "the journal has them all");
    await one.run(() => fw.sync());
    assert.equal(await one.run(() => fw.status().queued), 0);
    await holds(VISITS * THUMBS);
    quiet();
  });
}
