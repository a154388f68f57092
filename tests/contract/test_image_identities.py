"""Two images of a source never share a key, whatever folders and names they have; and each is where its key says."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sources.opening import open_source
from tests.source_formats import write_json, write_text

NAMES = [
    "1.png",
    "1.jpg",
    "1.PNG",
    "a.png",
    "A.png",
    "images.png",
    "é.png",
    "e\u0301.png",
    "1.png.png",
    "a b.png",
    "#2.png",
]
FOLDERS = ["a", "A", "1", "1.png", "img", "ann", "datasets", "images", "JPEGImages", "train", "é", "e\u0301"]

names, folders = st.sampled_from(NAMES), st.sampled_from(FOLDERS)
places = st.lists(folders, max_size=2).map(tuple)
layouts = st.lists(st.tuples(places, names), max_size=8, unique=True)


def make_supervisely(root, layout):
    """Places are nested datasets."""
    write_json(root / "meta.json", {"classes": []})
    for place, name in layout:
        folder = root / "/datasets/".join(place or ("ds",))
        touch(folder / "img" / name)
        write_json(folder / "ann" / f"{name}.json", {"objects": [], "size": {"height": 1, "width": 1}})


def make_voc(root, layout):
    """Places are folders below those of images and XML files."""
    (root / "JPEGImages").mkdir()
    for place, name in layout:
        touch(root.joinpath("JPEGImages", *place, name))
        write_text(root.joinpath("Annotations", *place, name).with_suffix(".xml"), "<annotation/>")


def make_voc_beside(root, layout):
    """Places are data sets, or folders below one, with XML files beside the images."""
    for place, name in layout:
        touch(root.joinpath(*place, name))
        write_text(root.joinpath(*place, name).with_suffix(".xml"), "<annotation/>")


def make_image_folder(root, layout):
    for place, name in layout:
        touch(root.joinpath(*place, name))


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


MAKERS = {
    "supervisely": (make_supervisely, "supervisely"),
    "pascal_voc": (make_voc, "pascal_voc"),
    "pascal_voc beside": (make_voc_beside, "pascal_voc"),
    "image_folder": (make_image_folder, "image_folder"),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_list_images__keys_are_injective(kind, tmp_path_factory):
    make, name = MAKERS[kind]

    @settings(max_examples=60)
    @given(layouts)
    def check(layout):
        layout = [one for one in layout if is_possible(one, layout)]
        if kind == "pascal_voc beside":  # else JPEGImages holds all images of a data set
            layout = [one for one in layout if "JPEGImages" not in one[0]]
        if not layout and kind == "pascal_voc beside":
            return
        root = tmp_path_factory.mktemp("data", numbered=True)
        make(root, layout)
        source = open_source(root, format=name)
        images = list(source.list_images())

        assert len({image.key for image in images}) == len(images) == len(layout) == source.count_images()
        assert len({image.locator for image in images}) == len(images)
        datasets = source.dataset_names()
        for image in images:
            assert image.dataset in datasets
            assert image.key.startswith(f"{image.dataset}/" if image.dataset else "")
            assert Path(image.locator).name == image.key.rpartition("/")[2] == image.name
            assert [one.key for one in source.list_images([image.dataset])].count(image.key) == 1

    check()


def is_possible(one, layout):
    """Whether the file can lie where no other needs a folder of its path."""
    place, name = one
    return all((*place, name) != other[: len(place) + 1] for other, _ in layout)


def test_list_images__composed_and_decomposed_names_are_two_images(tmp_path):
    make_image_folder(tmp_path, [((), "é.png"), ((), "e\u0301.png")])

    keys = [image.key for image in open_source(tmp_path).list_images()]
    assert len(keys) == 2
    assert len({unicodedata.normalize("NFC", key) for key in keys}) == 1
