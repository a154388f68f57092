"""A large project: how many requests it takes to know what is in it, by a formula."""

from math import ceil

import pytest

from indexer.sources.opening import open_source
from tests.doubles.supervisely_server.samples import add_large_project, edges

N_IMAGES, N_OBJECTS = 12_000, 10
OPENING = 3  # project, data sets, classes


@pytest.fixture
def list_again(server, tmp_path):
    """Open a project and list it as a run does; gives what is listed and how often the server was asked."""

    def list_images(project, *, full=False):
        server.forget_requests()
        source = open_source(f"supervisely://{project}", full=full)
        source.keep_state_in(tmp_path / "state")
        found = {image.key: (image.pixels_stamp, image.annotation_stamp) for image in source.list_images()}
        source.close()
        server.bodies.clear()
        return found, dict(server.requests)

    return list_images


def test_list_images__large_project__takes_one_request_per_page(server, list_again):
    project = add_large_project(server.tables, n_images=N_IMAGES, n_objects=N_OBJECTS)
    n_pages = ceil(N_IMAGES / 10_000) + ceil(N_IMAGES * N_OBJECTS / 20_000)

    first, requests = list_again(project)
    assert (len(first), sum(requests.values())) == (N_IMAGES, OPENING + n_pages)
    assert set(requests) == {"projects.info", "datasets.list", "projects.meta", "images.list", "figures.list"}

    again, requests = list_again(project)
    assert (again == first, sum(requests.values())) == (True, OPENING + 2 + 1)  # edited images, and objects of theirs

    server.tables.edit_figure(min(server.tables.figures), geometry=edges(1, 1, 5, 5))
    edited, requests = list_again(project)
    assert [key for key in first if edited[key] != first[key]] == [str(min(server.tables.images))]
    assert sum(requests.values()) <= OPENING + 4

    whole, requests = list_again(project, full=True)
    assert (whole == edited, sum(requests.values())) == (True, OPENING + n_pages)
