// One collector for all: it takes whatever is posted, and counts the marks in it. What is ours goes on to a server of
// ours, which answers.
import { createServer, request as ask } from "node:http";
import { gunzipSync } from "node:zlib";

const MARK = /mark-([a-z0-9]+)-(\d+)-/g;
const OURS = "/flywheel";

/** What a body says, whichever way it was wrapped. */
function unwrap(body) {
  if (body[0] === 0x1f && body[1] === 0x8b) return unwrap(gunzipSync(body));
  const text = body.toString();
  if (text.startsWith("data=")) {
    const data = new URLSearchParams(text).get("data");
    return data.startsWith("{") || data.startsWith("[") ? data : Buffer.from(data, "base64").toString();
  }
  // Snowplow wraps each event once more.
  return text.replace(/"ue_px":"([^"]*)"/g, (_, inner) => Buffer.from(inner, "base64url").toString());
}

/**
 * Listens on loopback.
 * @param {string} server where what is ours goes
 */
export async function startCollector(server) {
  const seen = new Map();
  let last = 0;
  const note = (body) => {
    const marks = new Set([...unwrap(body).matchAll(MARK)].map(([mark]) => mark));
    if (marks.size > 0) last = performance.now();
    for (const mark of marks) seen.set(mark, (seen.get(mark) ?? 0) + 1);
  };
  const listener = createServer(async (incoming, outgoing) => {
    const { url, method, headers } = incoming;
    const cors = {
      "access-control-allow-origin": headers.origin ?? "*",
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": headers["access-control-request-headers"] ?? "*",
    };
    try {
      const body = await all(incoming);
      if (method === "POST") note(body);
      if (url.startsWith(OURS)) {
        const reply = await pass(server + url.slice(OURS.length), method, body);
        outgoing.writeHead(reply.status, { ...cors, "content-type": reply.type }).end(reply.body);
      } else {
        outgoing.writeHead(200, { ...cors, "content-type": "application/json" }).end('{"success":true,"status":1}');
      }
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${listener.address().port}`;
  return {
    endpoint,
    ours: endpoint + OURS,
    /** How many of a run's marks have come, and how many of them more than once. */
    count: (run) => {
      const times = [...seen].filter(([mark]) => mark.startsWith(`mark-${run}-`)).map(([, times]) => times);
      return { came: times.length, again: times.filter((times) => times > 1).length };
    },
    /** Milliseconds since the last mark came. */
    quiet: () => performance.now() - last,
    stop: () =>
      new Promise((resolve) => {
        listener.close(resolve);
        listener.closeAllConnections();
      }),
  };
}

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function pass(url, method, body) {
  return new Promise((resolve, reject) => {
    const asked = ask(url, { method, headers: { "content-length": body.length } }, async (response) => {
      resolve({ status: response.statusCode, type: response.headers["content-type"] ?? "text/plain", body: await all(response) });
    });
    asked.once("error", reject);
    asked.end(body);
  });
}
