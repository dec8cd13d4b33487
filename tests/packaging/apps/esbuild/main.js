// esbuild leaves `new URL("….wasm", import.meta.url)` alone, so the module is named, and brought along.
import { Flywheel, init } from "flywheel-sdk/slim"
import wasm from "flywheel-sdk/flywheel.wasm"
import { loop, show } from "./loop.js"

show(init(wasm).then(() => loop(Flywheel, "matrix")))
