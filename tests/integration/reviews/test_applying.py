"""Accepted classes written to the source, found there by the next run, and taken back."""

import json
from dataclasses import asdict, replace

import pytest

from indexer.errors import InvalidOptionsError, UnknownNameError
from indexer.points import make_point_id
from indexer.reviews.apply_reviews import ApplyOptions
from indexer.reviews.judgement import Judgement
from indexer.sources.opening import open_source
from lookalike.commands.main import main
from tests.integration.reviews.points import index
from tests.source_formats import WRITERS, Labelled


def read_tree(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


IMAGES = tuple(
    Labelled(split, f"{number}.png", (20, 30), (("cat", (0, 0, 9, 9)), ("dog", (10 + number, 2, 25, 18))))
    for split in ("train", "val")
    for number in range(2)
)


def write_folder(name, root):
    """The images in one format; as an image folder, those of train are dogs and those of val are cats."""
    if name != "image_folder":
        return WRITERS[name](root, IMAGES)
    classes = {"train": "dog", "val": "cat"}
    return WRITERS[name](root, [replace(image, dataset=classes[image.dataset]) for image in IMAGES])


@pytest.fixture(params=["supervisely", "coco", "image_folder"])
def folder(request, tmp_path):
    return write_folder(request.param, tmp_path / "images")


def accept_one(workspace, folder):
    """Accept another class for one object, or for one image of the folder: its id."""
    is_image_folder = (folder / "dog" / "1.png").exists()
    if is_image_folder:
        (folder / "cat" / "1.png").rename(folder / "cat" / "2.png")
        index(workspace, open_source(folder))
    image_key, object_key = ("dog/1.png", None) if is_image_folder else ("train/1.png", "11,2,25,18")
    point_id = make_point_id(str(folder), image_key, object_key)
    workspace.reviews.add(None, [point_id], Judgement("accept", "ann", class_name="cat"))
    return point_id


def test_apply__index_finds_the_relabelled_point_and_no_other(opened, folder):
    workspace = opened()
    index(workspace, open_source(folder))
    point_id = accept_one(workspace, folder)
    before = read_tree(folder)

    told = workspace.reviews.apply(options=ApplyOptions(is_dry_run=True), who="ann")
    assert read_tree(folder) == before
    applied = workspace.reviews.apply(who="ann")

    assert [one.to_json() for one in told.outcomes] == [one.to_json() for one in applied.outcomes]
    assert applied.counts == {"written": 1, "already so": 0, "refused": 0}
    assert len(set(before.items()) ^ set(read_tree(folder).items())) == 2
    again = workspace.reviews.apply(who="ann")
    assert (again.counts["already so"], again.changes, again.run) == (1, [], None)
    counts = asdict(index(workspace, open_source(folder)).instances)
    if (folder / "cat" / "2.png").exists():  # a moved image is another one, with pixels that have to be embedded
        assert (counts["embedded"], counts["removed"], counts["payload_updated"]) == (1, 1, 0)
    else:
        assert (counts["embedded"], counts["removed"], counts["payload_updated"]) == (0, 0, 1)
        assert workspace.collections.open().retrieve([point_id])[0].payload["class_name"] == "cat"
    assert workspace.reviews.apply(who="ann").outcomes == []


def test_index__relabelled_object_stays_decided_and_restoring_brings_back_what_was(opened, folder):
    workspace = opened()
    index(workspace, open_source(folder))
    point_id = accept_one(workspace, folder)
    (review,) = workspace.reviews.standing()

    applied = workspace.reviews.apply(who="ann")
    index(workspace, open_source(folder))

    (kept,) = workspace.reviews.standing()
    assert (kept.id, kept.given_class, kept.class_name) == (review.id, review.given_class, review.class_name)
    assert kept.is_carried_out
    if not (folder / "cat" / "2.png").exists():
        assert kept.point_id == point_id
    assert workspace.reviews.mend() == 0
    workspace.reviews.restore(applied.run, who="ann")
    index(workspace, open_source(folder))
    assert workspace.reviews.standing() == [review]
    assert workspace.reviews.apply(who="ann").counts["written"] == 1


def test_undo__between_restoring_a_moved_image_and_indexing_it(opened, tmp_path):
    folder = write_folder("image_folder", tmp_path / "images")
    workspace = opened()
    index(workspace, open_source(folder))
    accept_one(workspace, folder)
    applied = workspace.reviews.apply(who="ann")
    index(workspace, open_source(folder))
    workspace.reviews.restore(applied.run, who="ann")

    workspace.reviews.undo(who="ann")

    assert workspace.reviews.standing() == []
    index(workspace, open_source(folder))
    assert workspace.reviews.standing() == []


def test_restore__very_bytes_and_the_review_stands_to_be_applied_again(opened, folder):
    workspace = opened()
    index(workspace, open_source(folder))
    point_id = accept_one(workspace, folder)
    before, records = read_tree(folder), workspace.reviews.standing()
    applied = workspace.reviews.apply(who="ann")
    with pytest.raises(InvalidOptionsError, match=f"reviews undo --applied {applied.run}"):
        workspace.reviews.undo(who="ann")
    index(workspace, open_source(folder))

    restored = workspace.reviews.restore(applied.run, who="ann")

    assert len(restored.paths) == 1
    assert read_tree(folder) == before
    index(workspace, open_source(folder))
    assert [one.point_id for one in workspace.reviews.standing()] == [one.point_id for one in records] == [point_id]
    with pytest.raises(UnknownNameError, match=f"unknown run 'x'; known: {applied.run}"):
        workspace.reviews.restore("x", who="ann")


def test_undo__of_a_run_that_was_undone_says_so(opened, tmp_path, capsys):
    folder = WRITERS["supervisely"](tmp_path / "images", IMAGES)
    workspace = opened()
    index(workspace, open_source(folder))
    accept_one(workspace, folder)
    run = workspace.reviews.apply(who="ann").run
    workspace.close()

    for told in (
        "1 file restored; run 'lookalike index' to have the points follow\n",
        "nothing to restore: all is as it was before that run\n",
    ):
        with pytest.raises(SystemExit) as stopped:
            main(["reviews", "undo", "--applied", run, "--who", "ann", "--data-dir", str(tmp_path / "data")])
        assert (stopped.value.code, capsys.readouterr().out) == (0, told)


def test_apply__file_changed_since_it_was_indexed(opened, tmp_path):
    folder = WRITERS["supervisely"](tmp_path / "images", IMAGES)
    workspace = opened()
    index(workspace, open_source(folder))
    accept_one(workspace, folder)
    changed = folder / "train" / "ann" / "1.png.json"
    changed.write_text(changed.read_text() + "\n")

    applied = workspace.reviews.apply(who="ann")

    assert applied.has_failed
    assert [one.reason for one in applied.outcomes] == [
        "it changed since it was indexed; run 'lookalike index' and look again"
    ]
    index(workspace, open_source(folder))
    assert workspace.reviews.apply(who="ann").counts["written"] == 1


@pytest.mark.parametrize("format_name", ["yolo", "pascal_voc"])
def test_apply__format_without_a_writer_offers_the_patch_file(opened, tmp_path, format_name):
    folder = WRITERS[format_name](tmp_path / "images", IMAGES)
    workspace = opened()
    index(workspace, open_source(folder))
    accept_one(workspace, folder)
    before = read_tree(folder)

    refused = workspace.reviews.apply(who="ann")
    written = workspace.reviews.apply(None, ApplyOptions(patch=tmp_path / "patch.json"), who="ann")

    assert "write a patch file with 'lookalike reviews apply --patch FILE'" in refused.outcomes[0].reason
    patch = json.loads((tmp_path / "patch.json").read_text())
    assert (patch["format"], patch["version"]) == ("lookalike relabels", 1)
    (relabel,) = patch["relabels"]
    assert {key: relabel[key] for key in ("image_key", "box", "from", "to", "who")} == {
        "image_key": "train/1.png",
        "box": [11, 2, 25, 18],
        "from": "dog",
        "to": "cat",
        "who": "ann",
    }
    assert written.counts["written"] == 1
    assert read_tree(folder) == before
