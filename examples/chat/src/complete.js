/** The answer of any server that speaks the OpenAI protocol, piece by piece. */
export async function* complete(messages, signal) {
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "any", stream: true, messages }),
    signal,
  })
  if (!response.ok) throw new Error(`the model answered ${response.status}`)
  let rest = ""
  for await (const text of texts(response.body)) {
    const lines = (rest + text).split("\n")
    rest = lines.pop()
    for (const line of lines) {
      const data = line.startsWith("data:") ? line.slice(5).trim() : ""
      if (data === "[DONE]") return
      const piece = data && JSON.parse(data).choices[0]?.delta?.content
      if (piece) yield piece
    }
  }
}

/** Not every browser iterates over streams yet. */
async function* texts(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    void reader.cancel()
  }
}
