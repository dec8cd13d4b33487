import { Flywheel } from "/flywheel-sdk/index.js"
import { loop, show } from "./loop.js"

// Told as a page's own error, so that whoever looks on sees it.
show(loop(Flywheel, "matrix").catch((error) => { reportError(error); throw error }))
