// The same linear model in TensorFlow.js, as lean as it can be had: core and the CPU backend (for vectors this small
// the fastest). Names become slots in nested Maps as in the plain scorer.
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { gather, ready, setBackend, softplus, sub, mul, sum, tensor1d, tensor2d, tidy, train, variable, zeros } from "@tensorflow/tfjs-core";

/** Rows, for a feature each, and places in a row, for a moment each; without a context one place is enough. */
const ROWS = 420;
const WIDTH = 52;

function counter(most) {
  const maps = new Map();
  let count = 1;
  return (name, value) => {
    let map = maps.get(name);
    if (map === undefined) maps.set(name, (map = new Map()));
    let found = map.get(value);
    if (found === undefined) map.set(value, (found = Math.min(count++, most - 1)));
    return found;
  };
}

class Model {
  constructor(width) {
    this.width = width;
    this.weights = variable(zeros([ROWS * width]));
    this.optimiser = train.sgd(0.05);
    this.row = counter(ROWS);
    this.place = counter(width);
  }

  slots({ context = {} }, features) {
    const places = [0, ...Object.keys(context).map((name) => this.place(name, context[name]))];
    const rows = [0, ...Object.keys(features).map((name) => this.row(name, features[name]))];
    return rows.flatMap((row) => places.map((place) => row * this.width + place));
  }

  rank(request) {
    const { candidates } = request;
    const slots = candidates.map(({ features }) => this.slots(request, features));
    const scores = tidy(() => sum(gather(this.weights, tensor2d(slots, undefined, "int32")), 1).dataSync());
    return candidates.map((_, at) => at).sort((a, b) => scores[b] - scores[a]).map((at) => candidates[at].id);
  }

  learn(request, { features }, good) {
    const x = new Float32Array(ROWS * this.width);
    for (const slot of this.slots(request, features)) x[slot] = 1;
    // The gradient of `gather` on the CPU backend visits every slot; a vector of ones and zeros is the faster way.
    tidy(() => {
      const input = tensor1d(x);
      const loss = () => {
        const logit = sum(mul(this.weights, input));
        return sub(softplus(logit), mul(good, logit));
      };
      this.optimiser.minimize(loss, false, [this.weights]);
    });
  }
}

/** A model; the first signals make it known to the compiler. */
export async function open() {
  await setBackend("cpu");
  await ready();
  const models = { true: undefined, false: undefined };
  const of = ({ context }) => (models[context !== undefined] ??= new Model(context === undefined ? 1 : WIDTH));
  return {
    rank: (request) => of(request).rank(request),
    learn: (request, candidate, good) => of(request).learn(request, candidate, good),
    teach: (signals) => {
      for (const { request, liked } of signals.slice(0, 300)) of(request).learn(request, request.candidates[0], liked ? 1 : 0);
    },
  };
}
