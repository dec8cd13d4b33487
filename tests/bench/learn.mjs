// What a thumb costs, about a decision that was made before: 10 candidates × 20 string features.
import { compare, use } from "./measure.mjs";
import { pool, signals } from "./requests.mjs";
import { settle, trained } from "./trained.mjs";

const SIGNALS = 3_000;
const REQUESTS = 300;
/** Decisions that feedback is given about at once; the page keeps 2,000. */
const MOST = 1_500;

/** Every case, `{ case, contenders }`. */
export async function run({ sdk, plan, quick, rivals = [] }) {
  const given = quick ? SIGNALS / 5 : SIGNALS;
  const { fw, sgd, gaussian } = await trained(sdk, given);
  const others = [];
  for (const { name, open } of rivals) {
    const rival = await open();
    rival.teach(signals(SIGNALS, 11));
    others.push({ name, learn: rival.learn });
  }
  const results = [];
  for (const context of [false, true]) {
    const requests = pool(REQUESTS, { seed: 31, context });
    const ours = {
      name: "flywheel",
      most: MOST,
      settle: () => settle(fw),
      batch: (count) => {
        const decisions = Array.from({ length: count }, (_, at) => fw.rank(requests[at % requests.length]));
        return () => {
          for (let at = 0; at < count; at++) use(fw.thumb(decisions[at], at % 3 ? "up" : "down").id.length);
        };
      },
    };
    // The stingiest app: it keeps nothing but the request and what was shown.
    const rival = (name, learn) => ({
      name,
      batch: (count) => () => {
        for (let at = 0; at < count; at++) {
          const request = requests[at % requests.length];
          learn(request, request.candidates[at % 10], at % 3 ? 1 : 0);
        }
      },
    });
    const contenders = [
      ours,
      rival("plain, sgd", (request, shown, good) => sgd.learn(request, shown, good)),
      rival("plain, gaussian", (request, shown, good) => gaussian.learn(request, shown, good)),
      ...others.map(({ name, learn }) => rival(name, learn)),
    ];
    results.push({
      case: context ? "a thumb, five keys of context" : "a thumb",
      target: { to: "plain, sgd", ratio: 1.3 },
      contenders: await compare(contenders, plan, ["plain, sgd", "plain, gaussian"]),
    });
  }
  await fw.close();
  return { results, facts: { signals: given } };
}
