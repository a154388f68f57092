"""What every source format promises, derived from the registry; and that all formats of one data set agree."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.domain import CropOptions, InstanceMode
from indexer.errors import ImageReadError, SourceUnavailableError, UnknownNameError
from indexer.images.crops import decode_image
from indexer.points import make_point_id
from indexer.sources import PATH_FORMATS, SOURCES
from indexer.sources.instances import make_instances
from indexer.sources.opening import open_source, recognise_format
from tests.source_formats import IMAGES, WRITERS

FORMATS = list(SOURCES)
OBJECT_FORMATS = [name for name in FORMATS if name != "image_folder"]
OBJECT_FORMATS_OF_PATHS = [name for name in PATH_FORMATS if name != "image_folder"]
of_paths = pytest.mark.parametrize("name", PATH_FORMATS, indirect=True)


@pytest.fixture(params=FORMATS)
def name(request):
    return request.param


@pytest.fixture
def source(name, tmp_path, request):
    if name in WRITERS:
        return open_source(WRITERS[name](tmp_path / "data"))
    return request.getfixturevalue(name)(IMAGES)


def read_instances(source):
    """(image key, object key) -> class and box, of all objects."""
    found = {}
    for image in source.list_images():
        size_hw = decode_image(source.read_bytes(image), size_hw=source.describe(image).size_hw).shape[:2]
        instances, skipped = make_instances(
            image, source.read_objects(image), mode=InstanceMode.OBJECTS, size_hw=size_hw, options=CropOptions()
        )
        assert not skipped
        found |= {(image.key, one.object_key): (one.class_name, tuple(one.box)) for one in instances}
    return found


@of_paths
def test_recognise_format__finds_each(name, tmp_path):
    assert recognise_format(WRITERS[name](tmp_path / "data")).format == name


def read_all_objects(root):
    source = open_source(root)
    for image in source.list_images():
        source.read_objects(image)


def close_folder(patch, closed):
    """Have the system say that a folder may not be looked into; root itself may look into every one."""
    look, scan = os.stat, os.scandir

    def refuse_below(path, *, or_at):
        place = str(Path(path).absolute()) if isinstance(path, str | Path) else ""
        if place.startswith(f"{closed}/") or (or_at and place == str(closed)):
            raise PermissionError(13, "Permission denied", place)

    def stat(path, **how):
        refuse_below(path, or_at=False)
        return look(path, **how)

    def scandir(path="."):
        refuse_below(path, or_at=True)
        return scan(path)

    patch.setattr(os, "stat", stat)
    patch.setattr(os, "scandir", scandir)


@of_paths
def test_open_source__folder_that_may_not_be_looked_into__is_told_and_not_left_out(name, tmp_path, monkeypatch):
    root = WRITERS[name](tmp_path / "data")
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    told = {}
    for folder in folders:
        with monkeypatch.context() as patch:
            close_folder(patch, folder)
            with pytest.raises(SourceUnavailableError) as refused:
                read_all_objects(root)
        told[folder] = str(refused.value)

    assert len(told) > 1
    for folder, words in told.items():
        assert str(folder) in words
        assert words.endswith("Permission denied; check its permissions")


@of_paths
def test_open__key_is_the_resolved_path_unless_given(name, tmp_path):
    root = WRITERS[name](tmp_path / "data")

    assert open_source(tmp_path / "data" / ".." / "data").key == str(root.resolve())
    assert open_source(root, source_key="mine").key == "mine"


def test_list_images__all_with_distinct_keys_in_stable_order(source):
    images = list(source.list_images())

    assert {f"{image.dataset}/{image.name}" for image in images} == {f"{one.dataset}/{one.path}" for one in IMAGES}
    assert len({image.key for image in images}) == len(IMAGES)
    assert [image.key for image in source.list_images()] == [image.key for image in images]
    assert source.count_images() == len(images) == len(IMAGES)


@of_paths
def test_list_images__keys_are_paths_within_the_source(source):
    images = list(source.list_images())

    assert {image.key for image in images} == {f"{image.dataset}/{image.path}" for image in IMAGES}
    assert all(Path(image.locator).is_absolute() for image in images)


@of_paths
def test_list_images__opens_no_image(name, tmp_path):
    root = WRITERS[name](tmp_path / "data")
    for path in root.rglob("*.png"):
        path.write_bytes(b"no image at all")

    assert len(list(open_source(root).list_images())) == len(IMAGES)


@of_paths
def test_list_images__stamps_follow_the_files(source):
    before = {image.key: image for image in source.list_images()}
    changed = Path(before["train/a.png"].locator)
    changed.write_bytes(changed.read_bytes() + b"\0")

    after = {image.key: image for image in source.list_images()}
    assert {key for key in before if after[key].pixels_stamp != before[key].pixels_stamp} == {"train/a.png"}
    assert {key for key in before if after[key].annotation_stamp != before[key].annotation_stamp} == set()


def test_list_images__unknown_dataset_is_refused(source):
    with pytest.raises(UnknownNameError, match="unknown dataset 'nowhere'"):
        list(source.list_images(["nowhere"]))


@of_paths
def test_read_bytes__missing_file_names_the_path(source):
    image = next(iter(source.list_images()))
    Path(image.locator).unlink()

    with pytest.raises(ImageReadError, match=r"a\.png"):
        source.read_bytes(image)


def test_read_objects__many_threads_read_the_same(source):
    images = list(source.list_images()) * 8
    with ThreadPoolExecutor(4) as pool:
        parallel = list(pool.map(source.read_objects, images))

    assert parallel == [source.read_objects(image) for image in images]


def test_list_images__one_dataset(source):
    assert source.dataset_names() == ["train", "val"]
    assert [(image.dataset, image.name) for image in source.list_images(["val"])] == [("val", "a.png")]
    assert source.count_images(["val"]) == 1


@pytest.mark.parametrize("name", OBJECT_FORMATS, indirect=True)
def test_read_objects__boxes_and_classes_are_those_written(source):
    expected = {(f"{image.dataset}/{image.path}", *one) for image in IMAGES for one in image.objects}
    found = read_instances(source)
    names = {image.key: f"{image.dataset}/{image.name}" for image in source.list_images()}
    assert {(names[image_key], *one) for (image_key, _), one in found.items()} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("name", OBJECT_FORMATS_OF_PATHS, indirect=True)
def test_read_objects__keys_are_boxes_in_formats_without_ids(source):
    expected = {
        (f"{image.dataset}/{image.path}", ",".join(map(str, box))) for image in IMAGES for _, box in image.objects
    }
    assert read_instances(source).keys() == expected


def test_point_ids__equal_in_all_formats_for_one_source_key(tmp_path):
    ids = {}
    for name in OBJECT_FORMATS_OF_PATHS:
        source = open_source(WRITERS[name](tmp_path / name), source_key="shared")
        ids[name] = {make_point_id(source.key, *keys) for keys in read_instances(source)}

    assert len(ids["coco"]) == 4
    assert all(ids[name] == ids["coco"] for name in OBJECT_FORMATS_OF_PATHS)
