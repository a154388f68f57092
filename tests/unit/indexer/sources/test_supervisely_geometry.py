"""Every geometry of the platform, as its SDK writes it, becomes a half-open box."""

import base64
import math
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from indexer.domain import Box, SkipReason
from indexer.images.masks import shape_mask
from indexer.sources.supervisely_geometry import parse_geometry
from tests.image_files import encode, make_files, make_png_header, png_chunk


def points(*exterior, interior=()):
    return {"points": {"exterior": [list(point) for point in exterior], "interior": [list(ring) for ring in interior]}}


def nodes(field, *locations, **facts):
    return {field: {f"n{index}": {"loc": list(loc), **facts} for index, loc in enumerate(locations)}}


def packed_mask(pixels, *, compress=True):
    png = cv2.imencode(".png", np.asarray(pixels, np.uint8))[1].tobytes()
    return base64.b64encode(zlib.compress(png) if compress else png).decode()


T_SHAPE = [[0, 0, 0, 0], [0, 255, 255, 255], [0, 0, 255, 0]]
T_ALPHA = np.dstack([np.zeros((3, 4, 3)), T_SHAPE])

LABELS = {
    "rectangle": ({"geometryType": "rectangle", **points((2, 3), (9, 7))}, Box(2, 3, 10, 8)),
    "rectangle, corners swapped": ({"geometryType": "rectangle", **points((9, 7), (2, 3))}, Box(2, 3, 10, 8)),
    "rectangle, one pixel": ({"geometryType": "rectangle", **points((2, 3), (2, 3))}, Box(2, 3, 3, 4)),
    "rectangle, subpixel": ({"geometryType": "rectangle", **points((2.5, 3), (9, 7))}, Box(2, 3, 9, 7)),
    "polygon": ({"geometryType": "polygon", **points((2, 3), (9, 3), (5, 7))}, Box(2, 3, 10, 8)),
    "polyline": ({"geometryType": "line", **points((2, 3), (9, 3))}, Box(2, 3, 10, 4)),
    "point": ({"geometryType": "point", **points((2, 3))}, Box(2, 3, 3, 4)),
    "keypoints": ({"geometryType": "graph", **nodes("nodes", (2, 3), (9, 7))}, Box(2, 3, 10, 8)),
    "keypoints, disabled": ({"geometryType": "graph", **nodes("nodes", (2, 3), disabled=True)}, Box(2, 3, 3, 4)),
    "cuboid": ({"geometryType": "cuboid_2d", **nodes("vertices", (2, 3), (9, 7), (4, 1))}, Box(2, 1, 10, 8)),
    "cuboid, old": ({"geometryType": "cuboid", "points": [[2, 3], [9, 7]], "faces": []}, Box(2, 3, 10, 8)),
    "oriented_box": ({"geometryType": "oriented_bbox", "angle": 0, "points": [[2, 3], [9, 7]]}, Box(2, 3, 10, 8)),
    "oriented_box, upright": (
        {"geometryType": "oriented_bbox", "angle": math.pi / 2, **points((10, 20), (19, 39))},
        Box(5, 25, 25, 35),
    ),
    "multipolygon": (
        {
            "geometryType": "multipolygon",
            "parts": [points((0, 0), (3, 0), (3, 3))["points"], points((7, 7), (9, 7), (9, 9))["points"]],
        },
        Box(0, 0, 10, 10),
    ),
    "bitmap": (
        {"geometryType": "bitmap", "bitmap": {"origin": [10, 20], "data": packed_mask(T_SHAPE)}},
        Box(11, 21, 14, 23),
    ),
    "bitmap, alpha channel": (
        {"geometryType": "bitmap", "bitmap": {"origin": [10, 20], "data": packed_mask(T_ALPHA)}},
        Box(11, 21, 14, 23),
    ),
    "bitmap, not compressed": (
        {"geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": packed_mask(T_SHAPE, compress=False)}},
        Box(1, 1, 4, 3),
    ),
    "alpha_mask": (
        {"geometryType": "alpha_mask", "bitmap": {"origin": [10, 20], "data": packed_mask(T_SHAPE)}},
        Box(11, 21, 14, 23),
    ),
    "polygon, any": ({"geometryType": "polygon", "shape": "any", **points((2, 3), (9, 3), (5, 7))}, Box(2, 3, 10, 8)),
    "bitmap, any": ({"shape": "any", "bitmap": {"origin": [0, 0], "data": packed_mask(T_SHAPE)}}, Box(1, 1, 4, 3)),
    "keypoints, any": ({"geometryType": "any", **nodes("nodes", (2, 3))}, Box(2, 3, 3, 4)),
}


@pytest.mark.parametrize("title", LABELS)
def test_parse_geometry__name_and_box(title):
    label, box = LABELS[title]
    parsed = parse_geometry(label)

    assert (parsed.name, parsed.box, parsed.skip_reason) == (title.partition(",")[0], box, None)


def test_parse_geometry__type_of_the_class_helps_old_files():
    assert parse_geometry(points((2, 3), (9, 7)), class_shape="rectangle").box == Box(2, 3, 10, 8)


def test_parse_geometry__pixels_of_a_mask_keep_their_place():
    shape = parse_geometry(LABELS["bitmap"][0]).shape

    assert shape_mask(shape, box=Box(10, 20, 14, 23), size_hw=(3, 4)).tolist() == (np.array(T_SHAPE) > 0).tolist()


