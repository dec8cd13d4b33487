// TensorFlow.js as its documentation says to take it: the whole package. Only for the start: it computes as tfjs.mjs.
import { ready, sum, tensor2d, tidy } from "@tensorflow/tfjs";

/** Ready to compute; what it does not know yet costs nothing. */
export async function open() {
  await ready();
  const rank = ({ candidates }) => {
    const ones = candidates.map(({ features }) => Object.keys(features).map(() => 1));
    const scores = tidy(() => sum(tensor2d(ones), 1).dataSync());
    return candidates.map((_, at) => at).sort((a, b) => scores[b] - scores[a]).map((at) => candidates[at].id);
  };
  return { rank };
}
