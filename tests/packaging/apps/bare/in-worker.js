const worker = new Worker("./worker.js", { type: "module" })
worker.onmessage = ({ data }) => { globalThis.result = data }
worker.onerror = (event) => { globalThis.result = { error: event.message ?? "the worker did not start" } }
