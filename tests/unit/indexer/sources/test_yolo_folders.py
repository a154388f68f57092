"""Data sets that no file describes: recognised by folders, list files and label files, or left alone."""

import pytest

from indexer.sources.files import UNREACHABLE
from indexer.sources.notes import NoteKind
from indexer.sources.opening import open_source
from indexer.sources.yolo import YoloSource
from tests.source_formats import write_image, write_text

SIZE_HW = (50, 100)
LINE = "1 0.5 0.5 0.2 0.4"


def add(root, image, label=None):
    write_image(root / image, SIZE_HW)
    if label:
        write_text(root / label, LINE)


def keys(source):
    return [image.key for image in source.list_images()]


def classes(source):
    return [one.class_name for image in source.list_images() for one in source.read_objects(image)]


def test_open__images_and_labels(tmp_path):
    for split in ("train", "val"):
        add(tmp_path, f"images/{split}/a.png", f"labels/{split}/a.txt")
    source = open_source(tmp_path)

    assert (source.recognised.format, source.recognised.reason) == ("yolo", "images/ and labels/")
    assert (source.dataset_names(), keys(source)) == (["train", "val"], ["train/a.png", "val/a.png"])
    assert classes(source) == ["1", "1"]
    write_text(tmp_path / "classes.txt", "cat\ndog\n")
    assert classes(YoloSource.open(tmp_path)) == ["dog", "dog"]


def test_open__flat_images_and_labels(tmp_path):
    add(tmp_path, "images/a.png")
    (tmp_path / "labels").mkdir()
    source = open_source(tmp_path)

    assert (source.recognised.format, source.dataset_names(), keys(source)) == ("yolo", [""], ["a.png"])


def test_open__label_studio_export(tmp_path):
    """With classes.txt among the labels of other tools, and a label of an image that is called classes."""
    add(tmp_path, "images/a.png", "labels/a.txt")
    add(tmp_path, "images/train.png", "labels/train.txt")
    write_text(tmp_path / "classes.txt", "cat\ndog\n")
    write_text(tmp_path / "labels" / "classes.txt", "cat\ndog\n")
    write_text(tmp_path / "notes.json", "{}")
    source = open_source(tmp_path)

    assert (classes(source), source.notes.collected()) == (["dog", "dog"], {})


def test_open__images_and_labels_in_split_folders(tmp_path):
    add(tmp_path, "train/images/a.png", "train/labels/a.txt")
    add(tmp_path, "valid/images/b.png", "valid/labels/b.txt")
    add(tmp_path, "test/images/c.png")
    (tmp_path / "docs" / "images").mkdir(parents=True)
    source = open_source(tmp_path)

    assert source.recognised.reason == "train/images and train/labels"
    assert keys(source) == ["test/c.png", "train/a.png", "valid/b.png"]
    assert classes(source) == ["1", "1"]
    write_text(tmp_path / "classes.txt", "cat\ndog\n")
    assert classes(open_source(tmp_path)) == ["dog", "dog"]


@pytest.mark.parametrize("layout", ["images/{}", "{}/images"])
def test_open__split_whose_images_are_gone_is_missing(tmp_path, layout):
    for split in ("train", "val"):
        images = layout.format(split)
        add(tmp_path, f"{images}/a.png", f"{images.replace('images', 'labels')}/a.txt")
    (tmp_path / layout.format("val") / "a.png").unlink()
    (tmp_path / layout.format("val")).rmdir()
    source = open_source(tmp_path)

    assert keys(source) == ["train/a.png"]
    assert source.notes.is_incomplete("val")
    (example,) = source.notes.collected()[NoteKind.MISSING_PART].examples
    assert example == f"{tmp_path / layout.format('val')} is not there, but its labels are"


@pytest.mark.parametrize("layout", ["images/{}", "{}/images"])
def test_open__labels_that_are_gone_make_no_image_folder(tmp_path, layout):
    for split in ("train", "val"):
        add(tmp_path, f"{layout.format(split)}/a.png")
    source = open_source(tmp_path)

    assert source.recognised.reason == f"{layout.format('train')}, without labels"
    assert keys(source) == ["train/a.png", "val/a.png"]
    assert {image.annotation_stamp for image in source.list_images()} == {UNREACHABLE}


