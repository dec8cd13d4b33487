"""A real server takes signals over HTTP; then `flywheel export` writes each format once, with and without machine-made texts."""

import json
import os
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

FLYWHEEL = os.environ["FLYWHEEL_BIN"]
PROMPT = "Why is the sky blue? “Kurz” bitte, 请, with a\nsecond line."


def identifier(number):
    """A UUID of version 7 for now; later numbers sort later."""
    moment = f"{int(time.time() * 1000):012x}"
    return f"{moment[:8]}-{moment[8:]}-7{number:03x}-8000-{number:012x}"


def answer(name, text, by_a_person=False):
    features = {"made_by": "person", "tone": "warm"} if by_a_person else {"tone": "plain"}
    return {"id": name, "features": features, "text": text}


def signals():
    """What one person says: each kind of statement, by authors of both kinds."""
    said = [
        (answer("a", "A model's liked answer."), {"thumb": "up"}, {}),
        (answer("b", "A person's liked answer.", True), {"thumb": "up"}, {}),
        (answer("c", "A person's bad answer.", True), {"thumb": "down"}, {}),
        (
            answer("d", "The sky are blue."),
            {"correction": {"share": 0.25, "shown": "The sky are blue.", "corrected": "The sky is blue."}},
            {},
        ),
        (answer("e", "First attempt."), "regenerate", {}),
        (answer("f", "Second attempt."), {"thumb": "up"}, {"earlier": answer("e", "First attempt.")}),
        (answer("g", "The better one.", True), {"prefer": {"over": answer("h", "The worse one.")}}, {}),
        (answer("i", "Worth something."), {"reward": {"value": 0.7, "reason": "copied"}}, {}),
    ]
    for number, (shown, feedback, more) in enumerate(said):
        yield {
            "id": identifier(number),
            "at": int(time.time() * 1000),
            "decision": identifier(0x800 + number),
            "surface": "answer",
            "context": {"prompt": PROMPT, "topic": "science"},
            "shown": shown,
            "choice": {"order": [shown["id"]], "propensity": 0.99, "explored": False, "prediction": 0.5, "version": 0},
            "feedback": feedback,
        } | more


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A data folder with the signals of one person."""
    folder = tmp_path_factory.mktemp("data")
    command = [FLYWHEEL, "serve", "--data", str(folder), "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[-1]
        batch = {
            "v": 1,
            "key": (folder / "public-key.txt").read_text().strip(),
            "secret": "000102030405060708090a0b0c0d0e0f",
            "request": identifier(0),
            "sent_at": int(time.time() * 1000),
            "model": "fw6.18",
            "version": 0,
            "consent": {"learn": True, "share": "granted", "text": True},
            "signals": list(signals()),
        }
        request = urllib.request.Request(f"{address}/v1/sync", json.dumps(batch).encode(), {"content-type": "text/plain"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            outcomes = [result["outcome"] for result in json.load(reply)["results"]]
        assert outcomes == ["ok"] * 8
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0
    return folder


@pytest.fixture(scope="session")
def export(data, tmp_path_factory):
    """`export(format, …)` gives the path of an exported file."""
    folder = tmp_path_factory.mktemp("exports")

    def run(form, machine_made=True, name=None):
        path = folder / (name or f"{form}-{machine_made}.jsonl")
        command = [FLYWHEEL, "export", "--format", form, "--data", str(data), "--out", str(path)]
        subprocess.run(command + (["--include-machine-made"] if machine_made else []), check=True)
        return path

    return run


@pytest.fixture
def rows(export):
    """`rows(format, …)` gives the parsed lines of an export."""
    return lambda form, machine_made=True: [json.loads(line) for line in export(form, machine_made).open()]


@pytest.fixture(scope="session")
def loopback():
    """A server on the loopback interface that notes what it is sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            received.append((self.command, self.path, json.loads(body) if body else None))
            reply = json.dumps({"id": "00000000-0000-0000-0000-000000000001", "username": "u", "role": "owner"}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(reply)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
