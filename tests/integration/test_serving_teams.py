"""``lookalike serve`` for others than its own user, as a person starts it."""

import json
import re
import signal
import socket
import subprocess
import time
from functools import partial
from urllib.parse import urljoin

import httpx
import pytest

import lookalike
from benchmarks.ports import free_port
from lookalike.commands.main import main
from lookalike.errors import NotAllowedError, TokenError
from tests.browser.serving import ROOT, START_TIMEOUT_S, lookalike_command

KEY = "review-key-of-the-tests-1"
PATIENCE_S = 120
get = partial(httpx.get, timeout=PATIENCE_S)


class Served:
    """A server in a process of its own, with what it says."""

    def __init__(self, data_dir, *options):
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = lookalike_command("serve", "--port", self.port, "--data-dir", data_dir, *options)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)

    def wait(self):
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up_at:
            assert self.process.poll() is None, self.process.stderr.read()
            try:
                return get(f"{self.url}/api/v1/health").json()
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("it does not answer")

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def serve_(tmp_path):
    started = []

    def start(*options):
        started.append(Served(tmp_path / "data", *options))
        started[-1].wait()
        return started[-1]

    yield start
    for server in started:
        server.stop()


def test_serve__beyond_loopback_makes_a_key_and_shows_it_once(serve_, tmp_path):
    server = serve_("--host", "0.0.0.0")
    line = server.process.stderr.readline()
    key = re.search(r"log in with this key, which has admin access and is shown only now: (\S{43})$", line)[1]

    with lookalike.connect(server.url, api_key=key) as client:
        assert client.list_collections() == []
    with lookalike.connect(server.url) as client, pytest.raises(TokenError, match="asks for a key"):
        client.list_collections()
    with lookalike.connect(server.url, api_key="wrong") as client, pytest.raises(TokenError, match="does not know"):
        client.list_collections()
    with lookalike.connect(tmp_path / "data") as client:  # the user who started it, by server.json
        assert client.list_collections() == []
    code, out, err = server.stop()
    assert (code, key in out + err) == (0, False)