def test_open__labels_beside_images(tmp_path):
    """As labelImg writes them."""
    add(tmp_path, "1.png", "1.txt")
    add(tmp_path, "deep/2.png", "deep/2.txt")
    add(tmp_path, "3.png")
    write_text(tmp_path / "classes.txt", "cat\ndog\n")
    write_text(tmp_path / "README.dataset.txt", "nothing\n")
    write_text(tmp_path / "notes_of_mine.txt", "nothing\n")
    source = open_source(tmp_path)

    assert (source.recognised.format, source.recognised.reason) == (
        "yolo",
        "label files beside the images, such as 1.txt",
    )
    assert (source.dataset_names(), keys(source), classes(source)) == (
        [""],
        ["1.png", "3.png", "deep/2.png"],
        ["dog", "dog"],
    )
    assert list(source.notes.collected()) == [NoteKind.NO_LABEL_FILE]
    assert set(source.notes.collected()[NoteKind.NO_LABEL_FILE].examples) == {f"{tmp_path}/3.png"}


def test_open__label_beside_an_image_without_an_image_is_counted(tmp_path):
    add(tmp_path, "1.png", "1.txt")
    write_text(tmp_path / "2.txt", LINE)
    source = open_source(tmp_path)
    list(source.list_images())

    assert source.notes.collected()[NoteKind.UNKNOWN_IMAGE].examples == [f"{tmp_path}/2.txt"]


def test_open__roboflow_darknet_export(tmp_path):
    for split in ("train", "valid"):
        add(tmp_path, f"{split}/a.png", f"{split}/a.txt")
        write_text(tmp_path / split / "_darknet.labels", "cat\ndog\n")
    write_text(tmp_path / "README.roboflow.txt", "exported\n")
    source = open_source(tmp_path)

    assert source.recognised.reason == "label files beside the images, such as train/a.txt"
    assert (keys(source), classes(source)) == (["train/a.png", "valid/a.png"], ["dog", "dog"])
    assert source.notes.collected() == {}


def test_open__class_names_that_differ_are_noted(tmp_path):
    for split, names in (("train", "cat\ndog\n"), ("valid", "cat\n")):
        add(tmp_path, f"{split}/a.png", f"{split}/a.txt")
        write_text(tmp_path / split / "_darknet.labels", names)
    source = open_source(tmp_path)

    (example,) = source.notes.collected()[NoteKind.IGNORED_FILE].examples
    assert example == (
        f"{tmp_path}/valid/_darknet.labels: its class names differ from those of {tmp_path}/train/_darknet.labels, "
        "which are used"
    )


def test_open__only_images_without_objects_beside_class_names(tmp_path):
    write_image(tmp_path / "1.png")
    write_text(tmp_path / "1.txt", "")
    assert YoloSource.recognises(tmp_path) is None

    write_text(tmp_path / "classes.txt", "cat\n")
    assert YoloSource.recognises(tmp_path) == "label files beside the images, such as 1.txt"


@pytest.mark.parametrize(
    "files",
    [
        {"train/cats/1.png": None, "train/dogs/2.png": None, "val/cats/3.png": None},
        {"1.png": None, "1.txt": "a photo of a cat\n"},
        {"1.png": None, "1.txt": "5 cats and 4 dogs\n"},
        {"1.png": None, "classes.txt": "cat\ndog\n"},
        {"images/1.png": None, "labels/1.png": None},
        {"images/1.png": None, "labels/1.json": "{}"},
        {"images/cats/1.png": None, "classes.txt": "1 cats\n"},
        {"images/train/cats/1.png": None},
        {"images/train/1.png": None, "annotations/train/1.xml": "<annotation/>"},
        {"train/images/1.png": None, "train/masks/1.png": None},
        {"train/images/1.png": None, "train/labels/1.png": None},
        {"train.txt": "a.png\n", "a.png": None},
        {"my.data": "\x00\x01train", "cats/a.png": None},
    ],
)
def test_recognises__other_folders_are_left_alone(tmp_path, files):
    for name, text in files.items():
        write_image(tmp_path / name) if text is None else write_text(tmp_path / name, text)

    assert YoloSource.recognises(tmp_path) is None


def test_recognises__raises_nothing_for_links_to_themselves_and_files_that_are_none(tmp_path):
    (tmp_path / "data.yaml").symlink_to(tmp_path / "data.yaml")
    (tmp_path / "obj.data").mkdir()
    (tmp_path / "images").symlink_to(tmp_path / "images")
    (tmp_path / "again").symlink_to(tmp_path)

    assert YoloSource.recognises(tmp_path) is None
    assert YoloSource.recognises(tmp_path / "data.yaml") is None
