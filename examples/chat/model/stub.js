// Speaks as a model's server does: the OpenAI protocol, streamed. It knows three things and three ways to say them.
import { answers } from "./answers.js"

const PAUSE_MS = 15

export async function model(request, response) {
  const { messages, model, stream } = JSON.parse(await body(request))
  const system = messages.find(({ role }) => role === "system")?.content ?? ""
  const question = messages.findLast(({ role }) => role === "user")?.content ?? ""
  const text = answer(question, system)
  const base = { id: `chatcmpl-${Date.now()}`, created: Math.floor(Date.now() / 1000), model }
  if (!stream) {
    const choices = [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }]
    response.setHeader("content-type", "application/json")
    return void response.end(JSON.stringify({ ...base, object: "chat.completion", choices }))
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  const send = (delta, finish_reason = null) => {
    const chunk = { ...base, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  send({ role: "assistant", content: "" })
  for (const content of text.split(/(?<=\s)/)) {
    if (response.destroyed) return
    send({ content })
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  send({}, "stop")
  response.end("data: [DONE]\n\n")
}

function answer(question, system) {
  const style = /one sentence/.test(system) ? "short" : /steps/.test(system) ? "steps" : "example"
  const known = answers.find(({ about }) => about.test(question)) ?? answers.at(-1)
  return known[style]
}

async function body(stream) {
  let text = ""
  for await (const chunk of stream) text += chunk
  return text
}
