import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"
import { model } from "./model/stub.js"

export default defineConfig({
  plugins: [
    react(),
    {
      name: "model",
      configureServer: ({ middlewares }) => void middlewares.use("/v1/chat/completions", model),
      configurePreviewServer: ({ middlewares }) => void middlewares.use("/v1/chat/completions", model),
    },
  ],
})
