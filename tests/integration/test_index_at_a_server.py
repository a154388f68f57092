"""``lookalike index --server``: another machine reads and embeds, and the terminal says the same as of its own."""

import json
import signal

import pytest

from tests.integration.run_processes import (
    N_IMAGES,
    Server,
    index,
    is_embedding,
    is_over,
    let_the_page_start,
    make_pictures,
    open_gate,
    start,
)


@pytest.fixture
def server(tmp_path, monkeypatch):
    opened = Server(tmp_path / "data")
    monkeypatch.setenv("LOOKALIKE_API_KEY", opened.file.token)
    yield opened
    opened.close()


@pytest.fixture
def pictures(tmp_path):
    return make_pictures(tmp_path / "pictures")


def without_time(text):
    return [line.partition(": ")[0] if line.startswith("collection ") else line for line in text.splitlines()]


def test_index__at_a_server__says_the_same(server, pictures, tmp_path, monkeypatch):
    let_the_page_start(monkeypatch)
    (pictures / "red" / "broken.png").write_text("no image")
    alone = index(pictures, "--data-dir", tmp_path / "alone")
    there = index(pictures, "--server", server.file.url)
    again = index(pictures, "--server", server.file.url, "--json")
    alone_again = index(pictures, "--data-dir", tmp_path / "alone", "--json")

    assert without_time(there[1]) == without_time(alone[1])
    assert (there[0], alone[0]) == (0, 0), there[2]
    assert f"  images    {N_IMAGES + 1} seen: {N_IMAGES} added" in there[1]
    assert {**json.loads(again[1]), "seconds": 0} == {**json.loads(alone_again[1]), "seconds": 0}
    assert [run["kind"] for run in server.runs()] == ["index", "index"]


def test_index__at_a_server__of_the_environment_with_progress(server, pictures, tmp_path, monkeypatch):
    let_the_page_start(monkeypatch, gate=tmp_path / "gate")
    monkeypatch.setenv("LOOKALIKE_SERVER", server.file.url)
    working = start("index", pictures, "--collection", "named", "--padding", "4", "--batch-size", 2)
    while not (line := working.stderr.readline()).startswith("indexing images: "):
        assert line, "it ended before it was at work"
    open_gate(tmp_path / "gate")
    out, err = working.communicate(timeout=60)

    assert (working.returncode, "collection named: " in out) == (0, True), err
    assert f"/{N_IMAGES}" in line
    assert server.http.get("/collections/named").json()["crops"] == "padding=4px min=1px"


def test_index__at_a_server__interrupted_cancels_the_run(server, pictures, monkeypatch):
    let_the_page_start(monkeypatch, gate="/no gate")
    working = start("index", pictures, "--server", server.file.url, "--batch-size", 1)
    server.wait_until(is_embedding)
    working.send_signal(signal.SIGINT)
    _, err = working.communicate(timeout=60)

    assert (working.returncode, err.splitlines()[-1]) == (
        130,
        "lookalike: stopped; what was finished is kept, run the command again to go on",
    )
    assert server.wait_until(is_over)["state"] == "cancelled"


def test_index__at_a_server__fails_with_the_same_words(server, tmp_path, monkeypatch):
    let_the_page_start(monkeypatch)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "one.png").write_text("no image")
    for source in (tmp_path / "nowhere", tmp_path / "broken"):
        code, out, err = index(source, "--data-dir", tmp_path / "alone")
        code_there, out_there, err_there = index(source, "--server", server.file.url)
        assert (code_there, without_time(out_there)) == (code, without_time(out))
        assert err_there.splitlines()[-1] == err.splitlines()[-1]
        assert code == 1
    code, _, err = index(tmp_path, "--server", server.file.url, "--padding", "much")
    assert (code, "much" in err) == (2, True)


def test_index__at_a_server__without_its_key_reads_no_folder(server, pictures, monkeypatch):
    monkeypatch.delenv("LOOKALIKE_API_KEY")
    code, out, err = index(pictures, "--server", server.file.url)

    assert (code, out, server.runs()) == (2, "", [])
    assert "may not index a folder" in err


def test_watch__at_a_server__hands_over_what_comes(server, pictures, monkeypatch):
    let_the_page_start(monkeypatch)
    working = start("watch", pictures, "--server", server.file.url, "--every", "1s")
    server.wait_for_any(lambda run: run["state"] == "succeeded")
    (pictures / "red" / "new.png").write_bytes((pictures / "red" / "001.png").read_bytes())
    server.wait_for_any(lambda run: run["state"] == "succeeded" and run["result"]["images"]["added"] == 1)
    said = [working.stdout.readline() for _ in range(8)]  # two reports of four lines
    working.send_signal(signal.SIGINT)
    out, _ = working.communicate(timeout=60)

    assert (working.returncode, out) == (130, "")
    assert [line.split(":")[0] for line in said[::4]] == ["read as image_folder"] * 2
