"""Images over HTTP while a run writes: the colours are those that clients know, and nothing is counted for them."""

import numpy as np
import pytest

from api.app import create_app
from api.settings import ApiSettings
from lookalike.class_colors import parse_rgb
from tests.integration.api.samples import NAME, AppClient, decode, make_source, open_indexed_workspace

BASE = f"/collections/{NAME}"


@pytest.fixture
def workspace(tmp_path):
    with open_indexed_workspace(tmp_path) as opened:
        yield opened


@pytest.fixture
def source(workspace, tmp_path):
    """The source that the workspace was indexed from."""
    return make_source(tmp_path / "images")


@pytest.fixture
def client(workspace):
    return AppClient(create_app(ApiSettings(), workspace))


def fail_to_count(*_arguments, **_options):
    raise AssertionError("the collection was counted")


def has_color(pixels, color):
    return (np.abs(pixels.astype(int) - parse_rgb(color)).sum(axis=-1) < 60).any()


def test_image__asked_for_while_points_are_written_is_drawn_without_counting_them(
    client, workspace, source, monkeypatch
):
    told = client.get(BASE).json()["class_colors"]
    point = next(point for point in client.get(f"{BASE}/points").json()["points"] if point["object_key"] == "4")
    source.change("second.png", "5", class_name="green")
    workspace.index(source, collection_name=NAME)

    collection = workspace.collections.open(NAME)
    for name in ("count", "facet"):
        monkeypatch.setattr(type(collection), name, fail_to_count)
    image = decode(client.get(f"/images/{point['id']}", params={"annotation": "object"}))

    assert has_color(image[2:18, 82:98], told[point["class_name"]])


def test_image__of_a_class_that_came_since_has_its_colour(client, workspace, source):
    assert "green" not in client.get(BASE).json()["class_colors"]
    source.change("second.png", "4", class_name="green")
    workspace.index(source, collection_name=NAME)

    [point] = client.get(f"{BASE}/points", params={"class_name": "green"}).json()["points"]
    image = decode(client.get(f"/images/{point['id']}", params={"annotation": "object"}))

    assert has_color(image[2:18, 82:98], client.get(BASE).json()["class_colors"]["green"])
