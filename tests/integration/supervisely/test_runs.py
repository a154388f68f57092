"""Runs over a project: everything at first, then only what changed, within a budget of requests."""

import pytest

from indexer.domain import InstanceMode, PointFilter
from indexer.points import make_point_id
from indexer.sources.opening import open_source
from tests.doubles import png
from tests.doubles.supervisely_server.samples import edges
from tests.integration.supervisely.conftest import dump
from tests.integration.supervisely.projects import add_image, add_sample


@pytest.fixture
def sample(server):
    return add_sample(server.tables)


@pytest.fixture
def indexed(run, sample):
    run(sample.address)
    return sample


def key_of(server, sample):
    return f"supervisely://{server.url.removeprefix('http://')}/{sample.project}"


def point_of(server, sample, collection, figure):
    image = server.tables.figures[figure]["imageId"]
    (point,) = collection.retrieve([make_point_id(key_of(server, sample), str(image), str(figure))])
    return point.payload


@pytest.mark.parametrize("shape", ["{host}", "{host}/", "HTTP://{host}", "http://{host}/public/api/v3/", "{host}/api"])
def test_open_source__address_however_it_is_written__has_one_key(server, sample, monkeypatch, shape):
    monkeypatch.setenv("SERVER_ADDRESS", shape.format(host=server.url.removeprefix("http://")) + "\n")

    assert open_source(sample.of_dataset("val")).key == key_of(server, sample)


def test_sync__first_run_knows_everything(run, server, sample, collection):
    report = run(sample.address)

    assert (report.images.seen, report.images.added, report.images.failed) == (60, 60, 0)
    assert report.instances.embedded == 120
    assert report.notes == {}
    assert report.source_key == key_of(server, sample)
    assert report.format == "supervisely_server"
    assert collection.count() == 180
    payload = point_of(server, sample, collection, sample.figures[1])
    assert (payload["class_name"], payload["box"], payload["geometry"]) == ("dog", [12, 2, 28, 18], "rectangle")
    assert (payload["dataset"], payload["image_name"], payload["image_key"]) == ("train", "part/0.png", "11")
    assert (payload["object_key"], payload["annotated_by"]) == (str(2**32 + 12), "ann")
    assert "image_updated_at" not in payload
    # 6 data sets of 10 images: 6 requests for annotations, 6 for files; 5 to list.
    assert server.requests["annotations.bulk.info"] == server.requests["images.bulk.download"] == 6
    assert server.requests.n_all == 17


def test_sync__datasets_with_equal_names_stay_apart(run, sample, collection):
    run(sample.address)

    assert dict(collection.facet("dataset")) == {
        "train": 30, "train/cam 1": 30, "train/cam 2": 30, "train%2Fcam 2": 30, "val": 30, "test": 30,
    }  # fmt: skip


def test_sync__again__downloads_nothing_in_few_requests(run, server, indexed, collection):
    revision = collection.revision

    report = run(indexed.address)

    assert (report.images.unchanged, report.instances.unchanged) == (60, 120)
    assert server.requests.n_all <= 12
    assert not {name for name in server.requests if "download" in name or "annotations" in name}
    assert collection.revision == revision


def test_sync__class_edited__embeds_nothing_and_updates_one(run, server, indexed, collection):
    server.tables.edit_figure(indexed.figures[0], classId=indexed.classes["dog"])

    report = run(indexed.address)

    assert (report.instances.embedded, report.instances.payload_updated, report.instances.removed) == (0, 1, 0)
    assert (report.images.updated, report.images.unchanged) == (1, 59)
    assert server.requests["annotations.bulk.info"] == 1
    assert server.requests["images.bulk.download"] == server.requests["images.download"] == 0
    assert point_of(server, indexed, collection, indexed.figures[0])["class_name"] == "dog"


