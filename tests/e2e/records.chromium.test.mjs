// Records of decisions as a page is left. A failure is: a visit without a word that is counted nowhere. Records are kept in
// memory only, so it takes a browser that carries out what a page begins while it is left: Firefox does not always, and
// what it drops is lost, which a record may be and a signal may not (docs/decisions/0120).
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { worlds } from "../support/people.mjs";

const world = worlds();

test("records of decisions go when the page is left, even if nothing was said", async (t) => {
  const { server, person, quiet, holds } = await world(t);
  const one = await person();
  await one.visit({ insight: true, sync: { refreshMs: 0 } });
  await one.run(() => {
    for (let n = 0; n < 5; n++) fw.rank({ surface: "answer", candidates: [{ id: "a" }, { id: "b" }] });
  });
  await one.page.goto("about:blank");
  for (let tries = 0; tries < 100 && (await server.stats()).report.learned.decisions < 5; tries++) await pause(50);
  assert.equal((await server.stats()).report.learned.decisions, 5);
  await holds(0);
  quiet();
});
