// Parts in Node, each in a process of its own, so that none inherits another's heap and compiled code.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** `run` gives what the part gives. */
export async function start() {
  return {
    version: `Node ${process.versions.node}`,
    run: async (options) => {
      const child = fork(join(import.meta.dirname, "node-part.mjs"), [JSON.stringify(options)], { serialization: "advanced" });
      const ended = once(child, "exit").then(([code]) => {
        throw new Error(`the part ${options.part} ended without a result (${code})`);
      });
      const [result] = await Promise.race([once(child, "message"), ended]);
      // It may still hold timers.
      child.kill();
      return result;
    },
    stop: async () => undefined,
  };
}
