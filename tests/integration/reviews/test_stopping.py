"""A write-back that is stopped between two files: what is written is recorded, the rest is free, and verdicts go on."""

import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent

import pytest

from indexer.errors import CancelledError, SourceError
from indexer.points import make_point_id
from indexer.reviews.judgement import Judgement
from indexer.sources.opening import open_source
from tests.integration.reviews.points import index
from tests.source_formats import WRITERS, Labelled

ROOT = Path(__file__).parents[3]
IMAGES = [Labelled("train", f"{number}.png", (20, 30), (("dog", (10, 2, 25, 18)),)) for number in range(4)]


class Stop:
    """Progress that is cancelled once so much of a stage is done."""

    def __init__(self, stage, n_done):
        self._stage, self._n_done, self.told = stage, n_done, []

    def __call__(self, stage, done, total):
        self.told.append((stage, done, total))
        if stage == self._stage and done >= self._n_done:
            raise CancelledError("cancelled")


@pytest.fixture(params=["supervisely", "image_folder"])
def folder(request, tmp_path):
    if request.param == "image_folder":
        images = [Labelled("dog", image.path, image.size_hw, ()) for image in IMAGES]
        return WRITERS["image_folder"](tmp_path / "images", images)
    extra = Labelled("val", "9.png", (20, 30), (("cat", (0, 0, 9, 9)),))
    return WRITERS["supervisely"](tmp_path / "images", [*IMAGES, extra])


@pytest.fixture
def accepted(opened, folder):
    """A workspace in which all four dogs shall be cats."""
    workspace = opened()
    index(workspace, open_source(folder))
    is_folder = (folder / "dog").exists()
    ids = [
        make_point_id(str(folder), f"dog/{number}.png", None)
        if is_folder
        else make_point_id(str(folder), f"train/{number}.png", "10,2,25,18")
        for number in range(4)
    ]
    workspace.reviews.add(None, ids, Judgement("accept", "ann", class_name="cat", allows_new_class=True))
    return workspace


def read_tree(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def runs_of(workspace):
    return [one.run for one in workspace.reviews.logged()]


def test_apply__cancelled__keeps_what_it_wrote_and_the_next_one_writes_the_rest(accepted, folder):
    before = read_tree(folder)
    stop = Stop("writing files", 3)

    with pytest.raises(CancelledError, match="cancelled: 3 of 4 files were written; 'lookalike reviews apply' writes"):
        accepted.reviews.apply(who="ann", on_progress=stop)

    first = next(run for run in runs_of(accepted) if run is not None)
    assert (runs_of(accepted).count(first), runs_of(accepted).count(None)) == (3, 1)
    assert stop.told[-4:] == [("writing files", done, 4) for done in range(4)]
    rest = accepted.reviews.apply(who="ann")
    assert (rest.counts["written"], len(rest.changes)) == (1, 1)
    assert sorted(map(str, runs_of(accepted))).count(rest.run) == 1
    for run, n_files in ((first, 3), (rest.run, 1)):  # each has its own, in any order
        restored = accepted.reviews.restore(run, who="ann")
        assert (len(restored.paths), restored.kept) == (n_files, {})
    assert read_tree(folder) == before


def test_apply__cancelled_before_the_first_file__leaves_nothing(accepted, folder):
    before = read_tree(folder)
    with pytest.raises(CancelledError, match="0 of 4 files were written"):
        accepted.reviews.apply(who="ann", on_progress=Stop("writing files", 0))
    assert read_tree(folder) == before
    assert runs_of(accepted) == [None] * 4
    assert accepted.reviews.undo(who="ann")[0] is not None


def test_apply__fails_at_a_file__the_others_are_free(accepted, folder):
    def spoil(stage, done, total):
        if (stage, done) == ("writing files", 2):
            for path in [*folder.glob("*/ann/*.json"), *folder.glob("dog/*")]:
                if path.parent.name == "dog" or b'"dog"' in path.read_bytes():
                    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(SourceError, match="it changed while labels were written"):
        accepted.reviews.apply(who="ann", on_progress=spoil)

    assert runs_of(accepted).count(None) == 2


def test_apply__stop_after_the_last_file__is_no_stop(accepted):
    applied = accepted.reviews.apply(who="ann", on_progress=Stop("writing files", 4))
    assert applied.counts["written"] == 4


def test_restore__cancelled__goes_on(accepted, folder):
    before = read_tree(folder)
    applied = accepted.reviews.apply(who="ann")
    with pytest.raises(CancelledError, match=f"before all of run {applied.run} was taken back"):
        accepted.reviews.restore(applied.run, who="ann", on_progress=Stop("restoring files", 2))
    assert runs_of(accepted) == [applied.run] * 4

    restored = accepted.reviews.restore(applied.run, who="ann")

    assert (len(restored.paths), read_tree(folder) == before) == (2, True)
    assert runs_of(accepted) == [None] * 4


def test_apply__while_it_writes__others_judge_and_a_second_write_back_waits(accepted):
    at_work, go_on, waited = threading.Event(), threading.Event(), threading.Event()

    def hold(stage, done, total):
        if (stage, done) == ("writing files", 2):
            at_work.set()
            assert go_on.wait(60)

    def wait(stage, done, total):
        if stage == "waiting for another write-back":
            waited.set()

    first = threading.Thread(target=accepted.reviews.apply, kwargs={"who": "ann", "on_progress": hold})
    second = threading.Thread(target=accepted.reviews.apply, kwargs={"who": "bob", "on_progress": wait})
    first.start()
    assert at_work.wait(60)
    second.start()
    assert waited.wait(60)
    standing = accepted.reviews.standing()
    (made,) = accepted.reviews.add(None, [standing[0].point_id], Judgement("skip", "eve"))
    assert made.who == "eve"
    go_on.set()
    first.join(60)
    second.join(60)
    assert len({run for run in runs_of(accepted) if run}) == 1


STOPPED = """
    import sys
    from tests.ctrl_c import answer_late, press_ctrl_c
    from indexer.reviews.writers import file_changes
    from lookalike.commands.main import main

    real, made = file_changes._make, []
    def make(change):
        real(change)
        made.append(change)
        if len(made) == 2:
            press_ctrl_c()
    file_changes._make = make
    if sys.argv[1] == "late":
        answer_late()
    main(sys.argv[2:])
"""


@pytest.mark.parametrize("answer", ["at once", "late"])
def test_command__ctrl_c__says_what_was_written(accepted, folder, tmp_path, answer):
    accepted.close()
    command = [sys.executable, "-c", dedent(STOPPED), answer, "reviews", "apply", "--who", "ann", "--data-dir"]
    done = subprocess.run(
        [*command, str(tmp_path / "data")], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )

    assert done.returncode == 130, done.stderr
    assert done.stdout == ""
    words = "lookalike: cancelled: 2 of 4 files were written; 'lookalike reviews apply' writes the rest"
    assert words in done.stderr
    assert done.stderr.splitlines()[-1].startswith("lookalike: stopped")
