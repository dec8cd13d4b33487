// Picks the entry by the address, so that one build holds all of them.
import type { Candidate, Flywheel as Handle } from "flywheel-sdk";

const consent = { learn: true, share: false, text: false } as const;
/** Nothing by chance, so that the test can say exactly what comes first. */
const epsilon = 0;
const candidates: Candidate[] = [
  { id: "short", features: { style: "short" } },
  { id: "long", features: { style: "long" } },
];

async function opened(entry: string | null): Promise<Handle> {
  switch (entry) {
    case "slim": {
      const [{ Flywheel, init }, { default: url }] = await Promise.all([
        import("flywheel-sdk/slim"),
        import("flywheel-sdk/flywheel.wasm?url"),
      ]);
      await init(url);
      return Flywheel.open({ app: "slim", consent, epsilon });
    }
    case "inline": {
      const { Flywheel } = await import("flywheel-sdk/inline");
      return Flywheel.open({ app: "inline", consent, epsilon });
    }
    case "insight": {
      const { Flywheel } = await import("flywheel-sdk/insight");
      return Flywheel.open({ app: "insight", consent, epsilon });
    }
    default: {
      const { Flywheel } = await import("flywheel-sdk");
      return Flywheel.open({ app: "index", consent, epsilon });
    }
  }
}

async function run() {
  const fw = await opened(new URLSearchParams(location.search).get("entry"));
  const rank = () => fw.rank({ surface: "style", context: { topic: "code" }, candidates });
  const first = rank();
  for (let round = 0; round < 20; round++) {
    const decision = rank();
    fw.thumb(decision, decision.best === "short" ? "up" : "down");
  }
  const firsts: Record<string, number> = { short: 0, long: 0 };
  for (let round = 0; round < 20; round++) {
    const { best } = rank();
    firsts[best] = (firsts[best] ?? 0) + 1;
  }
  await fw.close();
  return { first: { order: first.order, propensity: first.propensity }, firsts };
}

const page = globalThis as { result?: unknown };
run().then(
  (value) => { page.result = value; },
  (error: unknown) => { page.result = { error: String(error) }; },
);
