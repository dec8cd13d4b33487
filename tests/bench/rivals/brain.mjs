// brain.js as its documentation shows it: named inputs, one hidden layer (which has to do for crosses).
import brain from "brain.js";

const inputs = ({ context = {} }, features) => {
  const input = {};
  for (const name in features) input[`${name}=${features[name]}`] = 1;
  for (const name in context) input[`${name}=${context[name]}`] = 1;
  return input;
};

/** A network of its own; what it has not been taught it does not know the inputs of. */
export async function open() {
  const network = new brain.NeuralNetwork({ hiddenLayers: [8] });
  const once = { iterations: 1, errorThresh: 1e-9 };
  const example = (request, { features }, good) => ({ input: inputs(request, features), output: { good } });
  return {
    rank: (request) => {
      const { candidates } = request;
      // A network that has seen nothing has no inputs yet.
      if (!network.isRunnable) network.train([example(request, candidates[0], 1)], once);
      const scores = candidates.map(({ features }) => network.run(inputs(request, features)).good);
      return candidates.map((_, at) => at).sort((a, b) => scores[b] - scores[a]).map((at) => candidates[at].id);
    },
    learn: (request, candidate, good) => network.train([example(request, candidate, good)], once),
    teach: (signals) => {
      network.train(signals.slice(0, 500).map(({ request, liked }) => example(request, request.candidates[0], liked ? 1 : 0)), once);
    },
  };
}
