"""A small collection behind the api, for every test that only reads."""

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from indexer.settings import ImageSettings
from tests.integration.api.samples import BASE, NAME, AppClient, make_source, open_indexed_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    limits = ImageSettings(max_pixels=10_000)
    with open_indexed_workspace(tmp_path_factory.mktemp("reading"), images=limits) as opened:
        opened.maps.make(NAME, method="pca")
        yield opened


@pytest.fixture
def own_workspace(tmp_path):
    """A workspace that one test may change."""
    with open_indexed_workspace(tmp_path) as opened:
        yield opened


@pytest.fixture
def source(own_workspace, tmp_path):
    """The source that ``own_workspace`` was indexed from."""
    return make_source(tmp_path / "images")


@pytest.fixture(scope="module")
def client(workspace):
    """The api mounted as the explorer's server mounts it, limits low enough to reach."""
    server = FastAPI()
    server.mount("/api/v1", create_app(ApiSettings(max_body_bytes=200_000), workspace))
    return AppClient(server)


@pytest.fixture(scope="module")
def points(client):
    """Every point by (image name, object key)."""
    listed = client.get(f"{BASE}/points", params={"limit": 1000}).json()["points"]
    return {(point["image_name"], point["object_key"]): point for point in listed}


@pytest.fixture(scope="module")
def flipped(points):
    """The id of the red square that is called blue."""
    return points["first.png", "4"]["id"]


@pytest.fixture(scope="module")
def projection(client):
    return client.get(f"{BASE}/projections").json()[0]


@pytest.fixture(scope="module")
def map_url(projection):
    return f"{BASE}/projections/{projection['id']}"
