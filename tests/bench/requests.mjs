// What is ranked: many different requests over one vocabulary, from a seed, and people whose taste is known.

const NAMES = ["style", "length", "tone", "format", "language", "level", "audience", "source", "topic", "voice",
  "detail", "examples", "emoji", "opening", "closing", "structure", "humour", "evidence", "pace", "register"];
const CONTEXT = ["device", "daytime", "task", "country", "mood"];
/** Different values of one feature, and of one key of the context. */
const VALUES = 20;
const MOMENTS = 10;
const SYLLABLES = ["ba", "cor", "di", "fen", "gu", "hal", "in", "jo", "kel", "lo", "mar", "ni", "os", "pra", "qui", "ra", "sten", "tu", "ver", "zo"];

/** Numbers in [0, 1) from a seed (mulberry32, Ettinger). */
export function random(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A word of two to four syllables; the same numbers give the same word. */
function word(name, value) {
  const next = random(name * 1_000 + value + 7);
  const syllable = () => SYLLABLES[Math.floor(next() * SYLLABLES.length)];
  return Array.from({ length: 2 + Math.floor(next() * 3) }, syllable).join("") + value;
}

const nameAt = (n) => NAMES[n] ?? `${NAMES[n % NAMES.length]}${Math.floor(n / NAMES.length)}`;

/** Every name with its values. */
function vocabulary(names, values, from) {
  return names.map((name, at) => ({ name, values: Array.from({ length: values }, (_, value) => word(from + at, value)) }));
}

/**
 * Makes requests. Each call of `next` gives another one; the same seed the same ones.
 * @param {{ seed: number, candidates?: number, features?: number, context?: boolean }} options
 */
export function requests({ seed, candidates = 10, features = 20, context = true }) {
  const next = random(seed);
  const things = vocabulary(Array.from({ length: features }, (_, n) => nameAt(n)), VALUES, 0);
  const moments = vocabulary(CONTEXT, MOMENTS, 500);
  const draw = (all) => Object.fromEntries(all.map(({ name, values }) => [name, values[Math.floor(next() * values.length)]]));
  let made = 0;
  const candidate = () => ({ id: `answer-${made++}`, features: draw(things) });
  return {
    next: () => ({
      surface: "bench",
      ...(context ? { context: draw(moments) } : {}),
      candidates: Array.from({ length: candidates }, candidate),
    }),
  };
}

/** So many requests. */
export function pool(count, options) {
  const source = requests(options);
  return Array.from({ length: count }, source.next);
}

/** What people like: a weight for each `name=value`, and a smaller one for each together with a moment. */
export function taste(seed) {
  const known = new Map();
  const next = random(seed);
  const weight = (key, size) => {
    if (!known.has(key)) known.set(key, (next() + next() + next() - 1.5) * 2 * size);
    return known.get(key);
  };
  return ({ context = {} }, { features }) => {
    let logit = 0;
    for (const [name, value] of Object.entries(features)) {
      logit += weight(`${name}=${value}`, 0.5);
      for (const [key, moment] of Object.entries(context)) logit += weight(`${key}=${moment}&${name}=${value}`, 0.1);
    }
    return 1 / (1 + Math.exp(-logit));
  };
}

/** Thumbs of one person: a request with one candidate, and whether it was liked. */
export function signals(count, seed) {
  const source = requests({ seed, candidates: 1 });
  const likes = taste(1);
  const next = random(seed + 1);
  return Array.from({ length: count }, () => {
    const request = source.next();
    return { request, liked: next() < likes(request, request.candidates[0]) };
  });
}
