"""Argilla: its own reader makes records of the file, for the settings that docs/exports.md gives."""

import re
from pathlib import Path

import argilla as rg
import pytest
from argilla.records._io import JsonIO

DOCUMENT = Path(__file__).parents[2] / "docs" / "exports.md"


@pytest.fixture
def settings(loopback):
    rg.Argilla(api_url=loopback[0], api_key="key")
    snippet = re.search(r"<!-- settings: argilla -->\n```python\n(.*?)```", DOCUMENT.read_text(), re.S)[1]
    settings = eval(snippet, {"rg": rg})
    settings.validate()
    return settings


def test_records_fit_the_documented_settings(export, settings):
    fields = {field.name: field for field in settings.fields}
    questions = {question.name: question for question in settings.questions}
    properties = {entry.name for entry in settings.metadata}
    for machine_made, count in ((True, 7), (False, 4)):
        records = JsonIO._records_from_json(export("argilla", machine_made, f"argilla-{machine_made}.json"))
        assert len(records) == count
        for record in records:
            model = record.api_model()
            assert set(model.fields) <= set(fields)
            assert {name for name, field in fields.items() if field.required} <= set(model.fields)
            assert {entry.name for entry in model.metadata} == properties
            assert model.suggestions
            for suggestion in model.suggestions:
                labels = getattr(questions[suggestion.question_name], "labels", None)
                assert labels is None or suggestion.value in labels


def test_a_correction_is_suggested(export):
    records = JsonIO._records_from_json(export("argilla", False, "corrections.json"))
    corrections = [(record, said) for record in records for said in record.suggestions if said.question_name == "correction"]
    ((record, said),) = corrections
    assert record.fields["response"] == "The sky are blue."
    assert said.value == "The sky is blue."
