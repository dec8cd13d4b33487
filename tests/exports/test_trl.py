"""Hugging Face: `datasets` loads what TRL trains on, and TRL's own functions take it for what it is."""

import pytest
from conftest import PROMPT
from datasets import load_dataset
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast
from trl.data_utils import apply_chat_template, is_conversational, unpair_preference_dataset

PAIRS = [
    ("The sky is blue.", "The sky are blue."),
    ("Second attempt.", "First attempt."),
    ("The better one.", "The worse one."),
]
COLUMNS = {
    "preference": ["prompt", "chosen", "rejected"],
    "unpaired": ["prompt", "completion", "label"],
    "completion": ["prompt", "completion"],
}
ROWS = {"preference": (3, 2), "unpaired": (4, 2), "completion": (4, 2)}


@pytest.fixture(scope="session")
def tokenizer():
    words = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"x": 0}, unk_token="x")))
    words.chat_template = (
        "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}</>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    return words


def load(path, folder):
    return load_dataset("json", data_files=str(path), split="train", cache_dir=str(folder))


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("chat", [False, True])
def test_a_data_set_has_the_columns_and_the_form_of_its_type(export, tmp_path, kind, chat):
    form = f"trl-{kind}{'-chat' if chat else ''}"
    for machine_made, count in zip((True, False), ROWS[kind]):
        data = load(export(form, machine_made), tmp_path)
        assert data.column_names == COLUMNS[kind]
        assert len(data) == count
        assert all(is_conversational(row) == chat for row in data)


def test_pairs_are_what_the_person_meant_and_unpair(export, tmp_path):
    data = load(export("trl-preference"), tmp_path)
    assert [(row["chosen"], row["rejected"]) for row in data] == PAIRS
    assert set(data["prompt"]) == {PROMPT}
    unpaired = unpair_preference_dataset(data)
    assert sorted(unpaired.column_names) == sorted(COLUMNS["unpaired"])
    assert len(unpaired) == 2 * len(data)


@pytest.mark.parametrize("kind", COLUMNS)
def test_conversations_go_through_a_chat_template(export, tmp_path, tokenizer, kind):
    texts = [apply_chat_template(row, tokenizer) for row in load(export(f"trl-{kind}-chat"), tmp_path)]
    plain = load(export(f"trl-{kind}"), tmp_path)
    for text, row in zip(texts, plain, strict=True):
        assert text["prompt"] == f"<user>{PROMPT}</><assistant>"
        for column in set(COLUMNS[kind]) & {"chosen", "rejected", "completion"}:
            assert text[column] == f"{row[column]}</>"


def test_labels_are_booleans(export, tmp_path):
    data = load(export("trl-unpaired"), tmp_path)
    assert data.features["label"].dtype == "bool"
    assert data["label"][:] == [True, True, False, True]
