"""Requests that a stranger's tool makes out of docs/openapi.json, good and bad, go to a real server.

A failure is: an answer of 5xx, a status, content type or body that the document does not name, a signal that is stored
and was not acknowledged or counts twice, a server that does not stop in good order.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

FLYWHEEL = os.environ["FLYWHEEL_BIN"]
DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
SECONDS = os.environ.get("FLYWHEEL_SECONDS", "45")
# What is documented and what is answered; that every bad request is refused is not among it, for a server that knows
# less than the page takes what it need not understand.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method"


def flywheel(*words, data):
    return subprocess.run([FLYWHEEL, *words, "--data", data], check=True, capture_output=True, text=True).stdout


def with_keys(document, public):
    """The document of a server that has one app: requests get past its door."""
    for name in ("Batch", "Erase", "Person"):
        document["components"]["schemas"][name]["properties"]["key"]["enum"] = [public]
    for parameter in document["paths"]["/v1/head"]["get"]["parameters"]:
        if parameter["name"] == "key":
            parameter["schema"]["enum"] = [public]
    return document


def test_whatever_a_tool_makes_of_the_document_is_answered_as_it_says(tmp_path):
    data = tmp_path / "data"
    words = ["serve", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0", "--key-rate", "0", "--address-rate", "0"]
    server = subprocess.Popen([FLYWHEEL, *words, "--data", data], stdout=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://\S+", server.stdout.readline()).group()
        public = re.search(r"pk_\w+", server.stdout.readline()).group()
        secret = re.search(r"sk_\w+", flywheel("key", "create", "--kind", "secret", data=data)).group()
        document = tmp_path / "openapi.json"
        document.write_text(json.dumps(with_keys(json.loads(DOCUMENT.read_text()), public)))
        tool = [Path(sys.executable).with_name("schemathesis"), "run", document, "--url", address, "--checks", CHECKS]
        # Keys that were just made hold after a second.
        more = ["--max-time", SECONDS, "--wait-for-schema", "5", "--header", f"Authorization: Bearer {secret}", "--continue-on-failure"]
        run = subprocess.run([*tool, *more], cwd=tmp_path, capture_output=True, text=True)
        print(run.stdout[-6000:], run.stderr[-2000:])
        assert run.returncode == 0
        made = int(re.search(r"(\d+) generated", run.stdout).group(1))
        assert made > 300, f"only {made} requests"
        [stats] = [json.loads(line) for line in flywheel("stats", "--json", data=data).splitlines()]
        assert stats["adds_up"] and stats["signals"] == stats["distinct_signals"]
    finally:
        server.terminate()
        assert server.wait(timeout=20) == 0
