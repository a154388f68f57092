"""What every writer promises, derived from the registry: the class and nothing else changes, and can be taken back."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from indexer.domain import Point
from indexer.errors import SourceError
from indexer.reviews.review import Review, ReviewVerdict
from indexer.reviews.writers import WRITERS
from indexer.reviews.writers.base import Outcome, Relabel, find_objects
from indexer.reviews.writers.file_changes import back_up, digest_file, make_changes, undo_changes
from indexer.sources import PATH_FORMATS, SOURCES
from tests.source_formats import WRITERS as WRITERS_OF_SOURCES
from tests.source_formats import write_image


@dataclass(frozen=True)
class Case:
    """What is relabelled in one format, and how the source names it then."""

    image_key: str
    object_key: str | None
    given: str
    wanted: str
    image_key_after: str


OBJECT = Case("train/a.png", "30,5,60,40", "dog", "cat", "train/a.png")
CASES = {"image_folder": Case("dog/b.png", None, "dog", "cat", "cat/b.png")}


def write_class_folders(root):
    """An image folder of two classes."""
    for place in ("cat/a.png", "dog/a.png", "dog/b.png", "dog/empty.png"):
        write_image(root / place)
    return root


MAKERS = {**WRITERS_OF_SOURCES, "image_folder": write_class_folders}


@pytest.fixture(params=[name for name in WRITERS if name in PATH_FORMATS])
def name(request):
    return request.param


@pytest.fixture
def root(name, tmp_path):
    return MAKERS[name](tmp_path / "data")


@pytest.fixture
def case(name):
    return CASES.get(name, OBJECT)


def open_writer(name, root):
    return WRITERS.load(name).open(root, source_key=str(root))


def accept(source, case, **changes):
    """The relabel of a case, as a review of a point that was indexed from the source as it is."""
    case = replace(case, **changes)
    image = next((image for image in source.list_images() if image.key == case.image_key), None)
    payload = {
        "source_key": source.key,
        "image_key": case.image_key,
        "object_key": case.object_key,
        "class_name": case.given,
        "pixels_hash": None if image is None else digest_file(Path(image.locator)),
    }
    review = Review.of(Point("point", payload), ReviewVerdict.ACCEPT, who="ann", class_name=case.wanted)
    return Relabel(review, image, has_changed=False)


def apply(name, root, *relabels, run):
    """Plan and make the changes; gives the plan."""
    plan = open_writer(name, root).plan(relabels)
    back_up(plan.changes, run, {"who": "ann"})
    make_changes(plan.changes, run)
    return plan


def written_path(plan):
    """The one file that a plan writes."""
    (change,) = plan.changes
    return getattr(change, "target", change.path)


def read_classes(name, root):
    """(image key, object key) -> class, of everything that has one."""
    source = open_writer(name, root).source
    found = {}
    for image in source.list_images():
        objects = source.read_objects(image)
        found |= {(image.key, key): objects[place].class_name for key, place in find_objects(objects).items()}
        if image.class_name is not None:
            found[image.key, None] = image.class_name
    return found


def read_tree(root):
    """Every file's path, bytes and time of change."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_writers__have_names_of_sources():
    assert set(WRITERS) <= set(SOURCES)


def test_plan__writes_nothing(name, root, case):
    before = read_tree(root)
    writer = open_writer(name, root)

    plan = writer.plan([accept(writer.source, case)])

    assert [one.outcome for one in plan.outcomes] == [Outcome.WRITTEN]
    assert len(plan.changes) == 1
    assert read_tree(root) == before


@pytest.mark.parametrize("is_new", [False, True])
def test_make_changes__one_class_is_another_and_all_others_are_the_same(name, root, case, is_new, tmp_path):
    case = replace(case, wanted="lynx", image_key_after="lynx/b.png") if is_new else case
    case = replace(case, image_key_after=case.image_key) if case.object_key else case
    before = read_classes(name, root)

    plan = apply(name, root, accept(open_writer(name, root).source, case), run=tmp_path / "run")

    assert [one.outcome for one in plan.outcomes] == [Outcome.WRITTEN]
    changed = {(case.image_key_after, case.object_key): case.wanted}
    others = {key: value for key, value in before.items() if key != (case.image_key, case.object_key)}
    assert read_classes(name, root) == others | changed


def test_plan__again_changes_nothing(name, root, case, tmp_path):
    relabel = accept(open_writer(name, root).source, case)
    apply(name, root, relabel, run=tmp_path / "run")
    writer = open_writer(name, root)
    image = next((image for image in writer.source.list_images() if image.key == case.image_key), None)

    plan = writer.plan([Relabel(relabel.review, image, has_changed=image is not None)])

    assert [one.outcome for one in plan.outcomes] == [Outcome.ALREADY]
    assert plan.changes == []


@pytest.mark.parametrize("wanted", ["cat", "lynx"])
def test_undo_changes__gives_back_the_very_bytes(name, root, case, wanted, tmp_path):
    before, folders = read_tree(root), {path for path in root.rglob("*") if path.is_dir()}
    apply(name, root, accept(open_writer(name, root).source, case, wanted=wanted), run=tmp_path / "run")
    assert read_tree(root) != before

    restored = undo_changes(tmp_path / "run")

    assert restored.kept == {}
    assert read_tree(root) == before
    assert {path for path in root.rglob("*") if path.is_dir()} == folders
    again = undo_changes(tmp_path / "run")
    assert (again.paths, again.kept) == ([], {})


def test_plan__what_changed_since_it_was_indexed_is_refused(name, root, case):
    writer = open_writer(name, root)

    plan = writer.plan([replace(accept(writer.source, case), has_changed=True)])

    assert [one.reason for one in plan.outcomes] == [
        "it changed since it was indexed; run 'lookalike index' and look again"
    ]
    assert plan.changes == []


def test_plan__what_is_gone_is_refused(name, root, case):
    writer = open_writer(name, root)

    plan = writer.plan([accept(writer.source, case, image_key="train/gone.png")])

    assert [one.reason for one in plan.outcomes] == ["it is no longer in the source; run 'lookalike index'"]


def test_make_changes__a_file_changed_since_the_plan_is_left_alone(name, root, case, tmp_path):
    writer = open_writer(name, root)
    plan = writer.plan([accept(writer.source, case)])
    back_up(plan.changes, tmp_path / "run", {})
    touched = written_path(plan)
    touched.write_bytes(b"something else")

    with pytest.raises(SourceError, match=r"cannot change .* 'lookalike reviews undo --applied run' takes back"):
        make_changes(plan.changes, tmp_path / "run")

    assert touched.read_bytes() == b"something else"


def test_undo_changes__a_file_changed_since_is_kept_and_named(name, root, case, tmp_path):
    plan = apply(name, root, accept(open_writer(name, root).source, case), run=tmp_path / "run")
    changed = written_path(plan)
    changed.write_bytes(changed.read_bytes() + b" ")

    restored = undo_changes(tmp_path / "run")

    assert restored.paths == []
    assert list(restored.kept) == [plan.changes[0].path]
    assert "changed since" in restored.kept[plan.changes[0].path]
