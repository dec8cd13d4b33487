// The loop's five steps, which light up as signals pass them.
import { byId, setText } from "./dom.js";

/** How long a step stays lit, in milliseconds. */
const LIT = 1600;

/** Returns how to light a step and what to write under it. */
export function startLoop() {
  const steps = new Map([...byId("loop").children].map((node) => [node.dataset.step, { node, timer: 0 }]));
  return {
    /** Something passed this step just now. */
    light(name) {
      const step = steps.get(name);
      clearTimeout(step.timer);
      step.node.classList.add("lit");
      step.timer = setTimeout(() => step.node.classList.remove("lit"), LIT);
    },
    /** The figure under a step, and whether anything has ever passed it. */
    figure(name, text, passed) {
      const { node } = steps.get(name);
      setText(node.querySelector("output"), text);
      node.classList.toggle("passed", passed);
    },
  };
}
