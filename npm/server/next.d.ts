export interface NextOptions {
  /** Where the server listens. Default `http://127.0.0.1:8787`. */
  readonly server?: string
  /** The client's address, from a header that your platform itself sets and no client can. Default: none is told. */
  readonly clientAddress?: (request: Request) => string | undefined
}

type Handler = (request: Request, context: { params: Promise<{ path: string[] }> }) => Promise<Response>

/** A route handler: `export const { GET, POST } = flywheel()`. */
export function flywheel(options?: NextOptions): { GET: Handler; POST: Handler }
