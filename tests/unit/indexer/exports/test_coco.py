import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from indexer.exports.coco import write_coco
from indexer.exports.coco_shapes import measure_area, segment
from tests.unit.indexer.exports.exported_points import three_points

SQUARE = [[1, 1], [4, 1], [4, 4], [1, 4]]


def exported(folder):
    return json.loads(write_coco(folder, three_points()).read_text(encoding="utf-8"))


def test_write_coco__images__are_numbered_once_each(tmp_path):
    assert exported(tmp_path)["images"] == [
        {"id": 1, "file_name": "42", "height": None, "width": None},
        {"id": 2, "file_name": "train/a.png", "height": 20, "width": 30},
    ]


def test_write_coco__annotations__are_the_points_with_a_class(tmp_path):
    content = exported(tmp_path)
    assert content["categories"] == [{"id": 1, "name": "dog"}, {"id": 2, "name": "office"}]
    dog, office = content["annotations"]
    assert (dog["id"], dog["image_id"], dog["category_id"], dog["iscrowd"]) == (1, 2, 1, 0)
    assert dog["bbox"] == [2, 3, 10, 6]
    assert dog["segmentation"] == [[2, 3, 12, 3, 12, 9]]
    assert dog["area"] == 30
    assert dog["attributes"]["point_id"] == "id-1"
    assert (dog["attributes"]["suspect_score"], dog["attributes"]["cluster"]) == (0.75, 3)
    assert (office["bbox"], office["segmentation"], office["area"]) == ([0, 0, 8, 6], [], 48)


def decode(segmentation):
    """The mask of run lengths, by the COCO format's own words: down the columns, outside first."""
    inside = [number % 2 for number, count in enumerate(segmentation["counts"]) for _ in range(count)]
    return np.array(inside).reshape(segmentation["size"], order="F")


def test_write_coco__file__is_read_by_pycocotools(tmp_path, capsys):
    dataset = COCO(str(write_coco(tmp_path, three_points())))
    assert [annotation["category_id"] for annotation in dataset.loadAnns(dataset.getAnnIds(imgIds=[2]))] == [1]


def test_segment__run_lengths__are_those_of_pycocotools():
    shape = {"rle": {"size": [2, 2], "counts": [0, 1, 1, 2], "origin": [3, 1]}}
    runs = segment(shape, size_hw=(4, 6))
    packed = coco_mask.frPyObjects(runs, *runs["size"])
    assert coco_mask.area(packed) == measure_area(runs) == 3
    assert coco_mask.toBbox(packed).tolist() == [3, 1, 2, 2]


def test_segment__mask_in_a_box__is_as_large_as_the_image():
    shape = {"rle": {"size": [2, 2], "counts": [0, 1, 1, 2], "origin": [3, 1]}}
    pixels = decode(segment(shape, size_hw=(4, 6)))
    assert pixels.tolist() == [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]]


@pytest.mark.parametrize(("origin", "n_visible"), [([-1, -1], 1), ([5, 3], 1), ([9, 9], 0), ([-5, 0], 0), ([0, 0], 4)])
def test_segment__mask_beyond_the_image__is_cut_off(origin, n_visible):
    shape = {"rle": {"size": [2, 2], "counts": [0, 4], "origin": origin}}
    assert decode(segment(shape, size_hw=(4, 6))).sum() == n_visible


def test_segment__polygon_with_a_hole__is_drawn_without_it():
    shape = {"polygons": [[[0, 0], [8, 0], [8, 8], [0, 8]]], "holes": [[[2, 2], [5, 2], [5, 5], [2, 5]]]}
    pixels = decode(segment(shape, size_hw=(10, 10)))
    assert (pixels[3, 3], pixels[6, 6], pixels[9, 9]) == (0, 1, 0)


def test_segment__two_polygons__stay_rings():
    assert segment({"polygons": [SQUARE, [[0, 0], [1, 1]]]}, size_hw=(9, 9)) == [[1, 1, 4, 1, 4, 4, 1, 4]]


@pytest.mark.parametrize("shape", [{}, {"points": [[1, 1]]}, {"lines": [[[0, 0], [3, 3]]]}])
def test_segment__nothing_with_an_area__is_empty(shape):
    assert segment(shape, size_hw=(9, 9)) == []


def test_measure_area__rings_and_masks__count_pixels():
    assert measure_area([[1, 1, 4, 1, 4, 4, 1, 4]]) == 9
    assert measure_area({"size": [4, 4], "counts": [2, 5, 4, 3, 2]}) == 8
