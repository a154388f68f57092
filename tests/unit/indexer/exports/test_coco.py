import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from indexer.domain import Box, PointColumns
from indexer.errors import InvalidOptionsError
from indexer.exports.base import WantedExport
from indexer.exports.coco import write_coco
from indexer.exports.coco_shapes import measure_area, segment
from tests.unit.indexer.exports.exported_points import column, three_points

SQUARE = [[1, 1], [4, 1], [4, 4], [1, 4]]
BOX = Box(1, 2, 5, 8)
OUTLINE = [[1, 2, 5, 2, 5, 8, 1, 8]]


def exported(folder, points=None, **options):
    written = write_coco(WantedExport(folder, points or three_points(), **options))
    return json.loads(written.path.read_text(encoding="utf-8"))


def points_of(*locators, **fields):
    """A point for each locator, all of one class, each with an image key of its own unless ``fields`` say otherwise."""
    n_points = len(locators)
    columns = {
        "source_key": ["src"] * n_points,
        "image_key": [f"{row}.png" for row in range(n_points)],
        "image_locator": locators,
        "image_size_hw": [[20, 30]] * n_points,
        "instance": ["object"] * n_points,
        "class_name": ["dog"] * n_points,
        "box": [[0, 0, 5, 5]] * n_points,
    }
    columns |= fields
    ids = np.array([f"id-{row}" for row in range(n_points)])
    return PointColumns(
        ids, np.ones((n_points, 2), np.float32), {name: column(*values) for name, values in columns.items()}
    )


def test_write_coco__images__are_numbered_once_each(tmp_path):
    assert exported(tmp_path)["images"] == [
        {"id": 1, "file_name": "42", "height": 6, "width": 8, "dataset": "17"},
        {"id": 2, "file_name": "train/a.png", "height": 20, "width": 30, "dataset": "train"},
    ]


def test_write_coco__for_another_machine__images_have_the_names_of_their_sources(tmp_path):
    points = points_of("/mine/a/0.png", "/mine/b/0.png", "/mine/b/1.png", image_key=["0.png", "0.png", "1.png"])
    content = exported(tmp_path, points, is_portable=True)
    names = [image["file_name"] for image in content["images"]]
    assert names == ["0.png", "2/0.png", "1.png"]
    assert [one["image_id"] for one in content["annotations"]] == [1, 2, 3]


def test_write_coco__annotations__are_the_points_with_a_class(tmp_path):
    content = exported(tmp_path)
    assert [(one["id"], one["name"]) for one in content["categories"]] == [(1, "dog"), (2, "office")]
    dog, office = content["annotations"]
    assert (dog["id"], dog["image_id"], dog["category_id"], dog["iscrowd"]) == (1, 2, 1, 0)
    assert dog["bbox"] == [2, 3, 10, 6]
    assert dog["segmentation"] == [[2, 3, 12, 3, 12, 9]]
    assert dog["area"] == 30
    assert dog["attributes"]["point_id"] == "id-1"
    assert (dog["attributes"]["suspect_score"], dog["attributes"]["cluster"]) == (0.75, 3)
    assert (office["bbox"], office["segmentation"], office["area"]) == ([0, 0, 8, 6], [[0, 0, 8, 0, 8, 6, 0, 6]], 48)


def test_write_coco__accepted_classes__are_those_of_the_annotations(tmp_path):
    reviews = [
        {"verdict": "accept", "class_name": "wolf", "who": "ann"},
        {"verdict": "dismiss", "who": "ann"},
        {"verdict": "accept", "class_name": "fox", "who": "bob"},
        None,
    ]
    points = points_of("0.png", "1.png", "2.png", "3.png", class_name=["dog", "dog", None, "dog"], review=reviews)
    content = exported(tmp_path, points)
    names = {one["id"]: one["name"] for one in content["categories"]}
    assert [names[one["category_id"]] for one in content["annotations"]] == ["wolf", "dog", "fox", "dog"]
    given = [one["attributes"].get("given_class", "as it is") for one in content["annotations"]]
    assert given == ["dog", "as it is", None, "as it is"]
    assert content["annotations"][0]["attributes"]["review"]["who"] == "ann"


