// Serves folders on loopback, for pages in tests.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/**
 * Serves `folder` at a free port; other folders by prefix, for example { "/pkg/": pkg }.
 * @returns {Promise<{ origin: string, close(): Promise<void> }>}
 */
export async function serve(folder, mounts = {}) {
  const server = createServer(async (request, response) => {
    let path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    // Browsers ask for one unasked; a 404 would stand in the console like an error of the page.
    if (path === "/favicon.ico") return void response.writeHead(204).end();
    let root = folder;
    for (const [prefix, other] of Object.entries(mounts)) {
      if (path.startsWith(prefix)) [root, path] = [other, path.slice(prefix.length - 1)];
    }
    const file = normalize(join(root, path.endsWith("/") ? `${path}index.html` : path));
    if (!file.startsWith(normalize(root + sep))) return void response.writeHead(403).end();
    try {
      const body = await readFile(file);
      // A sandboxed frame has an origin of its own, which nobody else shares.
      const headers = { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "access-control-allow-origin": "*" };
      response.writeHead(200, headers);
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
