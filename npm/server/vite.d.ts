import type { ExpressOptions } from "./express.js"

export interface ViteOptions extends ExpressOptions {
  /** The path of your site. Default `/flywheel`. */
  readonly path?: string
}

/** A plugin that mounts the server in Vite's dev server and preview. */
export function flywheel(options?: ViteOptions): {
  name: string
  configureServer(server: { middlewares: { use(path: string, handle: (...given: never[]) => void): unknown } }): void
  configurePreviewServer(server: { middlewares: { use(path: string, handle: (...given: never[]) => void): unknown } }): void
}
