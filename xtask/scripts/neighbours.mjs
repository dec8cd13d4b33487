// Arranges a module's functions so that like stands beside like: node neighbours.mjs IN.wasm OUT.wasm WASM-OPT FLAGS
// Brotli finds what repeats all the better the nearer it is; for the order it makes no difference otherwise. The
// functions are named by their places, and wasm-opt sorts them by name.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { functionsOf } from "./module.mjs";

/** Bytes of a piece: two functions are the more alike the more pieces they share. */
const PIECE = 5;
/** So many of the largest functions may come first; which is best shows only when all is compressed. */
const STARTS = 32;
/** So many orders are carried out. Calls have other numbers afterwards, which moves the size by a hundred bytes. */
const CARRIED_OUT = 10;

const [from, to, optimiser, ...flags] = process.argv.slice(2);
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

/** The orders that begin with one of the largest and come to the fewest bytes as the functions are now, best first. */
function likely() {
  const largest = [...bodies.keys()].sort((a, b) => bodies[b].length - bodies[a].length).slice(0, STARTS);
  const orders = largest.map((start) => beginningWith(start));
  const tried = orders.map((order) => ({ order, bytes: compressed(Buffer.concat(order.map((at) => bodies[at]))) }));
  return tried.sort((a, b) => a.bytes - b.bytes).slice(0, CARRIED_OUT).map(({ order }) => order);
}

const compressed = (content) => brotliCompressSync(content).length;

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

/** The module with its functions named by their places. */
function named(order) {
  const places = new Map(order.map((index, place) => [index, place]));
  const name = (at) => sized(Buffer.from(String(places.get(at)).padStart(6, "0")));
  const names = bodies.map((_, at) => Buffer.concat([whole(at + imported), name(at)]));
  const table = sized(whole(names.length), ...names);
  const section = sized(sized(Buffer.from("name")), Buffer.from([1]), table);
  return Buffer.concat([bytes, Buffer.from([0]), section]);
}

/** The module in this order. */
function carriedOut(order) {
  const [before, after] = [`${to}.named`, `${to}.arranged`];
  writeFileSync(before, named(order));
  execFileSync(optimiser, [before, ...flags, "-o", after]);
  const arranged = readFileSync(after);
  rmSync(before), rmSync(after);
  return arranged;
}

const all = likely().map((order) => carriedOut(order));
const sizes = all.map(compressed);
writeFileSync(to, all[sizes.indexOf(Math.min(...sizes))]);
