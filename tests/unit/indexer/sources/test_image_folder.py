"""Classes are folders; without folders there are none; splits are datasets."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.domain import InstanceMode
from indexer.errors import SourceUnavailableError, UnknownNameError
from indexer.sources.image_folder import ImageFolderSource
from indexer.sources.notes import NoteKind
from tests.source_formats import write_image, write_text


def images_at(root, *names):
    for name in names:
        write_image(root / name)
    return ImageFolderSource.open(root)


def listed(source, datasets=None):
    """Key, dataset and class of every image."""
    return [(image.key, image.dataset, image.class_name) for image in source.list_images(datasets)]


def test_list_images__class_is_the_folder_below_the_root(tmp_path):
    source = images_at(tmp_path, "loose.png", "cats/1.png", "birds/small/2.png")

    assert [(image.key, image.name, image.class_name, image.dataset) for image in source.list_images()] == [
        ("loose.png", "loose.png", None, ""),
        ("birds/small/2.png", "2.png", "birds/small", ""),
        ("cats/1.png", "1.png", "cats", ""),
    ]
    assert source.dataset_names() == [""]
    assert source.default_mode is InstanceMode.IMAGES
    assert source.project == tmp_path.name
    assert source.read_objects(next(source.list_images())) == ()


def test_list_images__splits_are_datasets_of_the_classes_below_them(tmp_path):
    source = images_at(tmp_path, "train/cups/1.png", "train/plates/deep/3.png", "val/cups/5.png", "val/loose.png")

    assert source.dataset_names() == ["train", "val"]
    assert listed(source) == [
        ("train/cups/1.png", "train", "cups"),
        ("train/plates/deep/3.png", "train", "plates/deep"),
        ("val/loose.png", "val", None),
        ("val/cups/5.png", "val", "cups"),
    ]
    assert listed(source, ["val"]) == [("val/loose.png", "val", None), ("val/cups/5.png", "val", "cups")]
    assert (source.count_images(), source.count_images(["val"])) == (4, 2)
    with pytest.raises(UnknownNameError, match="unknown dataset 'test'; known: train, val"):
        list(source.list_images(["test"]))


@pytest.mark.parametrize("wrapper", ["archive", "archive/chest_xray"])
def test_list_images__splits_in_the_only_folder_are_datasets(tmp_path, wrapper):
    """As archives unpack: else a class of ``train`` would be another one than that of ``test``."""
    source = images_at(tmp_path, *(f"{wrapper}/{place}/1.png" for place in ("train/cups", "test/cups", "extra")))

    assert source.dataset_names() == ["", f"{wrapper}/test", f"{wrapper}/train"]
    assert listed(source) == [
        (f"{wrapper}/extra/1.png", "", f"{wrapper}/extra"),
        (f"{wrapper}/test/cups/1.png", f"{wrapper}/test", "cups"),
        (f"{wrapper}/train/cups/1.png", f"{wrapper}/train", "cups"),
    ]
    write_image(tmp_path / "loose.png")
    assert ImageFolderSource.open(tmp_path).dataset_names() == [""]


def test_list_images__split_without_images_is_incomplete(tmp_path):
    (tmp_path / "val").mkdir()
    source = images_at(tmp_path, "train/cups/1.png")

    assert [key for key, _, _ in listed(source)] == ["train/cups/1.png"]
    assert (source.notes.is_incomplete("train"), source.notes.is_incomplete("val")) == (False, True)


@pytest.mark.parametrize("name", ["Train", "TRAIN", "valid", "Validation", "test", "Testing"])
def test_dataset_names__one_split_with_class_folders(tmp_path, name):
    source = images_at(tmp_path, f"{name}/cups/1.png")

    assert source.dataset_names() == [name]
    assert listed(source) == [(f"{name}/cups/1.png", name, "cups")]


def test_dataset_names__splits_without_class_folders_have_no_classes(tmp_path):
    source = images_at(tmp_path, "train/1.png", "test/2.png")

    assert source.dataset_names() == ["test", "train"]
    assert listed(source) == [("test/2.png", "test", None), ("train/1.png", "train", None)]


def test_dataset_names__one_folder_of_images_beside_classes_is_a_class(tmp_path):
    source = images_at(tmp_path, "bus/1.png", "train/2.png")

    assert source.dataset_names() == [""]
    assert listed(source) == [("bus/1.png", "", "bus"), ("train/2.png", "", "train")]


@pytest.mark.parametrize(
    "names", [("train/2.png",), ("train/cups/2.png",), ("train/2.png", "val/3.png"), ("train/a/2.png", "val/3.png")]
)
def test_list_images__adding_a_folder_changes_the_role_of_no_other(tmp_path, names):
    before = listed(images_at(tmp_path, *names))
    after = listed(images_at(tmp_path, "bus/1.png", "loose.png"))

    assert set(before) < set(after)
    assert {one for one in after if one not in before} == {("bus/1.png", "", "bus"), ("loose.png", "", None)}


def test_dataset_names__images_outside_the_splits_are_in_the_nameless_dataset(tmp_path):
    source = images_at(tmp_path, "train/cups/1.png", "bus/1.png")

    assert source.dataset_names() == ["", "train"]
    assert listed(source, [""]) == [("bus/1.png", "", "bus")]


def test_folder_of__is_the_inverse_of_place_of(tmp_path):
    source = images_at(tmp_path, "train/cups/1.png", "bus/1.png")

    for folder in ("train/cups", "bus", "bus/deep"):
        dataset, class_name = source.place_of(folder)
        assert source.folder_of(dataset, class_name) == tmp_path / folder


def test_list_images__files_that_a_user_would_want_to_know_of_are_noted(tmp_path):
    source = images_at(tmp_path, "cups/1.png")
    for name in ("metadata.csv", "cups/2.HEIC", "README", "README.md", ".DS_Store", "cups/notes.docx"):
        write_text(tmp_path / name, "file_name,text\n")
    list(source.list_images())

    note = source.notes.collected()[NoteKind.IGNORED_FILE]
    assert (note.count, note.examples) == (
        2,
        [
            f"{tmp_path / 'metadata.csv'}: an image folder has no annotations",
            f"{tmp_path / 'cups' / '2.HEIC'}: images of this kind are not read; convert it",
        ],
    )


def test_list_images__class_folders_that_are_links_or_empty(tmp_path):
    source = images_at(tmp_path, "cups/1.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "mugs").symlink_to(tmp_path / "cups", target_is_directory=True)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "up").symlink_to(tmp_path, target_is_directory=True)

    assert listed(source) == [("cups/1.png", "", "cups"), ("mugs/1.png", "", "mugs")]


def test_list_images__links_that_fork_at_every_level_end(tmp_path):
    """Thirty levels of two links each would be 2^30 visits of the last folder."""
    for level in range(30):
        (tmp_path / "levels" / str(level)).mkdir(parents=True)
        if level:
            for name in ("a", "b"):
                (tmp_path / "levels" / str(level - 1) / name).symlink_to(tmp_path / "levels" / str(level))
    with pytest.raises(SourceUnavailableError, match="more than 64 links lead to the folder"):
        list(ImageFolderSource.open(tmp_path).list_images())


def test_list_images__folders_too_deep_to_be_reached_are_told(tmp_path):
    images_at(tmp_path, "cups/1.png")
    deep = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=deep)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    os.close(deep)
    source = ImageFolderSource.open(tmp_path)

    assert [image.key for image in source.list_images()] == ["cups/1.png"]
    assert "as its path is too long" in source.notes.collected()[NoteKind.MISSING_PART].examples[0]
    assert source.notes.is_incomplete("")


def test_list_images__a_thousand_levels(tmp_path):
    folders = [f"{tmp_path}{'/d' * depth}" for depth in range(1, 1001)]
    for folder in folders:
        Path(folder).mkdir()
    write_image(f"{folders[-1]}/1.png")

    (image,) = ImageFolderSource.open(tmp_path).list_images()
    assert image.class_name == "/".join(["d"] * 1000)

    Path(image.locator).unlink()  # pytest cannot remove so deep a folder
    for folder in reversed(folders):
        Path(folder).rmdir()


names = st.sampled_from(["train", "Train", "val", "a", "A", "e\u0301", "\u00e9", "1.png", "images"])
places = st.lists(names, max_size=3).map("/".join)


@settings(max_examples=60, deadline=None)
@given(folders=st.sets(places, max_size=6))
def test_list_images__two_images_never_share_a_key(tmp_path_factory, folders):
    root = tmp_path_factory.mktemp("images")
    for folder in folders:
        try:
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / "0.png").touch()
        except (FileExistsError, NotADirectoryError):
            continue
    source = ImageFolderSource.open(root)
    images = list(source.list_images())

    assert len({image.key for image in images}) == len({image.locator for image in images}) == len(images)
    assert len(images) == sum(1 for path in root.rglob("0.png"))
    assert {image.dataset for image in images} <= set(source.dataset_names())


def test_open__empty_folder_is_an_empty_source(tmp_path):
    source = ImageFolderSource.open(tmp_path)

    assert list(source.list_images()) == []
    assert source.count_images() == 0
    assert not ImageFolderSource.recognises(tmp_path)


def test_recognises__says_what_it_takes_the_folders_for(tmp_path):
    images_at(tmp_path, "1.png")
    assert ImageFolderSource.recognises(tmp_path) == "images, and no annotation file of a known kind"

    images_at(tmp_path, "cups/1.png")
    assert ImageFolderSource.recognises(tmp_path).startswith("images in the folders cups, and")

    images_at(tmp_path, "train/cups/1.png", "val/cups/1.png")
    assert ImageFolderSource.recognises(tmp_path).startswith("images in the splits train, val and the folders cups")


def test_open__file_is_refused(tmp_path):
    with pytest.raises(SourceUnavailableError, match="is not a folder"):
        ImageFolderSource.open(write_image(tmp_path / "a.png"))


def test_list_images__splits_may_have_a_number(tmp_path):
    source = images_at(tmp_path, "train2017/1.png", "val2017/1.png", "test1/cats/1.png")

    assert listed(source) == [
        ("test1/cats/1.png", "test1", "cats"),
        ("train2017/1.png", "train2017", None),
        ("val2017/1.png", "val2017", None),
    ]
