// What runs inside a person's page. Each function is sent there whole, so it uses nothing from outside itself.

/** Opens the person's page and fetches the newest weights. */
export async function openHere({ endpoint, key, seed, syncEvery }) {
  // The 64 bits of the seed as a number, so that ties break as they do natively.
  const [number] = new Float64Array(new BigUint64Array([BigInt(seed)]).buffer);
  const fw = await sdk.Flywheel.open({
    app: "replay",
    endpoint,
    key,
    consent: { share: true, text: true },
    epsilon: 0,
    sync: { automatic: false },
    seed: number,
  });
  await fw.sync();
  globalThis.replay = { fw, syncEvery, unsynced: 0, given: 0, acknowledged: 0, decisions: new Map() };
}

/** Expects and says, row by row; what was expected comes back. `ops` is JSON: a string crosses faster than objects. */
export async function play(ops) {
  const SURFACE = "replay";
  const { replay } = globalThis;
  const { fw } = replay;
  const expected = [];

  /** 1 if the page puts `better` before the candidate that it will be learned against, ½ for a tie, else 0. */
  const isInOrder = (decision, better) => {
    const place = decision.order.indexOf(better);
    // Without exploration the propensity of the first place is one over the number of those tied for it.
    const tied = Math.round(1 / decision.propensity);
    if (place === 0) return tied > 1 ? 0.5 : 1;
    return place < tied ? 0.5 : 0;
  };

  const expect = ({ context, candidates = [], chosen = 0, feedback, rewards }) => {
    const rank = (candidates) => fw.rank({ surface: SURFACE, context, candidates });
    if (rewards) {
      const decision = rank(candidates);
      return { decision, reward: rewards[candidates.findIndex((candidate) => candidate.id === decision.best)] };
    }
    if (feedback.correction) {
      const { shown, corrected } = feedback.correction;
      const decision = fw.shown({ surface: SURFACE, context, answer: shown });
      const both = rank([{ id: "shown", text: shown }, { id: "corrected", text: corrected }]);
      return { decision, inOrder: isInOrder(both, "corrected") };
    }
    if (feedback.prefer !== undefined) {
      const decision = rank(candidates);
      return { decision, inOrder: isInOrder(decision, candidates[feedback.prefer].id) };
    }
    const decision = rank([candidates[chosen]]);
    return { decision, probability: decision.scores[0] };
  };

  const say = ({ candidates, feedback }, { decision, reward }) => {
    if (reward !== undefined) return fw.reward(decision, reward);
    if (feedback.thumb) return fw.thumb(decision, feedback.thumb);
    if (feedback.reward !== undefined) return fw.reward(decision, feedback.reward);
    if (feedback.prefer !== undefined) return fw.prefer(decision, candidates[feedback.prefer].id);
    if (feedback.correction) return fw.correct(decision, feedback.correction);
    fw.regenerate(decision);
  };

  for (const { at, row } of JSON.parse(ops)) {
    if (row) {
      const expectation = expect(row);
      replay.decisions.set(at, { row, expectation });
      const { probability, inOrder, reward } = expectation;
      expected.push({ at, probability, inOrder, reward });
      continue;
    }
    const { row: known, expectation } = replay.decisions.get(at);
    replay.decisions.delete(at);
    say(known, expectation);
    replay.given += 1;
    replay.unsynced += 1;
    if (replay.unsynced >= replay.syncEvery) {
      replay.acknowledged += (await fw.sync()).acknowledged;
      replay.unsynced = 0;
    }
  }
  return expected;
}

/** Sends what is left, and says how it ended. */
export async function finish() {
  const { fw, given, acknowledged } = globalThis.replay;
  const last = (await fw.sync()).acknowledged;
  const { signals, queued, dropped } = fw.status();
  await fw.close();
  return { given, acknowledged: acknowledged + last, signals, queued, dropped };
}
