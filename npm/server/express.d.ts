import type { IncomingMessage, ServerResponse } from "node:http"

export interface ExpressOptions {
  /** Where the server listens. Default `http://127.0.0.1:8787`. */
  readonly server?: string
}

/** Middleware for one path: `app.use("/flywheel", flywheel())`. */
export function flywheel(options?: ExpressOptions): (request: IncomingMessage, response: ServerResponse) => void
