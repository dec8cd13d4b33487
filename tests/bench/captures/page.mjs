// In the page: the same words to ours and to the others.

/** Ours: an answer that was shown, and a thumb about it; texts are sent. */
async function flywheel({ endpoint, key }) {
  const { Flywheel } = await import("flywheel-sdk");
  const fw = await Flywheel.open({ app: "captures", endpoint, key, consent: { share: true, text: true } });
  return {
    capture: (features, text) => fw.thumb(fw.shown({ surface: "answer", answer: { features, text } }), "up"),
    decide: (features) => fw.shown({ surface: "answer", answer: { features } }),
    thumb: (decision) => fw.thumb(decision, "up"),
    synced: () => fw.sync().catch(() => undefined),
  };
}

/** Opens a contender. `address`: the module of another one. */
export async function open({ address, ...options }) {
  globalThis.contender = await (address === undefined ? flywheel(options) : (await import(address)).open(options));
}

/** So many letters of words, other ones each time. */
function words(length, seed) {
  let text = "";
  for (let n = seed * 7_919; text.length < length; n += 104_729) text += `${(n >>> 0).toString(36)} `;
  return text.slice(0, length);
}

/** What is said: short words under eight names, or one text. */
function said({ run, from = 0, count, bytes, text = false }) {
  return Array.from({ length: count }, (_, n) => {
    const mark = `mark-${run}-${from + n}-`;
    if (text) return [{ mark }, words(bytes, from + n)];
    const all = words(bytes, from + n);
    const piece = Math.ceil(bytes / 8);
    return [{ mark, ...Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`name${at}`, all.slice(at * piece, (at + 1) * piece)])) }, undefined];
  });
}

/** Captures `count` times, each with so many bytes; gives the milliseconds that the caller waited. */
export function capture(options) {
  const all = said(options);
  const start = performance.now();
  for (const [properties, text] of all) globalThis.contender.capture(properties, text);
  return performance.now() - start;
}

/** The same where the decision was made before, when the answer was shown: what is left is the thumb. */
export function thumbs(options) {
  const all = said(options).map(([features]) => globalThis.contender.decide(features));
  const start = performance.now();
  for (const decision of all) globalThis.contender.thumb(decision);
  return performance.now() - start;
}

/** Counts the bytes that are handed to the storage from here on: texts in UTF-8, records as JSON. */
export function watchStorage() {
  let bytes = 0;
  const size = (value) => {
    if (value === undefined) return 0;
    if (typeof value === "string") return new TextEncoder().encode(value).length;
    return value?.byteLength ?? new TextEncoder().encode(JSON.stringify(value)).length;
  };
  for (const method of ["put", "add"]) {
    const original = IDBObjectStore.prototype[method];
    IDBObjectStore.prototype[method] = function (value, ...key) {
      bytes += size(value) + size(key[0]);
      return original.call(this, value, ...key);
    };
  }
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (name, value) {
    bytes += size(name) + size(value);
    return setItem.call(this, name, value);
  };
  return () => bytes;
}
