// Names a module's functions so that, sorted by name, like stands beside like: node neighbours.mjs IN.wasm OUT.wasm
// Brotli finds what repeats all the better the nearer it is; for the order it makes no difference otherwise.
import { readFileSync, writeFileSync } from "node:fs";
import { functionsOf } from "./module.mjs";

/** Bytes of a piece: two functions are the more alike the more pieces they share. */
const PIECE = 5;

const [from, to] = process.argv.slice(2);
const bytes = readFileSync(from);
const { bodies, imported } = functionsOf(bytes);

const pieces = bodies.map((body) => {
  const all = new Set();
  for (let at = 0; at + PIECE <= body.length; at++) all.add(body.toString("latin1", at, at + PIECE));
  return all;
});

/** The cosine between two sets. */
function likeness(one, other) {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  let shared = 0;
  for (const piece of few) if (many.has(piece)) shared++;
  return shared / Math.sqrt(one.size * other.size || 1);
}

/** The largest first, then always the one that is most like the one before. */
function inOrder() {
  const left = new Set(bodies.keys());
  const order = [];
  let next = bodies.reduce((largest, body, at) => (body.length > bodies[largest].length ? at : largest), 0);
  while (left.size > 0) {
    order.push(next);
    left.delete(next);
    const last = pieces[next];
    let best = -1;
    for (const at of left) {
      const like = likeness(last, pieces[at]);
      if (like > best) [best, next] = [like, at];
    }
  }
  return order;
}

function whole(number) {
  const out = [];
  do {
    out.push((number & 127) | (number > 127 ? 128 : 0));
    number >>>= 7;
  } while (number > 0);
  return Buffer.from(out);
}

const sized = (...parts) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([whole(content.length), content]);
};

const places = new Map(inOrder().map((index, place) => [index, place]));
const names = bodies.map((_, at) => Buffer.concat([whole(at + imported), sized(Buffer.from(String(places.get(at)).padStart(6, "0")))]));
const table = sized(whole(names.length), ...names);
const section = sized(sized(Buffer.from("name")), Buffer.from([1]), table);
writeFileSync(to, Buffer.concat([bytes, Buffer.from([0]), section]));
