// Weights as a server would publish them (docs/protocol.md, "Weights"), for a profile that has some.
import { random } from "./requests.mjs";

const BITS = 18;
const MASK = (1n << 64n) - 1n;

/** The finaliser of SplitMix64, as the checksum uses it. */
function mix(z) {
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

function leb128(number) {
  const bytes = [];
  for (; number >= 0x80; number = Math.floor(number / 128)) bytes.push((number % 128) | 0x80);
  return [...bytes, number];
}

/** The gaps between slots, Golomb–Rice coded. */
function rice(slots, parameter) {
  const bits = [];
  let next = 0;
  for (const slot of slots) {
    const gap = slot - next;
    for (let ones = gap >> parameter; ones > 0; ones--) bits.push(1);
    bits.push(0);
    for (let place = parameter - 1; place >= 0; place--) bits.push((gap >> place) & 1);
    next = slot + 1;
  }
  const bytes = new Array(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, at) => (bytes[at >> 3] |= bit << (7 - (at & 7))));
  return bytes;
}

/** Version 1 of weights in about a quarter of 2^18 slots. */
export function quarterFull() {
  const next = random(61);
  const slots = Array.from({ length: 1 << BITS }, (_, slot) => slot).filter(() => next() < 0.25);
  const cells = slots.map((slot) => ({ slot, precision: 1 + Math.floor(next() * 60), mean: 0x3000 + Math.floor(next() * 2_000) }));
  const hash = cells.reduce((sum, { slot, precision, mean }) => (sum + mix((BigInt(slot) << 24n) | BigInt((precision << 16) | mean))) & MASK, 0n);
  const checksum = Array.from({ length: 8 }, (_, at) => Number((hash >> BigInt(8 * at)) & 255n));
  const parameter = Math.floor(Math.log2((1 << BITS) / slots.length));
  return new Uint8Array([
    ...new TextEncoder().encode("FWW1"), BITS, ...leb128(0), ...leb128(1), ...leb128(1), ...checksum,
    ...leb128(cells.length), parameter, ...rice(slots, parameter),
    ...cells.map(({ precision }) => precision),
    ...cells.flatMap(({ mean }) => [mean & 255, mean >> 8]),
  ]);
}
