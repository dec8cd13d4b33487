// What can be chosen: the style of an answer, decided before the one call to the model.

export const styles = [
  { id: "short", name: "short", features: { style: "short" }, prompt: "Answer in one sentence." },
  { id: "steps", name: "step by step", features: { style: "steps" }, prompt: "Answer in numbered steps." },
  { id: "example", name: "by example", features: { style: "example" }, prompt: "Answer by one example." },
]

/** What is known about the moment. An app of yours knows more: the plan, the language, the time of day. */
export function contextOf(question) {
  const topic = /sort|list|array|code|python|javascript/i.test(question) ? "code" : "life"
  return { topic, long: question.length > 80 }
}
