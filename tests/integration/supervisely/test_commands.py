"""The commands as a user runs them: one line per error, exit codes, nothing of the SDK's log, never the token."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.ports import free_port
from tests.integration.supervisely.projects import add_sample

PROGRAM = "from lookalike.commands.main import main; main()"


@pytest.fixture
def sample(server):
    return add_sample(server.tables, n_images=1)


def start(*arguments, program=PROGRAM, **environment):
    command = [sys.executable, "-c", program, *map(str, arguments)]
    known = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=known | environment)


def index(server, tmp_path, address, *more, program=PROGRAM, **environment):
    """Run ``index --json``: exit code, stdout, and stderr without progress."""
    environment = server.environment | environment
    arguments = ("index", address, "--json", "--data-dir", tmp_path / "data", *more)
    working = start(*arguments, program=program, **environment)
    out, err = working.communicate(timeout=300)
    lines = [line for line in err.splitlines() if not line.startswith(("indexing images", "building the search"))]
    assert server.token not in out + err
    assert "Traceback" not in err
    return working.returncode, out, lines


def test_index__json__of_one_dataset(server, sample, tmp_path):
    code, out, lines = index(server, tmp_path, sample.of_dataset("train"), API_TOKEN=f"{server.token}\n")

    report = json.loads(out)
    assert (code, lines) == (0, [])
    assert (report["images"]["added"], report["instances"]["embedded"]) == (3, 6)
    assert report["source_key"] == f"supervisely://{server.url.removeprefix('http://')}/{sample.project}"


def test_acceptance_script__finds_the_double_as_expected(server):
    script = Path(__file__).parents[3] / "docs" / "supervisely_acceptance.py"
    environment = {**os.environ, **server.environment, "PYTHONPATH": str(script.parents[1])}
    command = [sys.executable, str(script), "--workspace", "1", "--skip-index"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 13
    assert [line for line in lines if not line.startswith("as expected")] == []
    assert server.tables.projects == {}


@contextmanager
def running_web_pages(status):
    """A server that answers everything with a page of HTML."""

    class Pages(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<html><body>Log in</body></html>")

        def log_message(self, *_):
            pass

    pages = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=pages.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{pages.server_address[1]}"
    finally:
        pages.shutdown()
        thread.join()
        pages.server_close()


BLOCKED = "import sys; sys.modules['supervisely'] = None; " + PROGRAM
ERRORS = {
    "bad token": ({"API_TOKEN": "wrong-one"}, 1, "does not take the token in API_TOKEN (401); get one"),
    "bad token, newline": ({"API_TOKEN": "wrong-one\n"}, 1, "does not take the token in API_TOKEN (401); get one"),
    "token of two lines": ({"API_TOKEN": "wrong\none"}, 2, "API_TOKEN has characters that no token has; copy it"),
    "no token": ({"API_TOKEN": ""}, 2, "API_TOKEN is not set; set it to the token of your account"),
    "no server": ({"SERVER_ADDRESS": ""}, 2, "SERVER_ADDRESS is not set; set it to the server, such as"),
    "odd server": ({"SERVER_ADDRESS": "ftp://x"}, 2, "SERVER_ADDRESS 'ftp://x' is no address of a server"),
    "unreachable": ({"SERVER_ADDRESS": f"http://127.0.0.1:{free_port()}"}, 1, "is SERVER_ADDRESS right, and does the"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_index__wrong_environment__is_one_line(server, sample, lookalike, monkeypatch, tmp_path, kind):
    environment, expected_code, message = ERRORS[kind]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    code, out, err = lookalike("index", sample.address, "--json", "--data-dir", tmp_path / "data")

    assert (code, out, err.count("\n")) == (expected_code, "", 1)
    assert err.startswith("lookalike: ")
    assert message in err
    assert "wrong" not in err


@pytest.mark.parametrize("status", [200, 403, 404, 405])
def test_index__web_page_instead_of_the_api__is_one_line(lookalike, monkeypatch, tmp_path, status):
    with running_web_pages(status) as url:
        monkeypatch.setenv("SERVER_ADDRESS", url)
        monkeypatch.setenv("API_TOKEN", "some-token")
        code, out, err = lookalike("index", "supervisely://11", "--json", "--data-dir", tmp_path / "data")

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"answers projects.info with a web page ({status}), not as a Supervisely server; is SERVER_ADDRESS" in err


def test_index__server_that_fails__is_one_line_without_the_log_of_the_sdk(server, sample, tmp_path):
    server.fail("projects.info", 500, times=100, message=f"the token {server.token} broke me")

    code, out, lines = index(server, tmp_path, sample.address)

    assert (code, out, len(lines)) == (1, "", 1)
    assert "failed 5 times at projects.info: 500 the token *** broke me; try again later" in lines[0]


def test_index__what_is_not_there__is_one_line(server, sample, lookalike, tmp_path):
    server.habits.forbidden_datasets = (sample.datasets["val"],)
    videos = server.tables.add_project("films", kind="videos")
    cases = {
        "supervisely://999": (1, "the server does not have project 999 (404); is the id right"),
        f"{sample.address}/999": (1, "project 11 on http://127.0.0.1:"),
        sample.of_dataset("val"): (1, f"the token has no rights to data set {sample.datasets['val']} (val)"),
        f"supervisely://{videos}": (1, "holds videos; only images are read"),
        "supervisely://": (2, "names no project; say supervisely://PROJECT"),
        "supervisely://streets": (2, "names no project; say supervisely://PROJECT"),
    }
    for address, (expected_code, message) in cases.items():
        code, out, err = lookalike("index", address, "--json", "--data-dir", tmp_path / "data")

        assert (code, out) == (expected_code, "")
        assert message in err
        assert len([line for line in err.splitlines() if not line.startswith("indexing images")]) == 1
        assert server.token not in err


def test_index__without_sdk__says_how_to_install_it(server, sample, tmp_path):
    code, out, lines = index(server, tmp_path, sample.address, program=BLOCKED)

    assert (code, out) == (2, "")
    assert len(lines) == 1
    assert lines[0].startswith("lookalike: supervisely:// needs the Supervisely SDK, which is not installed; install")
    assert lines[0].endswith("pip install 'lookalike[supervisely]' (supervisely)")


def test_index__full_of_a_folder__is_refused(lookalike, photos, tmp_path):
    code, _, err = lookalike("index", photos, "--full", "--data-dir", tmp_path / "data")

    assert code == 2
    assert "the format image_folder has no option 'full'" in err


def test_watch__follows_edits_and_lists_everything_now_and_then(server, sample, tmp_path):
    environment = server.environment | {"PYTHONUNBUFFERED": "1"}
    data = ("--json", "--data-dir", tmp_path / "data")
    working = start("watch", sample.address, "--every", "0.2s", "--full-every", "1h", *data, **environment)
    try:
        assert json.loads(working.stdout.readline())["instances"]["embedded"] == 12
        server.tables.edit_figure(sample.figures[0], classId=sample.classes["dog"])
        deadline = time.monotonic() + 60
        while json.loads(working.stdout.readline())["instances"]["payload_updated"] != 1:
            assert time.monotonic() < deadline
    finally:
        working.send_signal(signal.SIGTERM)
        _, err = working.communicate(timeout=300)
    assert working.returncode == 143
    assert "Traceback" not in err
