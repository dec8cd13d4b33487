// What npm/server/README.md says; and with parsers before it, as many apps have them.
import express from "express"
import { flywheel } from "flywheel-server/express"

const app = express()
app.set("trust proxy", process.env.TRUST_PROXY === "1")
if (process.env.PARSERS === "1") app.use(express.json(), express.text())
app.use("/flywheel", flywheel({ server: process.env.SERVER }))
app.use(express.static("public"))
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`))
