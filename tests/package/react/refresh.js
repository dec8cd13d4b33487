// Before React is there: that is how a development server keeps what a page has when code changes.
import * as runtime from "react-refresh/runtime"

runtime.injectIntoGlobalHook(globalThis)
export { runtime }