def test_sync__class_edited__images_too__updates_one(run, server, sample, collection):
    run(sample.address, mode=InstanceMode.BOTH)
    server.tables.edit_figure(sample.figures[0], classId=sample.classes["dog"])

    report = run(sample.address, mode=InstanceMode.BOTH)

    assert (report.instances.embedded, report.instances.payload_updated) == (0, 1)
    (record,) = collection.retrieve([make_point_id(key_of(server, sample), str(sample.images[0]), None)])
    assert record.payload["image_updated_at"] > "2026-01-01T00:06"  # an edit after the last data set was made
    assert run(sample.address, mode=InstanceMode.BOTH).images.unchanged == 60


def test_sync__time_stamps_of_images_only__tell_of_a_moved_object(run, server, sample, collection):
    server.habits.tells_figure_facts = False
    run(sample.address)
    server.tables.edit_figure(sample.figures[0], geometry=edges(1, 1, 5, 6))

    assert run(sample.address).instances.embedded == 1
    assert point_of(server, sample, collection, sample.figures[0])["box"] == [1, 1, 5, 6]
    assert run(sample.address).images.unchanged == 60
    assert server.requests.n_all <= 12


def test_sync__object_moved__embeds_one(run, server, indexed, collection):
    server.tables.edit_figure(indexed.figures[0], geometry=edges(1, 1, 5, 6))

    report = run(indexed.address)

    assert (report.instances.embedded, report.instances.payload_updated, report.instances.removed) == (1, 0, 0)
    assert server.requests["images.download"] == 1
    assert point_of(server, indexed, collection, indexed.figures[0])["box"] == [1, 1, 5, 6]


def test_sync__class_renamed__is_found_though_no_time_stamp_moves(run, server, indexed, collection):
    server.tables.rename_class(indexed.project, "cat", "tiger")

    report = run(indexed.address)

    assert (report.instances.embedded, report.instances.payload_updated) == (0, 60)
    assert point_of(server, indexed, collection, indexed.figures[0])["class_name"] == "tiger"


@pytest.mark.parametrize("moves_figure", [True, False])
def test_sync__object_tagged__whatever_time_stamps_do(run, server, indexed, collection, moves_figure):
    server.habits.tag_edits_touch_images = False
    server.habits.tag_edits_touch_figures = moves_figure
    server.tables.tag_figure(indexed.figures[0], indexed.tags["night"])

    report = run(indexed.address)

    assert (report.instances.embedded, report.instances.payload_updated) == (0, 1)
    assert point_of(server, indexed, collection, indexed.figures[0])["tags"] == ["night"]


def test_sync__image_tagged__updates_no_object(run, server, indexed, collection):
    server.tables.tag_image(indexed.images[0], indexed.tags["night"])

    report = run(indexed.address)

    assert (report.images.updated, report.instances.payload_updated) == (1, 0)
    (record,) = collection.retrieve([make_point_id(key_of(server, indexed), str(indexed.images[0]), None)])
    assert record.payload["tags"] == ["night"]
    assert record.payload["image_updated_at"] > "2026-01-01T00:01"


def test_sync__new_pixels__embed_the_objects_of_one_image(run, server, indexed):
    server.tables.replace_pixels(indexed.images[0], png((1, 2, 3)))

    assert run(indexed.address).instances.embedded == 2


def test_sync__things_removed__are_removed(run, server, indexed, collection):
    server.tables.remove_figure(indexed.figures[0])
    server.tables.remove_image(indexed.images[1])
    server.tables.remove_dataset(indexed.datasets["cam 2"])

    report = run(indexed.address)

    assert (report.images.removed, report.instances.removed) == (11, 23)
    assert report.notes == {}
    assert collection.count() == 180 - 1 - 33


def test_sync__images_without_objects__are_known_and_never_downloaded(run, server, collection):
    sample = add_sample(server.tables, n_images=1, with_objects=False)

    assert run(sample.address).images.added == 6
    assert run(sample.address).images.unchanged == 6
    assert not {name for name in server.requests if "download" in name}
    assert collection.count() == 6


