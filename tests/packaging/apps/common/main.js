import { Flywheel } from "flywheel-sdk"
import { loop, show } from "./loop.js"

show(loop(Flywheel, "matrix"))
