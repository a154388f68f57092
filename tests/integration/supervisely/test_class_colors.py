"""Colours of a project's classes on the platform: told by the api, drawn into images, and followed by the next run."""

import numpy as np
import pytest

from api.app import create_app
from api.settings import ApiSettings
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.workspace import Workspace
from lookalike.class_colors import CLASS_COLORS, parse_rgb
from tests.doubles import CountingEmbedder
from tests.integration.api.samples import BASE, NAME, AppClient, decode, give_embedder
from tests.integration.supervisely.projects import add_sample

API = BASE.removeprefix("/api/v1")
ORANGE, VIOLET = "#FF8000", "#7A1FA2"


@pytest.fixture
def sample(server):
    """A project whose cats are orange on the platform, and whose dogs are too dark to be seen on our dark page."""
    made = add_sample(server.tables, n_images=1)
    paint(server, made, cat=ORANGE)
    return made


def paint(server, sample, **colors):
    for row in server.tables.metas[sample.project]["classes"]:
        row["color"] = colors.get(row["title"], row["color"])


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(IndexerSettings(data_dir=tmp_path / "data")) as opened:
        give_embedder(opened, CountingEmbedder())
        yield opened


@pytest.fixture
def client(workspace):
    return AppClient(create_app(ApiSettings(), workspace))


@pytest.fixture
def colors_of(workspace, client):
    """Index an address, and read the colours that the page is told."""

    def index_and_read(address):
        workspace.index(open_source(address), collection_name=NAME)
        return client.get(API).json()["class_colors"]

    return index_and_read


def test_class_colors__are_those_of_the_platform_where_they_can_be_seen(sample, colors_of):
    assert colors_of(sample.address) == {"cat": "#ff8000", "dog": CLASS_COLORS[1]}


def test_class_colors__of_one_data_set_are_those_of_its_project(sample, colors_of):
    assert colors_of(sample.of_dataset("val"))["cat"] == "#ff8000"


def test_class_colors__changed_on_the_platform__are_followed_though_no_point_changes(server, sample, colors_of):
    colors_of(sample.address)
    paint(server, sample, cat=VIOLET, dog=ORANGE)

    assert colors_of(sample.address) == {"cat": "#7a1fa2", "dog": "#ff8000"}


@pytest.mark.parametrize("color", ["red", "#F80", "", None, 0xFF8000, ["#FF8000"]])
def test_class_colors__that_are_none__leave_our_own(server, sample, colors_of, color):
    paint(server, sample, cat=color)

    assert colors_of(sample.address) == {"cat": CLASS_COLORS[0], "dog": CLASS_COLORS[1]}


@pytest.mark.parametrize(("annotation", "is_drawn"), [("object", True), ("all", True), ("none", False)])
@pytest.mark.parametrize("class_name", ["cat", "dog"])
def test_image__is_drawn_in_the_colours_of_the_platform(sample, colors_of, client, class_name, annotation, is_drawn):
    color = parse_rgb(colors_of(sample.address)[class_name])
    point = client.get(f"{API}/points", params={"class_name": class_name}).json()["points"][0]

    image = decode(client.get(f"/images/{point['id']}", params={"annotation": annotation})).astype(int)

    assert (np.abs(image - color).sum(axis=-1) < 60).any() == is_drawn
