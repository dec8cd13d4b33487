// Names a module's functions so that, sorted by name, like stands beside like: node neighbours.mjs IN.wasm OUT.wasm
// Brotli finds what repeats all the better the nearer it is; for the order it makes no difference otherwise.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { functionsOf } from "./module.mjs";

/** Bytes of a piece: two functions are the more alike the more pieces they share. */
const PIECE = 5;
/** So many of the largest functions may come first; which is best shows only when all is compressed. */
const STARTS = 32;

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

const alike = bodies.map(() => new Float64Array(bodies.length));
for (const one of bodies.keys()) {
  for (let other = 0; other < one; other++) alike[one][other] = alike[other][one] = likeness(pieces[one], pieces[other]);
}

/** One first, then always the one that is most like the one before. */
function beginningWith(start) {
  const left = new Set(bodies.keys());
  const order = [];
  let next = start;
  while (left.size > 0) {
    order.push(next);
    left.delete(next);
    const likes = alike[next];
    let best = -1;
    for (const at of left) if (likes[at] > best) [best, next] = [likes[at], at];
  }
  return order;
}

/** Of the orders that begin with one of the largest, that which comes to the fewest bytes. */
function inOrder() {
  const largest = [...bodies.keys()].sort((a, b) => bodies[b].length - bodies[a].length).slice(0, STARTS);
  const size = (order) => brotliCompressSync(Buffer.concat(order.map((at) => bodies[at]))).length;
  const tried = largest.map((start) => beginningWith(start)).map((order) => ({ order, bytes: size(order) }));
  return tried.reduce((best, one) => (one.bytes < best.bytes ? one : best)).order;
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
