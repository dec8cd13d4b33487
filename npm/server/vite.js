// For Vite: its dev server, and its preview of what was built.
import { flywheel as middleware } from "./express.js"

/** `plugins: [flywheel()]`. */
export function flywheel({ path = "/flywheel", ...options } = {}) {
  const mount = ({ middlewares }) => void middlewares.use(path, middleware(options))
  return { name: "flywheel", configureServer: mount, configurePreviewServer: mount }
}
