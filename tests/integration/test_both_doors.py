"""Every command says the same whether a server runs on the data directory or not."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lookalike as product
from lookalike.client.server_file import ServerFile
from lookalike.errors import ServerUnreachableError
from tests.browser.serving import serve
from tests.copies import copy_data
from tests.planted import PLANTED, write_planted_collection

QUESTIONS = [
    "status",
    "models",
    "suspects --limit 3",
    "suspects --class dog --method ridge",
    "suspects --class bird",
    "suspects --ids {missing}",
    "suspects --ids {none}",
    "clusters",
    "clusters --resolution 2",
    "clusters --annotator bob --class dog",
    "duplicates --limit 1",
    "duplicates --threshold 1",
    "duplicates --class bird",
    "duplicates --ids {none}",
    "outliers --limit 3 --dataset val",
    "outliers --edited-after 2030-01-01",
    "confusion",
    "confusion --class cat",
    "confusion --edited-after 2030-01-01",
    "pick 4",
    "pick 3 --diverse --class cat",
    "check",
    "check --format junit",
    "check --max-suspects many",
    "check --collection nope",
    "similar --id {point}",
    "similar --id {point} --class dog --limit 2",
    "similar --id nope",
    "similar --image {image}",
    "similar --image {missing}",
    "reviews list",
    "reviews list --log --verdict skip",
    "reviews list --verdict nope",
    "reviews add nope --verdict skip --who ann",
    "reviews undo --who ann",
    "reviews undo --applied nope --who ann",
    "reviews apply --dry-run --who ann",
    "project --method nope",
    "export {out} --format nope",
    "export {out} --format csv --class dog",
    "import {out}",
    "suspects --collection nope",
    "delete nope --yes",
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """A data directory on which no server runs."""
    data_dir = tmp_path_factory.mktemp("closed") / "data"
    data_dir.mkdir()
    write_planted_collection(data_dir)
    return data_dir


@pytest.fixture(scope="module")
def opened(closed, tmp_path_factory):
    """A copy of it, on which a server runs."""
    data_dir = tmp_path_factory.mktemp("opened") / "data"
    copy_data(closed, data_dir)
    with serve(data_dir):
        yield data_dir


@pytest.fixture(scope="module")
def words(closed, tmp_path_factory):
    """Names in commands -> what they stand for."""
    folder = tmp_path_factory.mktemp("words")
    (folder / "none.json").write_text("[]")
    (folder / "image.txt").write_text("no image")
    with product.connect(closed) as client:
        point = client.list_points(PLANTED, limit=1).points[0].id
    return {
        "point": point,
        "missing": folder / "missing",
        "none": folder / "none.json",
        "image": folder / "image.txt",
        "out": folder / "out",
    }


@pytest.mark.parametrize("question", [*QUESTIONS, *(f"{question} --json" for question in QUESTIONS[::3])])
def test_commands__say_the_same(lookalike, closed, opened, words, question):
    arguments = question.format(**words).split()
    place = ["--data-dir", "{}"] if not question.startswith("models") else []
    said = []
    for data_dir in (closed, opened):
        code, out, err = lookalike(*arguments, *(text.format(data_dir) for text in place))
        assert "Traceback" not in err
        # progress is told by who computes, which a server does for all
        last = [line for line in err.splitlines() if line.startswith("lookalike: ")]
        said.append((code, out.replace(str(data_dir), "DATA"), [line.replace(str(data_dir), "DATA") for line in last]))
    assert said[0] == said[1]


def test_changes__are_the_same(lookalike, closed, opened, words, tmp_path):
    """Verdicts, undoing them, patches, maps and exports; ids and times are new each time."""
    said = []
    for name, data_dir in (("closed", closed), ("opened", opened)):
        place, answers = ["--data-dir", data_dir, "--json"], []
        for command in (
            f"reviews add {words['point']} --verdict accept --class dog --note so --who ann --group",
            "reviews list",
            "reviews list --log",
            f"reviews apply --patch {tmp_path / name} --who ann",
            "reviews undo --who ann",
            "project --method pca",
        ):
            code, out, err = lookalike(*command.split(), *place)
            assert code == 0, err
            answers.append(without_new(json.loads(out)))
        assert json.loads((tmp_path / name).read_text())
        said.append(json.dumps(answers).replace(name, "NAME"))
    assert said[0] == said[1]


def without_new(document):
    if isinstance(document, dict):
        new = {"id", "at", "created_at", "revision", "review", "entry", "replaces"}
        return {name: without_new(value) for name, value in document.items() if name not in new}
    return [without_new(one) for one in document] if isinstance(document, list) else document


def test_commands__of_another_address(lookalike, opened, monkeypatch):
    place = ServerFile.read(opened)
    asked = lookalike("confusion", "--json", "--data-dir", opened)
    assert lookalike("confusion", "--json", "--server", place.url) == asked
    monkeypatch.setenv("LOOKALIKE_SERVER", f"{place.url}/")
    assert lookalike("confusion", "--json") == asked


def test_commands__without_the_key_of_another_server_write_no_files(lookalike, opened, tmp_path, monkeypatch):
    place = ServerFile.read(opened)
    code, _, err = lookalike("export", tmp_path / "out", "--server", place.url)
    assert (code, (tmp_path / "out").exists()) == (2, False)
    assert "may not write files on the server's machine" in err
    monkeypatch.setenv("LOOKALIKE_API_KEY", "wrong")
    code, _, err = lookalike("status", "--server", place.url)
    assert (code, "does not know the key" in err) == (2, True)
    monkeypatch.setenv("LOOKALIKE_API_KEY", place.token)
    code, _, err = lookalike("export", tmp_path / "out", "--server", place.url, "--format", "csv")
    assert (code, (tmp_path / "out" / "points.csv").exists()) == (0, True), err


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("http://127.0.0.1:1", 1, "the server at http://127.0.0.1:1/api/v1/ does not answer"),
        ("localhost:8050", 2, "'localhost:8050' is not the address of a server; write http://HOST:8050"),
        ("http://", 2, "is not the address of a server"),
    ],
)
def test_commands__of_an_address_where_nobody_is(lookalike, address, code, words):
    found, out, err = lookalike("status", "--server", address)
    assert (found, out) == (code, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_commands__unknown_environment_variable__also_beside_a_server(lookalike, opened, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_DATADIR", "x")
    code, _, err = lookalike("status", "--data-dir", opened)
    assert (code, "unknown environment variable LOOKALIKE_DATADIR" in err) == (2, True)


def test_commands__beside_a_server_import_nothing_heavy_and_none_of_our_folders(opened):
    program = (
        "import sys\nfrom lookalike.commands.main import main\n"
        f"try: main(['suspects', '--json', '--data-dir', {str(opened)!r}])\n"
        "except SystemExit as stopped: assert not stopped.code, stopped.code\n"
        "heavy = {'torch', 'sklearn', 'numpy', 'fastapi', 'api', 'explorer', 'indexer', 'pandas', 'scipy'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.splitlines()[-1] == "[]"


def wait_until_ended(pid):
    """Wait until a process that was killed is gone, or only waits for its parent to ask."""
    while Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        time.sleep(0.01)


def test_server__killed_in_the_middle__is_one_line(closed, lookalike, tmp_path):
    data_dir = tmp_path / "data"
    copy_data(closed, data_dir)
    with serve(data_dir):
        place = ServerFile.read(data_dir)
        with product.connect(data_dir) as client:
            assert client.get_health().status == "ok"
            os.kill(place.pid, signal.SIGKILL)
            wait_until_ended(place.pid)
            with pytest.raises(ServerUnreachableError, match="does not answer"):
                client.list_suspects(PLANTED)
    assert (data_dir / "server.json").exists()  # nobody was there to take it away
    code, out, err = lookalike("export", tmp_path / "out", "--server", place.url)
    assert (code, out, (tmp_path / "out").exists()) == (1, "", False)
    assert f"{place.url}/api/v1/ does not answer" in err
    code, _, err = lookalike("status", "--data-dir", data_dir)  # a stale file is ignored
    assert (code, err) == (0, "")
