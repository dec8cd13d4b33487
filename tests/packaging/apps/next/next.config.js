import { dirname } from "node:path"
import { fileURLToPath } from "node:url"

// The tools lie above the project, as in a workspace: Next.js wants to be told how far up it may look.
const workspace = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** @type {import("next").NextConfig} */
export default { outputFileTracingRoot: workspace, turbopack: { root: workspace } }
