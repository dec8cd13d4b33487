// The same scorer with its crosses in a Map for each value: the first thing that comes to mind, slower where there is a
// context.

/** Ranks by the weights of a `Plain` that has learned. */
export class PlainMaps {
  names = new Map();

  constructor(plain) {
    this.moments = plain.moments;
    const crosses = ({ mean }) => new Map([...mean.entries()].filter(([place, weight]) => weight !== 0 || place === 0));
    for (const [name, rows] of plain.names) {
      this.names.set(name, new Map([...rows].map(([value, row]) => [value, crosses(row)])));
    }
    this.always = crosses(plain.always);
  }

  rank({ context, candidates }) {
    const places = [0];
    for (const name in context) {
      const place = this.moments.get(name)?.get(context[name]);
      if (place !== undefined) places.push(place);
    }
    const scores = candidates.map(({ features }) => {
      let sum = 0;
      for (const place of places) sum += this.always.get(place) ?? 0;
      for (const name in features) {
        const crosses = this.names.get(name)?.get(features[name]);
        if (crosses !== undefined) for (const place of places) sum += crosses.get(place) ?? 0;
      }
      return sum;
    });
    return candidates.map((_, at) => at).sort((a, b) => scores[b] - scores[a]).map((at) => candidates[at].id);
  }
}
