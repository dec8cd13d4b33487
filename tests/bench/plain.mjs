// The rival: what somebody writes instead of taking a package. Names and values are looked up in nested Maps, straight
// from the objects; each value has its row of weights, one for each moment it was seen in, the first for itself alone.
// No strings are joined, nothing is hashed but what Map does. Measured against crosses in nested Maps and in a Map with
// numeric keys it is the fastest (plain-maps.mjs is kept beside it).

const WIDTH = 64;
/** Crosses count half (docs/decisions/0181), so what one adds to a logit is known four times as well beforehand. */
const CROSSED = 4;
const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));

/** A linear model of `features × (1 + context)`, which ranks. How it learns is below. */
export class Plain {
  names = new Map();
  moments = new Map();
  count = 1;
  always = this.row(1);

  /** The precision of a weight that nothing is known about, where it is of use. */
  get prior() {
    return 1;
  }

  /** The weight of a value itself, then those of its crosses, which are so many times as certain to be small. */
  row(crossed) {
    const precision = new Float64Array(WIDTH).fill(crossed * this.prior);
    precision[0] = this.prior;
    return { mean: new Float64Array(WIDTH), precision };
  }

  rank({ context, candidates }) {
    const places = this.places(context);
    const scores = candidates.map(({ features }) => this.score(features, places));
    return candidates.map((_, at) => at).sort((a, b) => scores[b] - scores[a]).map((at) => candidates[at].id);
  }

  score(features, places) {
    let sum = 0;
    for (const place of places) sum += this.always.mean[place];
    for (const name in features) {
      const row = this.names.get(name)?.get(features[name]);
      if (row !== undefined) for (let at = 0; at < places.length; at++) sum += row.mean[places[at]];
    }
    return sum;
  }

  /** Where in each row the weights of this moment are. */
  places(context) {
    const places = [0];
    for (const name in context) {
      const place = this.moments.get(name)?.get(context[name]);
      if (place !== undefined) places.push(place);
    }
    return places;
  }

  /** The rows of these features; those that are new come into being. */
  rows(features) {
    const rows = [this.always];
    for (const name in features) rows.push(entry(this.names, name, features[name], () => this.row(CROSSED)));
    return rows;
  }

  /** As `places`; those that are new get one. */
  placesOf(context) {
    for (const name in context) entry(this.moments, name, context[name], () => this.count++);
    if (this.count > WIDTH) throw new Error("more moments than a row has places");
    return this.places(context);
  }
}

function entry(maps, name, value, make) {
  let map = maps.get(name);
  if (map === undefined) maps.set(name, (map = new Map()));
  let found = map.get(value);
  if (found === undefined) map.set(value, (found = make()));
  return found;
}

/** Logistic regression by stochastic gradient descent: the least that can be called learning. */
export class PlainSgd extends Plain {
  rate = 0.05;

  learn({ context }, { features }, good) {
    const places = this.placesOf(context);
    const rows = this.rows(features);
    let logit = 0;
    for (const { mean } of rows) for (let at = 0; at < places.length; at++) logit += mean[places[at]];
    const step = this.rate * (good - sigmoid(logit));
    for (const { mean } of rows) for (let at = 0; at < places.length; at++) mean[places[at]] += step;
  }
}

/** A mean and a precision for each weight, by Flywheel's own rule with s² fixed at 0.3 (docs/learning.md). */
export class PlainGaussian extends Plain {
  get prior() {
    return 1 / (1 + 0.3);
  }

  learn({ context }, { features }, good) {
    const places = this.placesOf(context);
    const rows = this.rows(features);
    let logit = 0;
    let variance = 0;
    for (const { mean, precision } of rows) {
      for (let at = 0; at < places.length; at++) {
        logit += mean[places[at]];
        variance += 1 / precision[places[at]];
      }
    }
    const kappa = 1 / Math.sqrt(1 + (Math.PI * variance) / 8);
    const chance = sigmoid(kappa * logit);
    const pull = kappa * (good - chance);
    const growth = kappa * chance * (1 - chance);
    for (const { mean, precision } of rows) {
      for (let at = 0; at < places.length; at++) {
        const place = places[at];
        mean[place] += pull / precision[place];
        precision[place] += growth;
      }
    }
  }
}
