"""`lookalike delete`: what it asks, what goes, what stays, and when it refuses."""

import io
import json
import os
import subprocess
import sys

import pytest

import lookalike as product
from indexer.settings import IndexerSettings
from indexer.stores.leases import hold_collection
from indexer.workspace import Workspace
from tests.copies import copy_data
from tests.planted import PLANTED, write_planted_collection

COUNTS = "83 points of 0 images, 1 map, 1 selection"


class Terminal(io.StringIO):
    """A person at a terminal, who answers."""

    def isatty(self):
        return True


@pytest.fixture
def answers(monkeypatch):
    """Lets a person answer questions."""
    return lambda text: monkeypatch.setattr("sys.stdin", Terminal(text))


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A collection with a map, a named selection, a tag and a verdict."""
    folder = tmp_path_factory.mktemp("used")
    write_planted_collection(folder)
    with product.connect(folder) as client:
        client.make_projection(PLANTED, method="pca").wait()
        ids = [point.id for point in client.list_points(PLANTED, limit=3).points]
        client.save_selection("odd", ids, PLANTED)
        client.change_tags(ids[:1], PLANTED, add=["night"])
        client.add_reviews(ids[0], "dismiss", PLANTED, who="ann")
    return folder


@pytest.fixture
def data_dir(used, tmp_path):
    return copy_data(used, tmp_path / "data")


def names(data_dir):
    with product.connect(data_dir) as client:
        return [one.name for one in client.list_collections()]


def test_delete__asked_and_answered_no__keeps_everything(lookalike, data_dir, answers):
    for answer in ("n\n", "\n"):
        answers(answer)
        code, out, err = lookalike("delete", PLANTED, "--data-dir", data_dir)
        assert (code, out.strip()) == (1, "")
        assert f"Delete collection {PLANTED} ({COUNTS})? Images, labels, verdicts and tags stay. [y/N]" in err
        assert err.endswith("lookalike: nothing was deleted\n")
    assert names(data_dir) == [PLANTED]


def test_delete__answered_yes__verdicts_and_tags_come_back_and_maps_do_not(lookalike, data_dir, answers):
    answers("y\n")
    code, out, err = lookalike("delete", PLANTED, "--data-dir", data_dir)
    assert (code, out.strip()) == (0, f"collection {PLANTED} is deleted: {COUNTS}"), err
    assert names(data_dir) == []

    write_planted_collection(data_dir)
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        workspace.mend(PLANTED)  # as each index run does in the end
    with product.connect(data_dir) as client:
        assert client.list_projections(PLANTED) == []
        assert client.list_selections(PLANTED) == []
        assert [(one.name, one.count) for one in client.list_tags(PLANTED)] == [("night", 1)]
        assert [one.verdict for one in client.reviews(PLANTED)] == ["dismiss"]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal of POSIX")
def test_delete__at_a_terminal__the_question_stands_until_it_is_answered(data_dir):
    mine, its = os.openpty()
    command = [sys.executable, "-m", "lookalike", "delete", PLANTED, "--data-dir", str(data_dir)]
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env={**os.environ, "TERM": "xterm"})
    os.close(its)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(mine, 1000)
    asked = len(said)
    os.write(mine, b"n\n")
    while b"nothing was deleted" not in said:
        said += os.read(mine, 1000)
    assert process.wait(60) == 1
    os.close(mine)
    before = said[:asked]
    assert before.count(b"\x1b[?25l") == before.count(b"\x1b[?25h")  # the cursor is seen
    assert b"\x1b[2K" not in said[asked:]  # no line is erased


def test_delete__nobody_to_ask__needs_yes(lookalike, data_dir, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, out, err = lookalike("delete", PLANTED, "--data-dir", data_dir)
    assert (code, out) == (2, "")
    assert err == f"lookalike: nobody can be asked whether to delete '{PLANTED}'; add --yes\n"
    assert names(data_dir) == [PLANTED]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("none", 1, f"no collection 'none'; known: {PLANTED}"),
        ("", 2, "'' is no name of a collection; 'lookalike status' shows the names"),
        ("~", 2, "'~' is no name of a collection; 'lookalike status' shows the names"),
    ],
)
def test_delete__of_no_collection__deletes_not_even_the_only_one(lookalike, data_dir, name, code, words):
    found, out, err = lookalike("delete", name, "--yes", "--data-dir", data_dir)
    assert (found, out, err) == (code, "", f"lookalike: {words}\n")
    with product.connect(data_dir) as client, pytest.raises(product.LookalikeError, match="no collection"):
        client.delete_collection("")
    assert names(data_dir) == [PLANTED]


def test_delete__while_a_run_writes__says_who_and_deletes_nothing(data_dir):
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        with (
            hold_collection(workspace.collections.open(PLANTED), "'lookalike index photos'"),
            pytest.raises(product.LookalikeError, match="is being written by 'lookalike index photos' until"),
        ):
            workspace.delete_collection(PLANTED)
        assert workspace.collections.open(PLANTED).count() == 83
        workspace.delete_collection(PLANTED)
        assert workspace.collection_names() == []


@pytest.mark.embedded
def test_delete__damaged__is_gone_all_the_same(lookalike, data_dir, answers):
    for path in data_dir.glob("collections/*/shard*/segments/*/segment.json"):
        path.unlink()
    answers("y\n")
    code, out, err = lookalike("delete", PLANTED, "--json", "--data-dir", data_dir)
    assert code == 0, err
    assert json.loads(out) == {
        "collection": PLANTED, "n_points": None, "n_images": None, "n_maps": None, "n_selections": None,
    }  # fmt: skip
    assert "(it cannot be read)? Images" in err
    assert names(data_dir) == []
