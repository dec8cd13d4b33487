"""OpenAI: its package has no validator of training files, so its own types of messages are what rows are checked with."""

from conftest import PROMPT
from openai.types.chat import ChatCompletionAssistantMessageParam, ChatCompletionUserMessageParam
from pydantic import TypeAdapter

USER = TypeAdapter(ChatCompletionUserMessageParam, config=None)
ASSISTANT = TypeAdapter(ChatCompletionAssistantMessageParam, config=None)


def check(kind, message):
    assert set(message) == {"role", "content"}
    kind.validate_python(message)
    return message["content"]


def test_a_chat_is_a_question_and_an_answer(rows):
    found = []
    for row in rows("openai-chat"):
        assert set(row) == {"messages"}
        question, answer = row["messages"]
        assert check(USER, question) == PROMPT
        found.append(check(ASSISTANT, answer))
    assert found == ["A model's liked answer.", "A person's liked answer.", "The sky is blue.", "Second attempt."]
    assert len(rows("openai-chat", machine_made=False)) == 2


def test_a_preference_has_one_input_and_two_outputs(rows):
    found = []
    for row in rows("openai-preference"):
        assert set(row) == {"input", "preferred_output", "non_preferred_output"}
        assert set(row["input"]) == {"messages", "tools", "parallel_tool_calls"}
        (question,) = row["input"]["messages"]
        assert check(USER, question) == PROMPT
        (better,), (worse,) = row["preferred_output"], row["non_preferred_output"]
        found.append((check(ASSISTANT, better), check(ASSISTANT, worse)))
    assert found[0] == ("The sky is blue.", "The sky are blue.")
    assert len(found) == 3
