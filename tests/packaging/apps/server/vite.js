import { flywheel } from "flywheel-server/vite"
import { createServer } from "vite"

const plugins = [flywheel({ server: process.env.SERVER })]
const server = await createServer({ configFile: false, plugins, logLevel: "error", server: { host: "127.0.0.1", port: 0 } })
await server.listen()
console.log(`http://127.0.0.1:${server.httpServer.address().port}`)
