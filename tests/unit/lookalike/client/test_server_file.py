"""``server.json``: who finds it, and which files nobody may believe."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lookalike.client.server_file import ServerFile, find_server

PLACE = ServerFile("http://127.0.0.1:8050", os.getpid(), "1.0", "id", "secret")


@pytest.fixture
def health():
    """A server that answers ``/health`` with the id ``id``, and counts who asks it with a token."""

    asked = []

    class Health(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            body = b'{"status": "ok", "version": "1.0", "server_id": "id"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_write__is_for_this_user_alone_and_leaves_nothing_beside_it(tmp_path):
    before = os.umask(0)
    try:
        PLACE.write(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "server.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["server.json"]
    assert ServerFile.read(tmp_path) == PLACE
    assert "secret" not in repr(PLACE)


def test_remove__leaves_the_file_of_another_server(tmp_path):
    PLACE.write(tmp_path)
    replace(PLACE, server_id="other").remove(tmp_path)
    assert ServerFile.read(tmp_path) == PLACE
    PLACE.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []
    PLACE.remove(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_read__file_that_others_reach_is_ignored(tmp_path, mode):
    PLACE.write(tmp_path)
    (tmp_path / "server.json").chmod(mode)
    assert ServerFile.read(tmp_path) is None


def test_read__file_of_another_user_is_ignored(tmp_path, monkeypatch):
    PLACE.write(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert ServerFile.read(tmp_path) is None


def test_read__link_is_ignored(tmp_path):
    PLACE.write(tmp_path)
    (tmp_path / "server.json").rename(tmp_path / "elsewhere.json")
    (tmp_path / "server.json").symlink_to(tmp_path / "elsewhere.json")
    assert ServerFile.read(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"url": "http://127.0.0.1:1"}',
        json.dumps({"url": 5, "pid": 1, "version": "", "server_id": "", "token": ""}),
        json.dumps({"url": "http://x", "pid": "1", "version": "", "server_id": "", "token": ""}),
        json.dumps({"url": "file:///x", "pid": 1, "version": "", "server_id": "", "token": ""}),
    ],
)
def test_read__other_content_is_ignored(tmp_path, text):
    (tmp_path / "server.json").write_text(text)
    (tmp_path / "server.json").chmod(0o600)
    assert ServerFile.read(tmp_path) is None


def test_read__of_a_copied_data_directory_is_ignored(tmp_path):
    (tmp_path / "served").mkdir()
    PLACE.write(tmp_path / "served")
    shutil.copytree(tmp_path / "served", tmp_path / "copy")

    assert ServerFile.read(tmp_path / "copy") is None
    assert ServerFile.read(tmp_path / "served") == PLACE


def test_read__folder_is_ignored(tmp_path):
    (tmp_path / "server.json").mkdir(mode=0o700)
    assert ServerFile.read(tmp_path) is None
    assert ServerFile.read(tmp_path / "nowhere") is None


def test_find_server__asks_for_the_id_and_shows_the_token_to_nobody_before(tmp_path, health, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # which would get the request
    url, asked = health
    replace(PLACE, url=url).write(tmp_path)
    assert find_server(tmp_path) == replace(PLACE, url=url)
    assert asked == [("/api/v1/health", None)]


def test_find_server__another_server_has_the_port_by_now(tmp_path, health):
    replace(PLACE, url=health[0], server_id="earlier").write(tmp_path)
    assert find_server(tmp_path) is None


def test_find_server__process_that_ended(tmp_path, health):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    replace(PLACE, url=health[0], pid=ended.pid).write(tmp_path)
    assert find_server(tmp_path) is None
    for pid in (0, -1, 2**70):
        replace(PLACE, url=health[0], pid=pid).write(tmp_path)
        assert find_server(tmp_path) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://", "http://[", "http://127.0.0.1:99999999"])
def test_find_server__nobody_answers(tmp_path, url):
    replace(PLACE, url=url).write(tmp_path)
    assert find_server(tmp_path) is None


def test_write__makes_a_data_directory_that_is_not_there_yet(tmp_path):
    """With the points on a Qdrant server, nothing else makes it before."""
    file = ServerFile("http://127.0.0.1:1", 1, "1", "id", "secret")
    file.write(tmp_path / "new" / "data")
    assert ServerFile.read(tmp_path / "new" / "data") == file
