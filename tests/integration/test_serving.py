"""A server tells the programs of the same user where it is."""

import json
import os
import socket
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from lookalike.client.server_file import ServerFile
from tests.browser.serving import ROOT, lookalike_command, serve


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("served") / "data"
    with serve(data_dir) as url:
        yield url, data_dir
    assert not (data_dir / "server.json").exists()


def test_serve__says_where_it_is_to_its_user_alone(served):
    url, data_dir = served
    said = json.loads((data_dir / "server.json").read_text())
    assert set(said) == {"url", "pid", "version", "server_id", "token", "data_dir"}
    assert said["url"] == url
    assert stat.S_IMODE((data_dir / "server.json").stat().st_mode) == 0o600
    assert httpx.get(f"{url}/api/v1/health", timeout=120).json()["server_id"] == said["server_id"]
    os.kill(said["pid"], 0)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["serve", "--port", "8999"], marks=pytest.mark.embedded),  # on a Qdrant server, several may serve
        ["demo", "--no-serve"],
    ],
)
def test_serve__twice_says_where_the_first_is(served, command):
    url, data_dir = served
    done = subprocess.run(
        lookalike_command(*command, "--data-dir", data_dir), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"lookalike: data directory {data_dir} is open at {url} already (process ")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/proc/net/tcp").exists(),
    reason="only root can ask as another user, and only Linux tells who asks",
)
def test_serve__to_another_user_of_the_machine__the_page_has_no_power_over_files(served):
    port = int(served[0].rpartition(":")[2])
    pages = [ask_as(user, port) for user in (0, 65534)]
    assert [page.startswith(b"HTTP/1.1 200 OK") for page in pages] == [True, True]
    assert [b"set-cookie: lookalike-" in page for page in pages] == [True, False]


def ask_as(user, port):
    """The page, as a user of this machine gets it who has opened a connection."""
    os.seteuid(user)
    try:
        opened = socket.socket()
    finally:
        os.seteuid(0)
    with opened:
        opened.connect(("127.0.0.1", port))
        opened.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: opened.recv(65536), b""))


def test_serve__where_an_earlier_server_was_killed(served, tmp_path):
    (tmp_path / "data").mkdir()
    stale = ServerFile.read(served[1])
    replace(stale, pid=2**22 + 1).write(tmp_path / "data")
    with serve(tmp_path / "data") as url:
        assert json.loads((tmp_path / "data" / "server.json").read_text())["url"] == url
    assert not (tmp_path / "data" / "server.json").exists()
