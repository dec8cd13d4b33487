// The plain scorer as a thing to be opened, as the rivals are.
import { PlainSgd } from "./plain.mjs";

/** A scorer that knows nothing yet. */
export async function open() {
  return new PlainSgd();
}
