// What Node runs: the app as a string.
import { StrictMode } from "react"
import { renderToString } from "react-dom/server"
import { App } from "./app.jsx"

export const html = () => renderToString(
  <StrictMode>
    <App open={() => Promise.reject(new Error("a server opens nothing"))} />
  </StrictMode>,
)
