"""Langfuse: its own client sends each line, and what arrives is the line."""

import re
from datetime import datetime

from langfuse.api.client import LangfuseAPI
from langfuse.api.scores import CreateScoreRequest


def test_each_line_is_a_score_that_langfuses_client_sends_as_it_is(rows, loopback):
    address, received = loopback
    lines = rows("langfuse", machine_made=False)
    scores = [CreateScoreRequest.model_validate(in_python(line)) for line in lines]
    assert all(not score.model_extra for score in scores), "a field that Langfuse does not know"
    client = LangfuseAPI(base_url=address, username="pk", password="sk")
    received.clear()
    try:
        client.scores.create(request=scores)
    except Exception:  # the stand-in's answer is not Langfuse's; what was sent is what counts
        pass
    ((method, path, body),) = received
    assert (method, path) == ("POST", "/api/public/scores")
    for sent, line in zip(body, lines, strict=True):
        assert datetime.fromisoformat(sent.pop("timestamp")) == datetime.fromisoformat(line.pop("timestamp"))
        assert sent == line


def in_python(line):
    """Langfuse's models name fields as Python does, and write them as JSON does."""
    return {re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", key): value for key, value in line.items()}


def test_scores_have_the_types_of_what_was_said(rows):
    lines = rows("langfuse")
    said = [(line["name"], line["dataType"], line["value"]) for line in lines]
    assert said == [
        ("thumb", "BOOLEAN", 1),
        ("thumb", "BOOLEAN", 1),
        ("thumb", "BOOLEAN", 0),
        ("edited", "NUMERIC", 0.25),
        ("output", "CORRECTION", "The sky is blue."),
        ("regenerated", "BOOLEAN", 1),
        ("thumb", "BOOLEAN", 1),
        ("preferred-over", "CATEGORICAL", "h"),
        ("reward", "NUMERIC", 0.7),
    ]
    assert len({line["id"] for line in lines}) == len(lines)
    assert all(re.fullmatch("[0-9a-f]{32}", line["traceId"]) for line in lines)