def test_serve__token_file_holds_on_loopback_too(serve_, tmp_path, monkeypatch, capsys):
    (tmp_path / "keys").write_text(f"review {KEY} ana\n")
    (tmp_path / "keys").chmod(0o644)
    server = serve_("--token-file", tmp_path / "keys")
    assert "other users of this machine can read" in server.process.stderr.readline()
    assert get(f"{server.url}/api/v1/collections").status_code == 401
    assert get(server.url).status_code == 303
    assert get(f"{server.url}/login").headers.get("set-cookie") is None

    monkeypatch.setenv("LOOKALIKE_API_KEY", KEY)
    with lookalike.connect(server.url) as client:
        assert client.list_collections() == []
        with pytest.raises(NotAllowedError, match="may not index a folder"):
            client.index(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(["status", "--server", server.url, "--json"])
    assert stopped.value.code == 0
    assert json.loads(capsys.readouterr().out)["collections"] == []


def test_serve__no_token_says_so_and_lets_all_in(serve_):
    server = serve_("--host", "0.0.0.0", "--no-token")
    assert "no key is asked" in server.process.stderr.readline()
    assert get(f"{server.url}/api/v1/collections").status_code == 200
    wish = {"kind": "index", "source": "/nowhere"}
    own = {"Sec-Fetch-Site": "same-origin", "Origin": server.url}
    with httpx.Client(timeout=PATIENCE_S) as browser:
        assert browser.get(server.url).status_code == 200
        assert browser.post(f"{server.url}/api/v1/runs", json=wish, headers=own).status_code == 403


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--allow-host", "https://a.example"], "--allow-host 'https://a.example' is no name of a host"),
        (["--allow-host", "a.example:8443"], "write one such as lookalike.example, without scheme and port"),
        (["--trust-proxy", "proxy"], "--trust-proxy 'proxy' is no address or network; write one such as 10.0.0.2"),
        (["--root-path", "lookalike"], "--root-path 'lookalike' is no path; write one such as /tools/lookalike"),
        (["--root-path", "/a/../b c"], "is no path"),
        (["--allow-frame", "example.com"], "--allow-frame 'example.com' is no origin; write one such as https://"),
        (["--allow-frame", "https://a; script-src *"], "is no origin"),
        (["--root", "/nothing/there"], "--root /nothing/there is no folder; name one that exists"),
        (["--token-file", "/nothing/there"], "token file /nothing/there cannot be read (No such file or directory)"),
        (["--no-token", "--token-file", "x"], "--no-token and --token-file contradict each other"),
        (["--log-format", "xml"], "there is no log format 'xml'; use text or json"),
    ],
)
def test_serve__impossible_options_are_told_before_anything_is_started(tmp_path, capsys, options, words):
    with pytest.raises(SystemExit) as stopped:
        main(["serve", "--data-dir", str(tmp_path / "data"), *options])
    said = capsys.readouterr()
    assert (stopped.value.code, said.out) == (2, "")
    assert words in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_serve__a_short_key_is_no_key_for_others(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LOOKALIKE_API_KEY", "secret")
    with pytest.raises(SystemExit) as stopped:
        main(["serve", "--host", "0.0.0.0", "--data-dir", str(tmp_path / "data")])
    assert stopped.value.code == 2
    assert "LOOKALIKE_API_KEY has fewer than 20 characters" in capsys.readouterr().err


def test_serve__a_client_that_sends_no_whole_head_is_left(serve_, monkeypatch):
    server = serve_()
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.settimeout(60)
        slow.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert slow.recv(1) == b""  # closed by the server, without an answer
    assert get(f"{server.url}/api/v1/health").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve__a_signal_ends_streams_and_answers_on_their_way(serve_, photos, number):
    server = serve_()
    token = json.loads((server.data_dir / "server.json").read_text())["token"]
    with lookalike.connect(server.url, api_key=token) as owner:
        run = owner.index(photos)
        with httpx.stream("GET", f"{server.url}/api/v1/runs/{run.id}/events", timeout=60) as events:
            lines = events.iter_lines()
            assert next(lines) == "retry: 2000"
            server.process.send_signal(number)
            assert not [line for line in lines if line.startswith("event: end") and "succeeded" in line]
    _, err = server.process.communicate(timeout=60)
    assert server.process.returncode == 0
    assert "Traceback" not in err
    assert not (server.data_dir / "server.json").exists()


def test_serve__json_log_has_one_document_per_request_with_its_id(serve_):
    server = serve_("--log-format", "json")
    get(f"{server.url}/api/v1/collections", headers={"X-Request-ID": "ticket-9"})
    _, _, err = server.stop()
    documents = [json.loads(line) for line in err.splitlines()]
    (found,) = [one for one in documents if one["request_id"] == "ticket-9"]
    assert (found["path"], found["status"], found["client"]) == ("/api/v1/collections", 200, "127.0.0.1")
    assert found["time"].endswith("+00:00")


def test_serve__below_a_path_of_a_proxy_that_keeps_it_or_strips_it(serve_):
    server = serve_("--root-path", "/tools/lookalike", "--no-token")
    for base in (f"{server.url}/tools/lookalike", server.url):
        page = get(f"{base}/")
        assert '<base href="/tools/lookalike/">' in page.text
        assert 'src="/tools/lookalike/assets/bridge.js' in page.text
        assert get(f"{base}/_dash-layout").status_code == 200
        assert get(f"{base}/assets/bridge.js").status_code == 200
        assert get(f"{base}/login").status_code == 200
        docs = f"{base}/api/v1/docs"
        document = re.search(r"url: '([^']+)'", get(docs).text)[1]
        assert get(urljoin(docs, document)).json()["info"]["title"] == "Lookalike"
    answer = get(f"{server.url}/tools/lookalike?id=1")
    assert (answer.status_code, answer.headers["location"]) == (307, "/tools/lookalike/?id=1")
    with lookalike.connect(f"{server.url}/tools/lookalike") as client:
        assert client.list_collections() == []
