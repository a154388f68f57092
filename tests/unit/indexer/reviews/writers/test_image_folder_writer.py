"""Where an image goes that gets another class: into a folder of its dataset, never onto or out of anything."""

import os
from types import SimpleNamespace

import pytest

from indexer.domain import Point, SourceImage
from indexer.points import make_point_id
from indexer.reviews.review import Review, ReviewVerdict
from indexer.reviews.writers.base import Relabel
from indexer.reviews.writers.file_changes import back_up, digest_file, make_changes
from indexer.reviews.writers.image_folder import ImageFolderWriter
from indexer.sources.image_folder import ImageFolderSource
from tests.source_formats import write_image


class Splits(ImageFolderSource):
    """An image folder whose top folders are datasets."""

    def dataset_names(self):
        return ["train", "val"]

    def list_images(self, datasets=None):
        for split in self.dataset_names():
            for path in sorted((self.root / split).rglob("*.png")):
                key = path.relative_to(self.root).as_posix()
                class_name = path.parent.relative_to(self.root / split).as_posix()
                yield SourceImage(key, path.name, split, str(path), "stamp", class_name, class_name=class_name)


@pytest.fixture
def root(tmp_path):
    for place in ("cat/a.png", "cat/b.png", "dog/b.png"):
        write_image(tmp_path / "images" / place)
    return tmp_path / "images"


def plan(source, wanted, key="cat/a.png"):
    image = next(image for image in source.list_images() if image.key == key)
    payload = {"image_key": key, "dataset": image.dataset, "pixels_hash": digest_file(source.root / key)}
    review = Review.of(Point("point", payload), ReviewVerdict.ACCEPT, who="ann", class_name=wanted)
    return ImageFolderWriter(source).plan([Relabel(review, image, has_changed=False)])


def reason(planned):
    assert planned.changes == []
    (outcome,) = planned.outcomes
    return outcome.reason


@pytest.mark.parametrize(("wanted", "target"), [("dog", "train/dog/a.png"), ("wild/lynx", "train/wild/lynx/a.png")])
def test_plan__image_of_a_dataset_stays_in_it(tmp_path, wanted, target):
    for place in ("train/cat/a.png", "train/dog/b.png", "val/dog/a.png"):
        write_image(tmp_path / place)
    planned = plan(Splits.open(tmp_path, source_key="s"), wanted, key="train/cat/a.png")

    (change,), (outcome,) = planned.changes, planned.outcomes
    assert (change.path, change.target) == (tmp_path / "train/cat/a.png", tmp_path / target)
    assert outcome.moved_to == make_point_id("s", target, None)


@pytest.mark.parametrize("wanted", ["train/dog", "Validation/x", "test/cat/big", "val2017/x"])
def test_plan__class_that_would_be_a_dataset(root, wanted):
    assert "here is a dataset and no class" in reason(plan(ImageFolderSource.open(root), wanted))


def test_plan__second_split_would_turn_the_first_into_a_dataset(root):
    write_image(root / "train" / "a.png")
    source = ImageFolderSource.open(root)

    assert "'val' here is a dataset and no class" in reason(plan(source, "val", key="train/a.png"))
    assert len(plan(source, "train").outcomes) == 1


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("..", "cannot be a folder"),
        ("dog/../../x", "cannot be a folder"),
        ("a\0b", "cannot be a folder"),
        ("x" * 300, "is too long"),
        ("ü" * 200, "is too long"),
        ("/".join(["x" * 200] * 30), "would be too long"),
        ("readme/a", "readme is a file"),
        ("elsewhere", "elsewhere is a link"),
        ("elsewhere/deep", "elsewhere is a link"),
    ],
)
def test_plan__class_that_cannot_be_a_folder_is_refused_before_anything_moves(root, tmp_path, wanted, told):
    (root / "readme").write_text("")
    (tmp_path / "other").mkdir()
    (root / "elsewhere").symlink_to(tmp_path / "other")

    assert told in reason(plan(ImageFolderSource.open(root), wanted))


def test_plan__image_behind_a_linked_folder_stays(root, tmp_path):
    write_image(tmp_path / "other" / "c.png")
    (root / "linked").symlink_to(tmp_path / "other")

    assert "lies behind one" in reason(plan(ImageFolderSource.open(root), "dog", key="linked/c.png"))


def test_plan__link_to_nothing_in_the_way(root):
    (root / "dog" / "a.png").symlink_to("nowhere.png")

    assert "there is already a file" in reason(plan(ImageFolderSource.open(root), "dog"))


def test_plan__disk_that_knows_no_case(root, monkeypatch):
    # As such a disk has it: the folder is found by the name, and listed by another.
    (root / "Dog").mkdir()
    listed = [SimpleNamespace(name="cat"), SimpleNamespace(name="dog")]
    monkeypatch.setattr("indexer.reviews.writers.image_folder.list_folder", lambda folder: listed)

    assert "takes" in reason(plan(ImageFolderSource.open(root), "Dog"))


def test_make_changes__image_that_changed_or_came_in_the_way_meanwhile_stays(root, tmp_path):
    from indexer.errors import SourceError

    source = ImageFolderSource.open(root)
    for number, disturb in enumerate((lambda: write_image(root / "dog/a.png"), lambda: os.utime(root / "cat/a.png"))):
        planned = plan(source, "dog")
        back_up(planned.changes, tmp_path / str(number), {})
        disturb()
        if number:
            (root / "cat/a.png").write_bytes(b"other pixels")
        with pytest.raises(SourceError, match=r"there is already a file|it changed while labels were written"):
            make_changes(planned.changes, tmp_path / str(number))
        assert (root / "cat/a.png").exists()
        (root / "dog/a.png").unlink(missing_ok=True)