def test_sync__one_dataset__touches_only_it_and_those_nested_in_it(run, server, indexed, collection):
    others = {key: value for key, value in dump(collection).items() if not value[0]["dataset"].startswith("train/")}
    for image in server.tables.images_of(dataset_id=indexed.datasets["val"])[:3]:
        server.tables.remove_image(image["id"])
    server.tables.remove_image(server.tables.images_of(dataset_id=indexed.datasets["cam 1"])[0]["id"])

    report = run(indexed.of_dataset("train"))

    assert (report.images.seen, report.images.removed) == (29, 1)
    assert report.source_key == key_of(server, indexed)
    after = dump(collection)
    assert {key: value for key, value in after.items() if not value[0]["dataset"].startswith("train/")} == others
    assert run(indexed.address).images.removed == 3


def test_sync__one_dataset_first__shares_points_with_the_project(run, server, sample, collection):
    assert run(sample.of_dataset("cam 1")).instances.embedded == 20
    assert run(sample.address).instances.embedded == 100
    assert run(sample.address, datasets=("val",)).images.seen == 10
    assert collection.count(PointFilter(has_embedding=True)) == 120


def test_sync__nested_three_deep__has_the_whole_path(run, server, sample, collection):
    middle = server.tables.add_dataset(sample.project, "a/b", sample.datasets["cam 1"])
    deep = server.tables.add_dataset(sample.project, "deep", middle)
    add_image(server.tables, sample, deep, "x/y.png")

    assert run(f"{sample.address}/{middle}").instances.embedded == 2
    assert dict(collection.facet("dataset")) == {"train/cam 1/a%2Fb/deep": 3}
    assert run(sample.of_dataset("train")).images.seen == 31
    server.tables.remove_dataset(middle)
    assert run(sample.of_dataset("train")).images.removed == 1


def test_sync__links__are_asked_of_the_server_only(run, server, sample, collection):
    linked = add_image(
        server.tables, sample, sample.datasets["val"], "far.png", link="s3://bucket/far.png", size_hw=(20, 30)
    )

    report = run(sample.address)

    assert (report.images.failed, report.instances.embedded) == (0, 122)
    assert server.requests["images.download"] == 1
    (record,) = collection.retrieve([make_point_id(key_of(server, sample), str(linked), None)])
    assert "s3://" not in str(record.payload)


@pytest.mark.parametrize(
    ("habits", "budget"),
    [
        pytest.param({"max_per_page": 7, "counts_in_text": True}, 17, id="short pages"),
        pytest.param(
            {"max_per_page": 7, "tells_page_size": False, "time_resolution_s": 1.0},
            17,
            id="short pages that are told to be long",
        ),
        pytest.param({"shuffles_bulk_answers": True, "sends_checksums": False}, 5, id="own order"),
        pytest.param({"max_per_page": 40, "refuses_long_pages": True}, 12, id="long pages refused"),
        pytest.param({"finds_figures_of_projects": False}, 12, id="empty projects"),
        pytest.param({"lists_figures_of_projects": False}, 12, id="objects per data set only"),
        pytest.param({"tells_totals": False, "repeats_last_page": True, "max_per_page": 50}, 12, id="no counts"),
        pytest.param({"tells_names": False}, 5, id="ids without names"),
    ],
)
def test_sync__servers_with_other_habits__give_the_same(run, server, sample, collection, store, habits, budget):
    server.tables.tag_figure(sample.figures[0], sample.tags["night"])
    server.tables.tag_image(sample.images[0], sample.tags["blurred"])
    server.tables.add_image(sample.datasets["val"], "empty.png", png((9, 9, 9)))
    run(sample.address)
    expected = dump(collection)
    other = store.create_collection("other", collection.spec)
    for name, value in habits.items():
        setattr(server.habits, name, value)

    assert run(sample.address, into=other, state="other").instances.embedded == 120
    assert dump(other) == expected
    assert run(sample.address, into=other, state="other").images.unchanged == 61
    assert server.requests.n_all <= budget
    assert server.requests["images.bulk.download"] == server.requests["images.download"] == 0
