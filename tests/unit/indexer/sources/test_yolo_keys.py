"""Image keys: as short as they may be, never shared, and the same whatever else a split holds."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.sources.yolo import YoloSource
from indexer.sources.yolo_keys import FolderNames
from tests.source_formats import write_text

ROOT = "/ds"


def name_folders(folders, *, trees=(), split="train"):
    names = FolderNames(split, ROOT, [f"{ROOT}/{tree}" for tree in trees], [f"{ROOT}/{one}" for one in folders])
    return {folder: names.key(f"{ROOT}/{folder}", "1.png") for folder in (*folders, *trees)}


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("images/train", "1.png"),
        ("train/images", "1.png"),
        ("images", "1.png"),
        ("obj_train_data", "1.png"),
        ("images/train/day", "day/1.png"),
        ("images/train2017", "train2017/1.png"),
        ("images/x", "x/1.png"),
        ("north/images", "north/1.png"),
        ("images/images", "images/1.png"),
        ("VOC2007/JPEGImages", "VOC2007/JPEGImages/1.png"),
    ],
)
def test_key__leaves_out_what_only_the_format_asks_for(folder, key):
    assert name_folders([folder]) == {folder: key}


def test_key__the_folder_that_is_shortened_most_keeps_the_short_path():
    expected = {"images": "./images/1.png", "images/train": "1.png", "images/images": "images/1.png"}
    assert name_folders(list(expected)) == expected
    assert name_folders(list(expected)[::-1]) == expected


def test_key__one_folder_counts_from_itself():
    assert name_folders([], trees=["a/images/b"]) == {"a/images/b": "1.png"}
    assert name_folders([], trees=["north/images", "south/images"]) == {
        "north/images": "north/1.png",
        "south/images": "south/1.png",
    }


def test_key__folder_inside_another_counts_from_that():
    names = FolderNames("train", ROOT, ["/ds/images", "/ds/images/x"])
    assert names.trees == {"/ds/images"}
    assert names.key("/ds/images/x/images/y", "1.png") == "x/images/y/1.png"


def test_key__outside_the_root():
    names = FolderNames("train", ROOT, ["/ds/images", "/other/images"])
    assert names.key("/other/images", "1.png") == "../other/images/1.png"
    assert names.key("/ds/images", "1.png") == "1.png"


parts = st.sampled_from(["images", "train", "x", "a", "obj_train_data", ".x", "Train", "1.png"])
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)


@settings(max_examples=500, deadline=None)
@given(st.sets(paths, min_size=1, max_size=6), st.sets(paths, max_size=3), st.lists(paths, max_size=3))
def test_key__no_two_images_share_one(folders, trees, below):
    names = FolderNames("train", ROOT, [f"{ROOT}/{tree}" for tree in trees], [f"{ROOT}/{one}" for one in folders])
    places = {f"{ROOT}/{folder}" for folder in folders} | {f"{ROOT}/{tree}" for tree in trees}
    places |= {f"{ROOT}/{tree}/{one}" for tree in trees for one in below}
    images = [(folder, name) for folder in places for name in ("1.png", "2.png", "images")]

    assert len({names.key(*image) for image in images}) == len(images)


@settings(max_examples=200, deadline=None)
@given(st.sets(paths, min_size=2, max_size=6), st.data())
def test_key__depends_on_others_only_if_it_would_be_theirs(folders, data):
    alone = {folder: name_folders([folder])[folder] for folder in folders}
    together = name_folders(sorted(folders))
    assert together == name_folders(data.draw(st.permutations(sorted(folders))))
    for folder in folders:
        if list(alone.values()).count(alone[folder]) == 1:
            assert together[folder] == alone[folder]


accented = [unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD")]
image_names = st.sampled_from(["1.png", "1.PNG", "1.jpg", *accented])
image_folders = st.sampled_from(
    [
        "images/train",
        "images/val",
        "images",
        "train/images",
        "train",
        "x/images",
        "x",
        "",
        "images/train/deep",
        "train/x",
    ]
)
split_values = st.one_of(
    st.just("LIST"), image_folders.map(lambda folder: folder or "."), st.lists(image_folders, min_size=2, max_size=3)
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    images=st.sets(st.tuples(image_folders, image_names), min_size=1, max_size=8),
    listed=st.lists(st.tuples(image_folders, image_names, st.sampled_from(["{}", "./{}", "data/{}"])), max_size=8),
    declared=st.dictionaries(st.sampled_from(["train", "val", "test"]), split_values, min_size=1),
)
def test_list_images__no_two_images_share_a_key_in_any_layout(tmp_path_factory, images, listed, declared):
    root = tmp_path_factory.mktemp("ds")
    for folder, name in images:
        write_text(root / folder / name, "")
    yaml = ""
    for split, value in declared.items():
        if value == "LIST":
            write_text(root / f"{split}.txt", "".join(f"{form.format(f'{d}/{n}')}\n" for d, n, form in listed))
            value = f"{split}.txt"  # noqa: PLW2901 - what the list is called
        elif isinstance(value, list):
            value = f"[{', '.join(one or '.' for one in value)}]"  # noqa: PLW2901
        yaml += f"{split}: {value}\n"
    write_text(root / "data.yaml", f"{yaml}names: [cat]\n")
    source = YoloSource.open(root)

    count = source.count_images()
    found = list(source.list_images())

    assert count == len(found) == len({image.key for image in found})
    for split in source.dataset_names():
        locators = [image.locator for image in found if image.dataset == split]
        assert len(locators) == len(set(locators))
    again = YoloSource.open(root)
    assert [(image.key, image.locator) for image in again.list_images()] == [
        (image.key, image.locator) for image in found
    ]
