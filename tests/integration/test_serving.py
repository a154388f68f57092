"""A server tells the programs of the same user where it is."""

import json
import os
import stat
import subprocess
import sys
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
    assert httpx.get(f"{url}/api/v1/health").json()["server_id"] == said["server_id"]
    os.kill(said["pid"], 0)


@pytest.mark.parametrize("command", [["serve", "--port", "8999"], ["demo", "--no-serve"]])
def test_serve__twice_says_where_the_first_is(served, command):
    url, data_dir = served
    done = subprocess.run(
        lookalike_command(*command, "--data-dir", data_dir), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"lookalike: data directory {data_dir} is open at {url} already (process ")


ASK_AS = """
import os, sys, urllib.request
os.setuid(int(sys.argv[2]))
print(urllib.request.urlopen(sys.argv[1]).headers["Set-Cookie"])
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/proc/net/tcp").exists(),
    reason="only root can ask as another user, and only Linux tells who asks",
)
def test_serve__to_another_user_of_the_machine__the_page_has_no_power_over_files(served):
    said = {}
    for user in (0, 65534):
        command = [sys.executable, "-c", ASK_AS, served[0], str(user)]
        said[user] = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert said[0].startswith("lookalike-")
    assert said[65534] == "None"


def test_serve__where_an_earlier_server_was_killed(served, tmp_path):
    (tmp_path / "data").mkdir()
    stale = ServerFile.read(served[1])
    replace(stale, pid=2**22 + 1).write(tmp_path / "data")
    with serve(tmp_path / "data") as url:
        assert json.loads((tmp_path / "data" / "server.json").read_text())["url"] == url
    assert not (tmp_path / "data" / "server.json").exists()
