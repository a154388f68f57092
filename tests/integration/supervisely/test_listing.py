"""Large projects: a whole listing within its budget, then only what moved, confirmed by counts."""

import pytest

from indexer.sources import supervisely_listing
from tests.doubles.supervisely_server.samples import edges
from tests.integration.supervisely.conftest import dump
from tests.integration.supervisely.projects import add_image, add_sample

SMALL = {"_IMAGES_PER_PAGE": 4, "_FIGURES_PER_PAGE": 8, "_NEW_FIGURES_PER_PAGE": 8, "_CHEAP_PAGES": 0}
"""Pages 2,500 times shorter than they are, so that 24 images are listed as 60,000 would be."""


@pytest.fixture
def sample(server, monkeypatch):
    for name, value in SMALL.items():
        monkeypatch.setattr(supervisely_listing, name, value)
    server.tables.clock.tick_s = 1.0
    return add_sample(server.tables, n_images=4)


@pytest.fixture
def indexed(run, sample):
    run(sample.address)
    return sample


def test_sync__whole_listing__asks_once_per_page(run, server, sample):
    run(sample.address)

    listed = {name: n for name, n in server.requests.items() if "download" not in name and "annotations" not in name}
    # 24 images in pages of 4, 48 objects in pages of 8
    assert listed == {"projects.info": 1, "datasets.list": 1, "projects.meta": 1, "images.list": 6, "figures.list": 6}


def test_sync__nothing_new__asks_once_per_list(run, server, indexed):
    assert run(indexed.address).images.unchanged == 24
    assert server.requests == {
        "projects.info": 1, "datasets.list": 1, "projects.meta": 1, "images.list": 1, "figures.list": 2
    }  # fmt: skip
    assert run(indexed.address, full=True).images.unchanged == 24
    assert (server.requests["images.list"], server.requests["figures.list"]) == (6, 6)


def edit_class(tables, sample):
    tables.edit_figure(sample.figures[0], classId=sample.classes["dog"])


def move(tables, sample):
    tables.edit_figure(sample.figures[0], geometry=edges(1, 1, 5, 6))


def tag(tables, sample):
    tables.tag_figure(sample.figures[0], sample.tags["night"])


def tag_image(tables, sample):
    tables.tag_image(sample.images[0], sample.tags["night"])


def add_to_old(tables, sample):
    tables.add_figure(sample.images[0], sample.classes["dog"], "rectangle", edges(4, 4, 8, 8))


def add_new(tables, sample):
    add_image(tables, sample, sample.datasets["val"], "new.png")


def rename_class(tables, sample):
    tables.rename_class(sample.project, "cat", "tiger")


def remove_object(tables, sample):
    tables.remove_figure(sample.figures[0])


def remove_image(tables, sample):
    tables.remove_image(sample.images[0])


def swap_images(tables, sample):
    add_new(tables, sample)
    tables.remove_image(sample.images[0])


def remove_dataset(tables, sample):
    tables.remove_dataset(sample.datasets["train"])


EDITS = (
    edit_class, move, tag, tag_image, add_to_old, add_new, rename_class, remove_object, remove_image, swap_images,
    remove_dataset,
)  # fmt: skip
WITHIN_BUDGET = (edit_class, move, tag, tag_image, add_to_old, add_new, rename_class)
"""Edits that are found without a whole listing."""


@pytest.mark.parametrize(
    ("edit", "touches_images"),
    [*((edit, True) for edit in EDITS), *((edit, False) for edit in (edit_class, move, tag, remove_object))],
)
def test_sync__edit__is_found_as_by_a_whole_listing(
    run, server, indexed, collection, store, monkeypatch, edit, touches_images
):
    server.habits.figure_edits_touch_images = server.habits.tag_edits_touch_images = touches_images
    edit(server.tables, indexed)
    fresh = store.create_collection("fresh", collection.spec)

    report = run(indexed.address, allow_shrink=True)

    listed = server.requests["images.list"] + server.requests["figures.list"]
    if edit in WITHIN_BUDGET:
        assert listed <= 4
    assert report.images.failed == 0
    run(indexed.address, into=fresh, full=True, state=None)
    assert dump(collection) == dump(fresh)


def test_sync__server_that_does_not_sort__is_listed_whole(run, server, indexed, collection):
    server.habits.sorts_figures = False
    server.tables.edit_figure(indexed.figures[0], classId=indexed.classes["dog"])

    assert run(indexed.address).instances.payload_updated == 1
    assert server.requests["figures.list"] == 7


def test_sync__server_that_does_not_filter_by_time__is_listed_whole(run, server, indexed):
    server.habits.filters_by_time = False
    server.tables.edit_figure(indexed.figures[0], classId=indexed.classes["dog"])

    assert run(indexed.address).instances.payload_updated == 1
    assert server.requests["images.list"] == 7


def test_sync__figures_of_the_project_refused__are_listed_per_dataset(run, server, indexed):
    server.habits.lists_figures_of_projects = False
    server.tables.edit_figure(indexed.figures[0], classId=indexed.classes["dog"])

    assert run(indexed.address).instances.payload_updated == 1


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("wish", ["filter", "sort"])
def test_sync__server_that_fails_at_what_is_new__is_listed_whole(run, server, indexed, wish, status):
    server.tables.edit_figure(indexed.figures[0], classId=indexed.classes["dog"])
    method = "images.list" if wish == "filter" else "figures.list"
    server.fail(method, status=status, times=5 if status == 500 else 1)

    assert run(indexed.address).instances.payload_updated == 1


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08\x00damaged"])
def test_sync__damaged_listing_of_the_last_run__is_listed_whole(run, server, indexed, tmp_path, content):
    (path,) = (tmp_path / "state").iterdir()
    path.write_bytes(content)

    assert run(indexed.address).images.unchanged == 24
    assert server.requests["images.list"] == 6


def test_sync__listing_known_and_collection_new__indexes_all(run, indexed, store, collection):
    other = store.create_collection("other", collection.spec)

    assert run(indexed.address, into=other).instances.embedded == 48
    assert dump(other) == dump(collection)


def test_sync__token_and_links__are_in_no_file(run, server, sample, tmp_path):
    add_image(server.tables, sample, sample.datasets["val"], "x", link="https://h/x?sig=abc", size_hw=(20, 30))
    run(sample.address)

    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert server.token.encode() not in content
            assert b"sig=abc" not in content
