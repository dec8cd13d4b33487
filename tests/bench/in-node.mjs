// Parts in Node, each in a process of its own, so that none inherits another's heap and compiled code.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { rivals } from "./rivals.mjs";

/** `run` gives what the part gives. */
export async function start() {
  return {
    version: `Node ${process.versions.node}`,
    run: async ({ part, quick, alone }) => {
      const { ready, missing } = alone ? { ready: [], missing: {} } : await rivals(part, "node");
      const words = [JSON.stringify({ part, quick, rivals: ready })];
      // What a rival has to say about itself is none of the figures; an error is told when it was one.
      const stdio = ["ignore", "ignore", "pipe", "ipc"];
      const child = fork(join(import.meta.dirname, "node-part.mjs"), words, { serialization: "advanced", stdio });
      let told = "";
      child.stderr.on("data", (text) => (told = `${told}${text}`.slice(-1_000)));
      const ended = once(child, "exit").then(([code]) => {
        throw new Error(`the part ${part} ended without a result (${code})\n${told}`);
      });
      const [result] = await Promise.race([once(child, "message"), ended]);
      // It may still hold timers.
      child.kill();
      return { ...result, versions: Object.fromEntries(ready.map(({ name, version }) => [name, version])), missing };
    },
    stop: async () => undefined,
  };
}
