// What Node runs: the app as a string.
import { renderToString } from "react-dom/server"
import { App } from "./app.jsx"

export const html = () => renderToString(<App open={() => Promise.reject(new Error("a server opens nothing"))} />)
