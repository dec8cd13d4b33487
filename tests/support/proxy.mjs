// The way between a browser and a server, on loopback: it notes each request under /v1/ and does to it what it is told.
import { createServer, request as ask } from "node:http";
import { gunzipSync } from "node:zlib";

/** What can happen to a request. */
export const FATES = {
  /** Nothing. */
  pass: async ({ forward, answer }) => answer(await forward()),
  /** The connection is cut before the server hears anything. */
  drop: async ({ cut }) => cut(),
  /** The server answers, and nothing arrives. */
  lose: async ({ forward, cut }) => cut(await forward()),
  /** Half of the answer arrives. */
  halve: async ({ forward, half }) => half(await forward()),
  /** The answer comes late. */
  delay: async ({ forward, answer, wait }) => {
    const reply = await forward();
    await wait();
    answer(reply);
  },
  /** The request is late: what was asked after it may come before it. */
  overtake: async ({ forward, answer, wait }) => {
    await wait();
    answer(await forward());
  },
  /** The server hears it twice, the page the second answer. */
  repeat: async ({ forward, answer }) => {
    await forward();
    answer(await forward());
  },
  /** Something in between answers in the server's place. */
  replace: async ({ answer }) => answer({ status: 502, headers: { "content-type": "text/html" }, body: Buffer.from("<h1>Bad gateway</h1>") }),
};

const LATE_MS = 300;

/**
 * Stands before `target`.
 * @param {() => keyof typeof FATES} fate is asked about each request under /v1/, in their order
 * @returns {Promise<{ origin: string, requests: { path: string, method: string, body: string, packed: boolean, fate: string }[], edit(change: (reply: object) => void): void, stop(): Promise<void> }>}
 *   `edit` changes the next answer to a batch.
 */
export async function startProxy(target, fate = () => "pass") {
  const requests = [];
  const changes = [];
  const server = createServer(async (incoming, outgoing) => {
    const { url, method, headers } = incoming;
    const cut = () => outgoing.socket?.destroy();
    try {
      const body = await all(incoming);
      const path = new URL(url, target).pathname;
      const noted = path.startsWith("/v1/");
      const chosen = noted ? fate() : "pass";
      if (noted) requests.push({ path, method, body: plain(body), packed: isPacked(body), fate: chosen });
      await FATES[chosen]({
        forward: async () => {
          const reply = await forward(target + url, { method, headers }, body);
          return path === "/v1/sync" && changes.length > 0 ? edited(reply, changes.shift()) : reply;
        },
        answer: ({ status, headers, body }) => outgoing.writeHead(status, headers).end(body),
        cut,
        half: ({ status, headers, body }) => {
          outgoing.writeHead(status, { ...headers, "content-length": body.length });
          outgoing.write(body.subarray(0, body.length / 2), cut);
        },
        wait: () => new Promise((resolve) => setTimeout(resolve, LATE_MS)),
      });
    } catch {
      // The server is away, or the page is: either way this connection has ended.
      cut();
    }
  });
  // A connection for each request: one that was cut while it was in use again is asked anew by browsers, unseen by pages.
  server.maxRequestsPerSocket = 1;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    requests,
    edit: (change) => void changes.push(change),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** What was asked, as text: large bodies are packed, which their first bytes say. */
function plain(body) {
  return (isPacked(body) ? gunzipSync(body) : body).toString();
}

function isPacked(body) {
  return body[0] === 0x1f && body[1] === 0x8b;
}

function edited({ status, headers, body }, change) {
  const reply = JSON.parse(body);
  change(reply);
  const text = Buffer.from(JSON.stringify(reply));
  return { status, headers: { ...headers, "content-length": text.length }, body: text };
}

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function forward(url, options, body) {
  return new Promise((resolve, reject) => {
    const asked = ask(url, options, async (response) => {
      const { "transfer-encoding": _, connection: __, "keep-alive": ___, ...headers } = response.headers;
      resolve({ status: response.statusCode, headers, body: await all(response) });
    });
    asked.once("error", reject);
    asked.end(body);
  });
}