def test_write_coco__object_without_a_class__is_counted(tmp_path):
    assert write_coco(WantedExport(tmp_path, three_points())).left_out == {"no class": 1}


def test_write_coco__image_without_a_class__is_an_image_without_objects(tmp_path):
    points = points_of("/a.png", instance=["image"], class_name=[None])
    assert write_coco(WantedExport(tmp_path, points)).left_out == {}
    content = exported(tmp_path, points)
    assert ([one["file_name"] for one in content["images"]], content["annotations"]) == (["/a.png"], [])


def test_write_coco__info__says_who_wrote_it(tmp_path):
    content = exported(tmp_path)
    assert content["info"]["contributor"] == "Lookalike"
    assert content["licenses"] == []


def test_write_coco__files_below_the_folder__are_named_from_there_and_others_in_full(tmp_path):
    names = [
        one["file_name"] for one in exported(tmp_path, points_of(f"{tmp_path}/images/a.png", "/b/a.png"))["images"]
    ]
    assert names == ["/b/a.png", "images/a.png"]


def test_write_coco__folder_given_relative__still_knows_what_lies_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [one["file_name"] for one in exported(Path("out"), points_of(f"{tmp_path}/out/a.png"))["images"]]
    assert names == ["a.png"]


def test_write_coco__one_file_of_two_sources__is_one_image(tmp_path):
    content = exported(tmp_path, points_of("/a.png", "/a.png", source_key=["one", "other"]))
    assert [one["file_name"] for one in content["images"]] == ["/a.png"]
    assert [one["image_id"] for one in content["annotations"]] == [1, 1]


def test_write_coco__equal_names_of_two_sources__stay_two(tmp_path):
    points = points_of(None, None, None, source_key=["one", "other", "third"], image_key=["a.png", "a.png", "2/a.png"])
    content = exported(tmp_path, points)
    assert len({one["file_name"] for one in content["images"]}) == 3
    assert len({one["image_id"] for one in content["annotations"]}) == 3


def test_write_coco__remote_image__keeps_its_address(tmp_path):
    (image,) = exported(tmp_path, points_of("https://host/a%20b.png"))["images"]
    assert (image["file_name"], image["coco_url"]) == ("0.png", "https://host/a%20b.png")


def test_write_coco__images_without_objects__are_listed(tmp_path):
    empty = points_of("/empty.png", class_name=[None], box=[None])
    content = exported(tmp_path, points_of("/a.png"), empty_images=empty)
    assert [one["file_name"] for one in content["images"]] == ["/a.png", "/empty.png"]
    assert [one["image_id"] for one in content["annotations"]] == [1]


@pytest.mark.parametrize("name", ['the "big" one', "two\nlines", "猫", "\udcff", "", "C:\\new"])
def test_write_coco__any_name__comes_back(tmp_path, name):
    content = exported(tmp_path, points_of(f"/{name}.png", class_name=[name]))
    assert content["categories"][0]["name"] == name
    assert content["images"][0]["file_name"] == f"/{name}.png"


def test_write_coco__annotations_of_somebody_else__are_not_overwritten(tmp_path):
    (tmp_path / "instances.json").write_text('{"images": [], "annotations": []}')
    with pytest.raises(InvalidOptionsError, match=r"instances\.json': it is not an earlier export and would be lost"):
        exported(tmp_path)
    assert (tmp_path / "instances.json").read_text() == '{"images": [], "annotations": []}'


def decode(segmentation):
    """The mask of run lengths, by the COCO format's own words: down the columns, outside first."""
    inside = [number % 2 for number, count in enumerate(segmentation["counts"]) for _ in range(count)]
    return np.array(inside).reshape(segmentation["size"], order="F")


def test_write_coco__file__is_read_by_pycocotools(tmp_path, capsys):
    dataset = COCO(str(write_coco(WantedExport(tmp_path, three_points())).path))
    assert [annotation["category_id"] for annotation in dataset.loadAnns(dataset.getAnnIds(imgIds=[2]))] == [1]
    dataset.info()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within pycocotools
