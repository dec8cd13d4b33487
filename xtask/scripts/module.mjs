// Where the functions of a wasm module stand.
const IMPORT = 2, CODE = 10, CUSTOM = 0, FUNCTION_NAMES = 1;

/** `{ bodies, names, imported }`: the bytes of each function in order, names by index, how many functions are imported. */
export function functionsOf(bytes) {
  const found = { bodies: [], names: new Map(), imported: 0 };
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const take = () => {
    const length = number();
    at += length;
    return bytes.subarray(at - length, at);
  };
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };
  /** Reads past one import; true if it is a function. */
  const importsFunction = () => {
    take(), take();
    const kind = bytes[at++];
    if (kind === 0) number();
    else if (kind === 1) at++, limits();
    else if (kind === 2) limits();
    else if (kind === 3) at += 2;
    else at++, number();
    return kind === 0;
  };
  const readNames = (end) => {
    while (at < end) {
      const kind = bytes[at++];
      const after = number() + at;
      for (let left = kind === FUNCTION_NAMES ? number() : 0; left > 0; left--) found.names.set(number(), String(take()));
      at = after;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === IMPORT) {
      for (let left = number(); left > 0; left--) found.imported += importsFunction() ? 1 : 0;
    } else if (section === CODE) {
      for (let left = number(); left > 0; left--) found.bodies.push(take());
    } else if (section === CUSTOM && String(take()) === "name") {
      readNames(end);
    }
    at = end;
  }
  return found;
}