def test_parse_geometry__polygon_with_a_hole_covers_the_pixels_of_the_sdk():
    ring = [(1, 1), (8, 1), (8, 8), (1, 8)]
    hole = [(3, 3), (6, 3), (6, 6), (3, 6)]
    shape = parse_geometry({"geometryType": "polygon", **points(*ring, interior=[hole])}).shape
    expected = np.zeros((10, 10), np.uint8)
    cv2.fillPoly(expected, [np.array(ring)], 1)  # supervisely/geometry/polygon.py draws so
    cv2.fillPoly(expected, [np.array(hole)], 0)

    assert shape_mask(shape, box=Box(0, 0, 10, 10), size_hw=(10, 10)).tolist() == expected.astype(bool).tolist()


@pytest.mark.parametrize(
    ("label", "name", "reason"),
    [
        ({"geometryType": "cuboid_3d"}, "cuboid_3d", SkipReason.UNKNOWN_GEOMETRY),
        ({}, "unknown", SkipReason.UNKNOWN_GEOMETRY),
        ({"geometryType": "alpha_mask"}, "alpha_mask", SkipReason.UNREADABLE_MASK),
        ({"geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": "!"}}, "bitmap", SkipReason.UNREADABLE_MASK),
        (
            {"geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": "AAAA"}},
            "bitmap",
            SkipReason.UNREADABLE_MASK,
        ),
        (
            {"geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": packed_mask(T_SHAPE)[:40]}},
            "bitmap",
            SkipReason.UNREADABLE_MASK,
        ),
        (
            {"geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": packed_mask([[0, 0]])}},
            "bitmap",
            SkipReason.TOO_SMALL,
        ),
    ],
)
def test_parse_geometry__skipped_with_its_reason(label, name, reason):
    parsed = parse_geometry(label)

    assert (parsed.name, parsed.box, parsed.skip_reason) == (name, None, reason)


def test_parse_geometry__agrees_with_the_sdk():
    sly = pytest.importorskip("supervisely", reason="the extra 'supervisely' is not installed", exc_type=ImportError)
    figures = [
        sly.Rectangle(3, 2, 7, 9),
        sly.Polygon([(3, 2), (3, 9), (7, 5)]),
        sly.Polyline([(3, 2), (3, 9)]),
        sly.Point(3, 2),
        sly.Bitmap(np.array(T_SHAPE) > 0, origin=sly.PointLocation(20, 10)),
        sly.AlphaMask(np.array(T_SHAPE, np.uint8), origin=sly.PointLocation(20, 10)),
        sly.OrientedBBox(20, 10, 39, 19, angle=0.5),
    ]
    for figure in figures:
        theirs = figure.to_bbox()
        ours = parse_geometry({"geometryType": figure.geometry_name(), **figure.to_json()}).box
        expected = (theirs.left, theirs.top, theirs.right + 1, theirs.bottom + 1)
        assert np.abs(np.subtract(ours, expected)).max() <= (1 if isinstance(figure, sly.OrientedBBox) else 0)


def mask_label(data):
    return {"geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": base64.b64encode(data).decode()}}


def png_of(width, height, rows=b""):
    content = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", make_png_header(width, height)) + content + png_chunk(b"IEND", b"")


BOMBS = {
    "zlib": zlib.compress(bytes(300_000_000)),
    "zlib behind a PNG": zlib.compress(png_of(1, 1, bytes(4)) + bytes(300_000_000)),
    "pixels": zlib.compress(png_of(60_000, 60_000)),
    "pixels, not packed": png_of(60_000, 60_000),
    "another format": zlib.compress(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n"),
    "a JPEG": zlib.compress(make_files()["jpeg"]),
}


@pytest.mark.parametrize("name", BOMBS)
def test_parse_geometry__mask_that_unpacks_to_gigabytes(name):
    tracemalloc.start()
    parsed = parse_geometry(mask_label(BOMBS[name]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    expected = SkipReason.TOO_SMALL if name == "zlib behind a PNG" else SkipReason.UNREADABLE_MASK
    assert parsed.skip_reason is expected
    assert peak < 150_000_000


@pytest.mark.parametrize("data", [5, None, ["a"], "", "\ud800"])
def test_parse_geometry__mask_that_is_no_text(data):
    label = {"geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": data}}
    assert parse_geometry(label).skip_reason is SkipReason.UNREADABLE_MASK


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(np.array([[0, 0], [0, 255]], np.uint8)),
        Image.fromarray(np.array([[0, 0], [0, 65535]], np.uint16)),
        Image.fromarray(np.array([[False, False], [False, True]])),
        Image.fromarray(np.array([[[9, 9, 9, 0]] * 2, [[9, 9, 9, 0], [0, 0, 0, 255]]], np.uint8)),
        Image.fromarray(np.array([[[0, 0, 0]] * 2, [[0, 0, 0], [0, 7, 0]]], np.uint8)),
        Image.fromarray(np.array([[[0, 0, 0]] * 2, [[0, 0, 0], [0, 7, 0]]], np.uint8)).quantize(4),
        Image.fromarray(np.array([[[5, 0]] * 2, [[5, 0], [0, 255]]], np.uint8)),
    ],
    ids=["gray", "16 bits", "1 bit", "alpha", "color", "palette", "gray with alpha"],
)
def test_parse_geometry__mask_of_every_kind_of_png(image):
    parsed = parse_geometry(mask_label(zlib.compress(encode(image))))

    assert (parsed.box, parsed.shape["rle"]["counts"]) == (Box(1, 1, 2, 2), [0, 1])
