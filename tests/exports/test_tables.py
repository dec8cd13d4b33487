"""Parquet, JSON Lines and the replay log, with what reads them."""

import json
import os
import subprocess

import pandas
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import load_dataset


def test_parquet_has_typed_columns_and_the_same_rows_as_json_lines(export, rows):
    for machine_made in (True, False):
        path = export("parquet", machine_made, f"{machine_made}.parquet")
        table = pq.read_table(path)
        moment = pa.timestamp("ms", tz="UTC")
        assert table.schema.field("at").type == table.schema.field("received_at").type == moment
        assert table.schema.field("seq").type == pa.int64()
        assert table.schema.field("value").type == pa.float64()
        assert table.schema.field("explored").type == pa.bool_()
        found = table.to_pylist()
        expected = rows("jsonl", machine_made)
        for row, line in zip(found, expected, strict=True):
            for column in ("at", "received_at"):
                row[column] = round(row[column].timestamp() * 1000)
            for column in ("context", "features"):
                row[column] = json.loads(row[column])
            assert row == line


def test_parquet_loads_as_a_data_set(export, tmp_path):
    path = export("parquet", True, "set.parquet")
    data = load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(tmp_path))
    assert data["kind"][:] == ["thumb", "thumb", "thumb", "correction", "regenerate", "thumb", "prefer", "reward"]


def test_json_lines_load_as_a_table(export):
    table = pandas.read_json(export("jsonl"), lines=True)
    assert len(table) == 8
    assert table["corrected"].dropna().tolist() == ["The sky is blue."]


def test_a_replay_log_replays(export):
    path = export("replay", True, "log.jsonl.gz")
    command = [os.environ["FLYWHEEL_BIN"], "replay", str(path), "--json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    # The attempt that was liked after a regeneration is a thumb and a pair.
    assert report["events"] == 9
    assert 0 < report["log_loss"] < 1
