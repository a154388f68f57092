"""The box of an annotation comes from whatever part of it is usable."""

import json

import pytest

from indexer.domain import Box, SkipReason
from indexer.sources.coco_geometry import parse_geometry

BOX = Box(2, 3, 10, 8)
GOOD_BOX = [2, 3, 8, 5]
GOOD_RING = [2, 3, 10, 3, 10, 8]
GOOD_RUNS = {"size": [20, 30], "counts": [43, *[5, 15] * 7, 5, 412]}

ODD_BOXES = [
    None, [], [1, 2, 3], [1, 2, 3, 4, 5], ["2", "3", "8", "5"], "2,3,8,5", {"x": 2}, 5, True, [[2, 3], [8, 5]],
    [2, 3, None, 5], [2, 3, True, 5], [2, 3, -8, 5], [2, 3, 8, -5], [0, 0, 0, 0], [2, 3, 8, 0], [10**4000, 0, 1, 1],
    [2**31 - 1, 0, 2**31 - 1, 5], [-(2**31) + 1, 0, 5, 5],
    *(json.loads(text) for text in ("[NaN,3,8,5]", "[2,3,1e400,5]", "[-1e308,3,1e308,5]", "[2,3,8,NaN]")),
]  # fmt: skip
ODD_SEGMENTATIONS = [
    None, [], [[]], [[], []], {}, "polygon", 7, True, [None], [7], ["a"], [[1]], [[2, 3, 10, 3, 10, 8, 4]],
    [["2", "3", "10", "3"]], [[None, 3, 10, 3]], [[[2, 3], [10, 3], [10, 8]]], [2, 3, 10, 3, 10, 8],
    json.loads("[[2, 3, NaN, 3, 10, 8]]"), json.loads("[[2, 3, 1e400, 3, 10, 8]]"), [[10**400, 3, 4, 5]],
    {"size": [20, 30]}, {"counts": [600]}, {"counts": [1, 2, 3], "size": [20, 30]}, {"counts": None, "size": [20, 30]},
    {"counts": {}, "size": [20, 30]}, {"counts": [[1], [2]], "size": [20, 30]}, {"counts": "~~~", "size": [20, 30]},
    {"counts": ["a"], "size": [20, 30]}, {"counts": [-1, 601], "size": [20, 30]}, {"counts": 600, "size": [20, 30]},
    {"counts": [600], "size": 600}, {"counts": [600], "size": ["20", "30"]}, {"counts": [10**30], "size": [20, 30]},
    {"counts": [10**10], "size": [10**5, 10**5]}, [{}], [{"size": [20, 30]}], {"size": [40, 30], "counts": [1200]},
]  # fmt: skip


@pytest.mark.parametrize("segmentation", ODD_SEGMENTATIONS, ids=lambda value: repr(value)[:40])
def test_parse_geometry__odd_segmentation_beside_a_sound_box(segmentation):
    found = parse_geometry({"bbox": GOOD_BOX, "segmentation": segmentation}, (20, 30))

    assert (found.name, found.box, found.shape, found.skip_reason) == ("rectangle", BOX, {}, None)


@pytest.mark.parametrize("bbox", ODD_BOXES, ids=lambda value: repr(value)[:40])
@pytest.mark.parametrize("segmentation", [[GOOD_RING], GOOD_RUNS, [GOOD_RUNS], [[], GOOD_RING, [1, 2, 3], None]])
def test_parse_geometry__odd_box_beside_a_sound_segmentation(bbox, segmentation):
    found = parse_geometry({"bbox": bbox, "segmentation": segmentation}, (20, 30))

    assert (found.box, found.skip_reason, bool(found.shape)) == (BOX, None, True)


@pytest.mark.parametrize("segmentation", ODD_SEGMENTATIONS, ids=lambda value: repr(value)[:40])
def test_parse_geometry__nothing_usable_is_skipped_with_a_reason(segmentation):
    for bbox in ODD_BOXES:
        found = parse_geometry({"bbox": bbox, "segmentation": segmentation}, (20, 30))

        assert found.skip_reason is not None or found.box.is_empty


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({}, SkipReason.UNKNOWN_GEOMETRY),
        ({"bbox": None, "segmentation": []}, SkipReason.UNKNOWN_GEOMETRY),
        ({"bbox": [1, 2, 3]}, SkipReason.BROKEN),
        ({"bbox": [1, 2, -3, 4]}, SkipReason.BROKEN),
        ({"segmentation": [[1, 2, 3]]}, SkipReason.BROKEN),
        ({"segmentation": {"size": [20, 30]}}, SkipReason.UNREADABLE_MASK),
        ({"segmentation": {"size": [40, 30], "counts": [1200]}}, SkipReason.UNREADABLE_MASK),
        ({"keypoints": [1, 2]}, SkipReason.BROKEN),
        ({"keypoints": ["1", 2, 2]}, SkipReason.BROKEN),
        ({"keypoints": {"nose": [1, 2]}}, SkipReason.BROKEN),
        ({"keypoints": [4, 5, 0, 8, 9, 0]}, SkipReason.UNKNOWN_GEOMETRY),
    ],
)
def test_parse_geometry__reason(annotation, reason):
    assert parse_geometry(annotation, (20, 30)).skip_reason is reason


def test_parse_geometry__box_without_an_area_has_none():
    assert parse_geometry({"bbox": [5, 5, 0, 3]}, None).box.is_empty


@pytest.mark.parametrize("odd", [None, [[]], {"counts": "~"}])
def test_parse_geometry__keypoints_where_the_segmentation_is_odd(odd):
    found = parse_geometry({"segmentation": odd, "keypoints": [0, 0, 0, 4, 5, 1, 8, 9, 2]}, None)

    assert (found.name, found.box) == ("keypoints", Box(4, 5, 8, 9))


def test_parse_geometry__ring_of_two_corners_tells_a_box_and_no_area():
    found = parse_geometry({"segmentation": [[2, 3, 10, 8]]}, None)

    assert (found.name, found.box, found.shape) == ("polygon", BOX, {})


def test_parse_geometry__several_masks_tell_one_box():
    other = {"size": [20, 30], "counts": [0, 1, 599]}
    found = parse_geometry({"segmentation": [GOOD_RUNS, other, {"size": [1, 1]}]}, (20, 30))

    assert (found.name, found.box, found.shape) == ("bitmap", Box(0, 0, 10, 8), {})


def test_parse_geometry__mask_of_unknown_image_size_is_taken():
    assert parse_geometry({"segmentation": GOOD_RUNS}, None).box == BOX
