// An import map in the page would need its hash in the policy, so this imports by address.
import { Flywheel } from "/flywheel-sdk/inline.js"
import { loop, show } from "./loop.js"

show(loop(Flywheel, "matrix"))
