// A thumb and, in the same breath, another page: what a link with a thumb beside it does. A failure is: a thumb that
// is gone on the next page, or one that the server counts twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { worlds } from "../support/people.mjs";

const world = worlds();
const THUMBS = 200;

test("200 thumbs, each followed at once by a navigation: none lost, none twice", async (t) => {
  const { person, quiet, holds } = await world(t);
  const one = await person();
  const options = { sync: { automatic: true, count: 20 } };
  await one.visit(options);
  for (let thumb = 0; thumb < THUMBS; thumb++) {
    const next = one.page.waitForURL(`**/?${thumb}`);
    await one.run((thumb) => {
      const decision = fw.rank({ surface: "answer", candidates: [{ id: "short", features: { style: "short", thumb: `${thumb}` } }] });
      fw.thumb(decision, thumb % 3 ? "up" : "down");
      location.href = `/?${thumb}`;
    }, thumb);
    await next;
    await one.open(options);
  }
  assert.equal(await one.run(() => fw.status().signals), THUMBS, "the journal has them all");
  await one.run(() => fw.sync());
  assert.equal(await one.run(() => fw.status().queued), 0);
  await holds(THUMBS);
  quiet();
});
