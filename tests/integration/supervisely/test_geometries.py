"""All geometries read from the server are those that a project folder of the same project gives."""

import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sources.opening import open_source
from indexer.sources.supervisely_pixels import to_pixels
from tests.doubles import png

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sly = pytest.importorskip("supervisely", reason="the Supervisely SDK is not installed")

SIZE_HW = (40, 60)


def make_labels():
    """One label of every 2D geometry, with fractions nowhere: the SDK counts pixels."""
    points = [sly.PointLocation(*place) for place in ((2, 3), (2, 20), (15, 20), (17, 4))]
    hole = [sly.PointLocation(*place) for place in ((5, 6), (5, 10), (9, 10))]
    pixels = np.zeros((4, 6), bool)
    pixels[1:, 2:] = True
    soft = np.tile(np.array([0, 40, 255, 7], np.uint8), (3, 1))
    return [
        sly.Rectangle(5, 0, 19, 9),
        sly.Rectangle(39, 59, 39, 59),
        sly.Polygon(points, [hole]),
        sly.Bitmap(pixels, origin=sly.PointLocation(7, 8)),
        sly.AlphaMask(soft, origin=sly.PointLocation(30, 50)),
        sly.Polyline(points),
        sly.Point(12, 33),
        sly.OrientedBBox(top=3, left=4, bottom=12, right=25, angle=0.3),
        sly.Multipolygon([sly.Polygon(points), sly.Polygon(hole)]),
    ]


@pytest.fixture
def uploaded(server):
    """A project with every geometry, made by the SDK itself; the project's id and the SDK's api."""
    api = sly.Api(server.url, server.token, retry_count=1, retry_sleep_sec=0)
    project = server.tables.add_project("shapes")
    shapes = {geometry.geometry_name(): type(geometry) for geometry in make_labels()}
    meta = sly.ProjectMeta([sly.ObjClass(name, shape) for name, shape in shapes.items()])
    server.tables.metas[project] = {**server.tables.metas[project], **meta.to_json()}
    for entry in server.tables.metas[project]["classes"]:
        entry["id"] = server.tables.next_id("class")
    dataset = server.tables.add_dataset(project, "ds")
    image = server.tables.add_image(dataset, "a.png", png((9, 8, 7), SIZE_HW))
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project))
    labels = [sly.Label(one, meta.get_obj_class(one.geometry_name())) for one in make_labels()]
    api.annotation.upload_ann(image, sly.Annotation(SIZE_HW, labels))
    any_class = server.tables.add_class(project, "joints")  # the SDK wants a template for graphs
    nodes = {"a": {"loc": [3.5, 2.5]}, "b": {"loc": [20.5, 15.5]}, "c": {"loc": [60.0, 40.0], "disabled": True}}
    server.tables.add_figure(image, any_class, "graph", {"nodes": nodes})
    corners = [[4, 5], [30, 5], [30, 20], [4, 20]]
    vertices = {str(number): {"loc": corner} for number, corner in enumerate(corners)}
    server.tables.add_figure(image, any_class, "cuboid_2d", {"vertices": vertices})
    return project, image, api


def test_read_objects__every_geometry__as_in_a_folder_of_the_project(uploaded, tmp_path):
    project, image_id, api = uploaded
    folder = tmp_path / "project"
    (folder / "ds" / "img").mkdir(parents=True)
    (folder / "ds" / "ann").mkdir()
    (folder / "meta.json").write_text(json.dumps(api.project.get_meta(project)))
    (folder / "ds" / "img" / "a.png").write_bytes(api.image.download_bytes(11, [image_id])[0])
    (folder / "ds" / "ann" / "a.png.json").write_text(json.dumps(api.annotation.download_json(image_id)))

    found = {}
    for name, source in (("server", open_source(f"supervisely://{project}")), ("folder", open_source(folder))):
        (image,) = source.list_images()
        found[name] = sorted(source.read_objects(image), key=lambda one: one.key)

    assert found["server"] == found["folder"]
    boxes = {one.geometry: one.box for one in found["server"] if one.geometry != "rectangle"}
    assert len(found["server"]) == len(make_labels()) + 2
    assert not [one for one in found["server"] if one.skip_reason]
    assert boxes["polygon"] == boxes["polyline"] == boxes["multipolygon"] == (3, 2, 21, 18)
    assert boxes["bitmap"] == (10, 8, 14, 11)
    assert boxes["alpha_mask"] == (51, 30, 54, 33)
    assert boxes["keypoints"] == (3, 2, 60, 40)
    assert boxes["cuboid"] == (4, 5, 31, 21)
    assert boxes["point"] == (33, 12, 34, 13)
    assert {one.box for one in found["server"] if one.geometry == "rectangle"} == {(0, 5, 10, 20), (59, 39, 60, 40)}


edges = st.lists(st.integers(0, 600).map(lambda tenths: tenths / 10), min_size=2, max_size=2)


@settings(max_examples=200)
@given(corners=st.lists(edges, min_size=2, max_size=2))
def test_to_pixels__rectangles__as_the_sdk_rounds(corners):
    label = {"geometryType": "rectangle", "points": {"exterior": corners, "interior": []}}

    assert to_pixels(label, SIZE_HW) == sly.Rectangle._to_pixel_coordinate_system_json(label, SIZE_HW)


@settings(max_examples=100)
@given(points=st.lists(edges, min_size=1, max_size=5))
def test_to_pixels__polygons_and_graphs__as_the_sdk_rounds(points):
    rings = {"exterior": points, "interior": [points]}
    label = json.loads(
        json.dumps({"geometryType": "polygon", "points": rings, "nodes": {"a": {"loc": points[0]}}})
    )  # no list twice: the SDK would round it twice
    rounded = sly.Rectangle.__mro__[1]._to_pixel_coordinate_system_json(label, SIZE_HW)

    assert to_pixels(label, SIZE_HW) == rounded
