// Import maps do not reach into workers.
import { Flywheel } from "/flywheel-sdk/index.js"
import { loop, show } from "./loop.js"

show(loop(Flywheel, "matrix")).then(() => postMessage(globalThis.result))
