"""Accepted classes written back again and again, without an index run between: own writes make nothing stale."""

import pytest

from indexer.points import make_point_id
from indexer.reviews import apply_reviews
from indexer.reviews.judgement import Judgement
from indexer.reviews.writers.base import GONE, STALE
from indexer.sources.opening import open_source
from tests.integration.reviews.points import index
from tests.integration.reviews.test_applying import read_tree, write_folder

OBJECTS = {"first": ("train/1.png", "11,2,25,18"), "second": ("train/1.png", "0,0,9,9")}
FILES = {"first": ("dog/0.png", None), "second": ("dog/1.png", None)}


@pytest.fixture(params=["supervisely", "coco", "image_folder"])
def folder(request, tmp_path):
    folder = write_folder(request.param, tmp_path / "images")
    if request.param == "image_folder":  # no file may be in the way of one that moves
        for number in range(2):
            (folder / "cat" / f"{number}.png").rename(folder / "cat" / f"{number + 2}.png")
    return folder


@pytest.fixture
def workspace(opened, folder):
    workspace = opened()
    index(workspace, open_source(folder))
    return workspace


def accept(workspace, folder, which, class_name):
    places = FILES if (folder / "cat").exists() else OBJECTS
    point_id = make_point_id(str(folder), *places[which])
    return workspace.reviews.add(None, [point_id], Judgement("accept", "ann", class_name, allows_new_class=True))


def apply(workspace):
    """Write back; gives the outcomes' names and the run."""
    applied = workspace.reviews.apply(who="ann")
    return [one.reason or one.outcome.value for one in applied.outcomes], applied.run


def classes(folder):
    """Count the labels of each class in the source."""
    source, found = open_source(folder), []
    for image in source.list_images():
        found += [obj.class_name for obj in source.read_objects(image)] or [image.class_name]
    return {name: found.count(name) for name in sorted(set(found))}


def test_apply__more_of_the_same_images__then_index_follows(workspace, folder):
    before = classes(folder)
    accept(workspace, folder, "first", "lynx")
    assert apply(workspace)[0] == ["written"]
    accept(workspace, folder, "second", "lynx")

    assert sorted(apply(workspace)[0]) == ["already so", "written"]

    assert classes(folder)["lynx"] == 2
    assert sum(classes(folder).values()) == sum(before.values())
    report = index(workspace, open_source(folder))
    assert report.instances.embedded == (2 if (folder / "cat").exists() else 0)  # moved files are other images
    assert [one.is_carried_out for one in workspace.reviews.standing()] == [True, True]
    assert workspace.reviews.apply(who="ann").outcomes == []


def test_apply__another_class_for_what_was_written(workspace, folder):
    accept(workspace, folder, "first", "lynx")
    apply(workspace)
    accept(workspace, folder, "first", "fox")

    assert apply(workspace)[0] == ["written"]

    assert "lynx" not in classes(folder)
    assert classes(folder)["fox"] == 1
    assert apply(workspace) == (["already so"], None)


def test_restore__second_run_then_first__and_written_again(workspace, folder):
    before, runs = read_tree(folder), []
    for which in ("first", "second"):
        accept(workspace, folder, which, "lynx")
        runs.append(apply(workspace)[1])
    after = classes(folder)

    for run in reversed(runs):
        assert workspace.reviews.restore(run, who="ann").kept == {}

    assert read_tree(folder) == before
    assert apply(workspace)[0] == ["written", "written"]
    assert classes(folder) == after


def test_restore__second_run_only__and_written_again(workspace, folder):
    for which in ("first", "second"):
        accept(workspace, folder, which, "lynx")
        _, run = apply(workspace)
    after = classes(folder)

    workspace.reviews.restore(run, who="ann")

    assert sorted(apply(workspace)[0]) == ["already so", "written"]
    assert classes(folder) == after


def test_restore__first_run_while_the_second_stands(workspace, folder):
    accept(workspace, folder, "first", "lynx")
    _, first = apply(workspace)
    accept(workspace, folder, "second", "lynx")
    apply(workspace)

    kept = workspace.reviews.restore(first, who="ann").kept

    if (folder / "cat").exists():  # a file of its own
        assert kept == {}
        assert classes(folder)["lynx"] == 1
    else:
        assert all("undo later runs first" in reason for reason in kept.values())
        assert classes(folder)["lynx"] == 2


def change_by_hand(folder):
    """Somebody else edits what the first run wrote: of the second object, or of the file that it moved."""
    if (folder / "cat").exists():
        moved = folder / "lynx" / "0.png"
        moved.write_bytes(moved.read_bytes() + b" ")
    for path in folder.rglob("*.json"):
        path.write_text(path.read_text().replace("30", "31") + "\n")  # COCO looks at what it says, not at the file


def test_apply__changed_by_others_after_an_own_write__is_refused(workspace, folder):
    accept(workspace, folder, "first", "lynx")
    apply(workspace)
    change_by_hand(folder)
    accept(workspace, folder, "first" if (folder / "cat").exists() else "second", "fox")
    before = read_tree(folder)

    outcomes, run = apply(workspace)

    assert run is None
    assert set(outcomes) <= {STALE, GONE, "already so"}
    assert {STALE, GONE} & set(outcomes)
    assert read_tree(folder) == before


def test_apply__killed_while_it_wrote__is_no_change_by_others(workspace, folder, monkeypatch):
    make_changes = apply_reviews.make_changes

    class Killed(BaseException):
        """Nobody handles it, as nobody handles a kill."""

    def make_and_die(*arguments):
        make_changes(*arguments)
        raise Killed

    accept(workspace, folder, "first", "lynx")
    with monkeypatch.context() as patched:
        patched.setattr(apply_reviews, "make_changes", make_and_die)
        with pytest.raises(Killed):
            workspace.reviews.apply(who="ann")
    accept(workspace, folder, "second", "lynx")

    assert sorted(apply(workspace)[0]) == ["already so", "written"]
    assert classes(folder)["lynx"] == 2


def test_apply__indexed_between__is_written_all_the_same(workspace, folder):
    accept(workspace, folder, "first", "lynx")
    apply(workspace)
    index(workspace, open_source(folder))
    accept(workspace, folder, "second", "lynx")
    apply(workspace)

    assert classes(folder)["lynx"] == 2
    assert all(one.outcome == "already so" for one in workspace.reviews.apply(who="ann").outcomes)
