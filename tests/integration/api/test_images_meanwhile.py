"""Images over HTTP while a run writes: the colours are those that clients know, and nothing is counted for them."""

import numpy as np
import pytest

from api.app import create_app
from api.settings import ApiSettings
from lookalike.class_colors import parse_rgb
from tests.integration.api.samples import NAME, AppClient, decode

BASE = f"/collections/{NAME}"


@pytest.fixture
def client(own_workspace):
    return AppClient(create_app(ApiSettings(), own_workspace))


def fail_to_count(*_arguments, **_options):
    raise AssertionError("the collection was counted")


def has_color(pixels, color):
    return (np.abs(pixels.astype(int) - parse_rgb(color)).sum(axis=-1) < 60).any()


def test_image__asked_for_while_points_are_written_is_drawn_without_counting_them(
    client, own_workspace, source, monkeypatch
):
    told = client.get(BASE).json()["class_colors"]
    point = next(point for point in client.get(f"{BASE}/points").json()["points"] if point["object_key"] == "4")
    source.change("second.png", "5", class_name="green")
    own_workspace.index(source, collection_name=NAME)

    collection = own_workspace.collections.open(NAME)
    for name in ("count", "facet"):
        monkeypatch.setattr(type(collection), name, fail_to_count)
    image = decode(client.get(f"/images/{point['id']}", params={"annotation": "object"}))

    assert has_color(image[2:18, 82:98], told[point["class_name"]])


def test_image__of_a_class_that_came_since_has_its_colour(client, own_workspace, source):
    assert "green" not in client.get(BASE).json()["class_colors"]
    source.change("second.png", "4", class_name="green")
    own_workspace.index(source, collection_name=NAME)

    [point] = client.get(f"{BASE}/points", params={"class_name": "green"}).json()["points"]
    image = decode(client.get(f"/images/{point['id']}", params={"annotation": "object"}))

    assert has_color(image[2:18, 82:98], client.get(BASE).json()["class_colors"]["green"])