@pytest.mark.parametrize(
    ("shape", "n_pixels"),
    [
        (None, 48),
        ({"points": [[1, 1]]}, 48),
        ({"lines": [[[0, 0], [3, 3]]]}, 48),
        ({"polygons": [[[0, 0], [1, 1]]]}, 48),
        ({"polygons": [[[0, 0], [8, 0], [8, 3], [0, 3]]]}, 24),
        ({"polygons": [[[0, 0], [8, 0], [8, 6], [0, 6]]], "holes": [[[2, 2], [5, 2], [5, 5], [2, 5]]]}, None),
        ({"rle": {"size": [2, 2], "counts": [0, 1, 1, 2], "origin": [3, 1]}}, 3),
        ({"rle": {"size": [2, 2], "counts": [4], "origin": [3, 1]}}, 48),
        ({"rle": {"size": [2, 2], "counts": [0, 4], "origin": [90, 90]}}, 48),
    ],
    ids=["box", "points", "lines", "two corners", "polygon", "hole", "mask", "empty mask", "mask outside"],
)
def test_write_coco__every_shape__is_drawn_by_pycocotools(tmp_path, capsys, shape, n_pixels):
    points = points_of("/a.png", box=[[0, 0, 8, 6]], shape=[shape])
    dataset = COCO(str(write_coco(WantedExport(tmp_path, points)).path))
    (annotation,) = dataset.dataset["annotations"]
    pixels = dataset.annToMask(annotation)
    assert pixels.shape == (20, 30)
    assert pixels.sum() == annotation["area"] > 0
    assert n_pixels is None or pixels.sum() == n_pixels


def test_segment__run_lengths__are_those_of_pycocotools():
    shape = {"rle": {"size": [2, 2], "counts": [0, 1, 1, 2], "origin": [3, 1]}}
    runs = segment(shape, box=BOX, size_hw=(4, 6))
    packed = coco_mask.frPyObjects(runs, *runs["size"])
    assert coco_mask.area(packed) == measure_area(runs) == 3
    assert coco_mask.toBbox(packed).tolist() == [3, 1, 2, 2]


def test_segment__mask_in_a_box__is_as_large_as_the_image():
    shape = {"rle": {"size": [2, 2], "counts": [0, 1, 1, 2], "origin": [3, 1]}}
    pixels = decode(segment(shape, box=BOX, size_hw=(4, 6)))
    assert pixels.tolist() == [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]]


@pytest.mark.parametrize(("origin", "n_visible"), [([-1, -1], 1), ([5, 3], 1), ([0, 0], 4)])
def test_segment__mask_beyond_the_image__is_cut_off(origin, n_visible):
    shape = {"rle": {"size": [2, 2], "counts": [0, 4], "origin": origin}}
    assert decode(segment(shape, box=BOX, size_hw=(4, 6))).sum() == n_visible


def test_segment__polygon_with_a_hole__is_drawn_without_it():
    shape = {"polygons": [[[0, 0], [8, 0], [8, 8], [0, 8]]], "holes": [[[2, 2], [5, 2], [5, 5], [2, 5]]]}
    pixels = decode(segment(shape, box=BOX, size_hw=(10, 10)))
    assert (pixels[3, 3], pixels[6, 6], pixels[9, 9]) == (0, 1, 0)


def test_segment__two_polygons__stay_rings():
    rings = segment({"polygons": [SQUARE, [[0, 0], [1, 1]]]}, box=BOX, size_hw=(9, 9))
    assert rings == [[1, 1, 4, 1, 4, 4, 1, 4]]


@pytest.mark.parametrize(
    "shape",
    [{}, {"points": [[1, 1]]}, {"lines": [[[0, 0], [3, 3]]]}, {"polygons": [[[0, 0], [1, 1], [2, 2]]]}],
)
def test_segment__nothing_with_an_area__is_the_box(shape):
    assert segment(shape, box=BOX, size_hw=(9, 9)) == OUTLINE


def test_measure_area__rings_and_masks__count_pixels():
    assert measure_area([[1, 1, 4, 1, 4, 4, 1, 4]]) == 9
    assert measure_area({"size": [4, 4], "counts": [2, 5, 4, 3, 2]}) == 8
