"""Tags, jobs and collections on the server, read back; nothing is given or made twice, whatever answer is lost."""

import pytest

from indexer.errors import InvalidOptionsError, PointNotFoundError, SourceUnavailableError, UnknownNameError
from indexer.supervisely.image_collections import collect_images
from indexer.supervisely.jobs import JobWish, make_jobs
from indexer.supervisely.tags import Tagged, Tagging, tag_points
from indexer.supervisely.undo import undo_run
from indexer.supervisely.work_runs import WorkRuns
from tests.integration.supervisely.projects import points_by_object

LOSSES = {
    "504 not done": {"status": 504},
    "504 done": {"status": 504, "is_done": True},
    "answer lost": {"keep_share": 0},
    "busy": {"status": 429, "headers": {"Retry-After": "0"}, "times": 2},
}


@pytest.fixture
def runs(tmp_path):
    return WorkRuns(tmp_path)


@pytest.fixture
def ids(sample, collection, run):
    """The points of the first image's cat, of the second image's dog, and of the third's both."""
    run(sample.address)
    points = points_by_object(collection)
    return [points[str(sample.figures[place])].id for place in (0, 3, 4, 5)]


def tagged_objects(server, tag="ISSUE"):
    """Objects with a tag, as often as they have it."""
    metas = [one for meta in server.tables.metas.values() for one in meta["tags"] if one["name"] == tag]
    rows = server.tables.figures.values()
    return [row["id"] for row in rows for one in row["tags"] if metas and one["tagId"] == metas[0]["id"]]


def tagged_images(server, tag="ISSUE"):
    metas = [one for meta in server.tables.metas.values() for one in meta["tags"] if one["name"] == tag]
    rows = server.tables.images.values()
    return [row["id"] for row in rows for one in row["tags"] if metas and one["tagId"] == metas[0]["id"]]


@pytest.mark.parametrize("allows_twice", [False, True])
def test_tag_points__objects__once_and_taken_back(server, sample, collection, runs, ids, allows_twice):
    server.habits.allows_duplicate_tags = allows_twice
    wanted = [sample.figures[place] for place in (0, 3, 4, 5)]

    first = tag_points(collection, runs, [*ids, ids[0]], Tagging("ISSUE", who="ann"))
    second = tag_points(collection, runs, ids, Tagging("ISSUE", who="ann"))

    assert (first.on, first.added, first.already, first.removed) == ("object", 4, 0, 0)
    assert second == Tagged("object", already=4)
    assert tagged_objects(server) == wanted
    assert "projects.meta.update" not in server.requests
    assert undo_run(runs, first.run) == 4
    assert undo_run(runs, first.run) == 0
    assert tagged_objects(server) == []


def test_tag_points__images__one_request_for_two_objects_of_one(server, sample, collection, runs, ids):
    server.forget_requests()

    done = tag_points(collection, runs, ids, Tagging("night", on="image", who="ann"))

    assert (done.on, done.added, done.already) == ("image", 3, 0)
    assert tagged_images(server, "night") == sample.images[:3]
    assert server.requests["image-tags.bulk.add-to-image"] == 1


@pytest.mark.parametrize("on", ["object", "image"])
def test_tag_points__removed__and_given_back(server, collection, runs, ids, on):
    tagged = tagged_objects if on == "object" else tagged_images
    tag_points(collection, runs, ids, Tagging("ISSUE", on=on, who="ann"))
    before = tagged(server)

    removed = tag_points(collection, runs, ids[:2], Tagging("ISSUE", on=on, removes=True, who="ann"))

    assert (removed.added, removed.already, removed.removed) == (0, 0, 2)
    assert len(tagged(server)) == len(before) - 2
    assert undo_run(runs, removed.run) == 2
    assert tagged(server) == before


def test_tag_points__undo__leaves_what_was_there_before(server, sample, collection, runs, ids):
    server.tables.tag_figure(sample.figures[0], sample.tags["night"])

    done = tag_points(collection, runs, ids, Tagging("night", who="ann"))

    assert (done.added, done.already) == (3, 1)
    undo_run(runs, done.run)
    assert tagged_objects(server, "night") == [sample.figures[0]]


def test_tag_points__values__come_back(server, sample, collection, runs, ids):
    level = server.tables.add_tag_meta(sample.project, "level", "any_number")
    server.tables.tag_figure(sample.figures[0], level, 3)
    server.tables.tag_figure(sample.figures[3], level, 5)

    done = tag_points(collection, runs, ids[:2], Tagging("level", removes=True, who="ann"))
    assert tagged_objects(server, "level") == []
    undo_run(runs, done.run)

    values = [tag["value"] for row in server.tables.figures.values() for tag in row["tags"]]
    assert values == [3, 5]


def test_tag_points__dry_run__writes_nothing(server, collection, runs, ids):
    server.forget_requests()

    done = tag_points(collection, runs, ids, Tagging("ISSUE", is_dry_run=True, who="ann"))

    assert done == Tagged("object", added=4)
    assert server.requests.keys() <= {"projects.meta", "figures.list"}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    ("step", "on", "removes"),
    [
        ("tags.bulk.add", "object", False),
        ("figures.tags.bulk.add", "object", False),
        ("image-tags.bulk.add-to-image", "image", False),
        ("object-tags.remove-from-figure", "object", True),
        ("image-tags.bulk.remove-from-images", "image", True),
    ],
)
def test_tag_points__lost_answers__nothing_twice(server, collection, runs, ids, step, on, removes, loss):
    server.habits.allows_duplicate_tags = True
    tagged = tagged_objects if on == "object" else tagged_images
    if removes:
        tag_points(collection, runs, ids, Tagging("ISSUE", on=on, who="ann"))
    server.fail(step, **LOSSES[loss])

    tag_points(collection, runs, ids, Tagging("ISSUE", on=on, removes=removes, who="ann"))

    n_wanted = 0 if removes else 4 if on == "object" else 3
    assert (len(tagged(server)), len(set(tagged(server)))) == (n_wanted, n_wanted)


def test_tag_points__wrong_requests__are_one_line(server, sample, collection, runs, ids):
    tables, project = server.tables, sample.project
    tables.add_tag_meta(project, "level", "any_number")
    tables.add_tag_meta(project, "scene")
    tables.metas[project]["tags"][-1]["applicable_type"] = "imagesOnly"
    cases = {
        "level": (InvalidOptionsError, "takes a value (any_number), and none is given"),
        "scene": (InvalidOptionsError, "goes on imagesOnly, not on an object"),
        " ": (InvalidOptionsError, "a tag has 1 to 255 characters"),
    }
    for tag, (kind, message) in cases.items():
        with pytest.raises(kind) as failed:
            tag_points(collection, runs, ids, Tagging(tag, who="ann"))
        assert message in str(failed.value)
    with pytest.raises(UnknownNameError, match="unknown tag 'none'; known: blurred, level, night, scene"):
        tag_points(collection, runs, ids, Tagging("none", removes=True, who="ann"))
    with pytest.raises(PointNotFoundError, match="has no point"):
        tag_points(collection, runs, ["5fdd6f4a-0000-4000-8000-000000000000"], Tagging("ISSUE", who="ann"))
    with pytest.raises(UnknownNameError, match="unknown run 'x'; known: none yet"):
        undo_run(runs, "x")
    tables.remove_figure(sample.figures[0])
    with pytest.raises(SourceUnavailableError, match="1 of the objects is no longer on the server"):
        tag_points(collection, runs, ids, Tagging("ISSUE", who="ann"))


# ---- jobs


def jobs_of(server):
    rows = [row for row in server.tables.jobs.values() if not row["disabled"]]
    return [(row["datasetId"], row["userId"], [one["id"] for one in row["entities"]]) for row in rows]


def test_make_jobs__one_per_data_set__none_twice(server, sample, collection, runs, ids):
    wish = JobWish("look again", ["bob"], reviewer="eva", who="ann")

    first, second = make_jobs(collection, runs, ids, wish), make_jobs(collection, runs, ids, wish)

    datasets = [server.tables.images[one]["datasetId"] for one in sample.images[:3]]
    assert (first.created, first.existing, second.created, second.existing) == (3, 0, 0, 3)
    assert [(one.dataset_id, one.images) for one in first.jobs] == [(one, 1) for one in sorted(datasets)]
    assert [one.id for one in first.jobs] == [one.id for one in second.jobs]
    assert jobs_of(server) == [(one, 8, [image]) for one, image in zip(datasets, sample.images, strict=False)]
    assert {row["reviewerId"] for row in server.tables.jobs.values()} == {9}
    assert second.run is None
    assert undo_run(runs, first.run) == 3
    assert undo_run(runs, first.run) == 0
    assert jobs_of(server) == []
    assert make_jobs(collection, runs, ids, wish).created == 3


def test_make_jobs__other_selection_or_person__is_another_job(server, collection, runs, ids):
    make_jobs(collection, runs, ids[:1], JobWish("look", ["bob"], who="ann"))

    more = make_jobs(collection, runs, ids[:1], JobWish("look", ["bob", "eva"], who="ann"))

    assert (more.created, more.existing) == (1, 1)
    assert [user for _, user, _ in jobs_of(server)] == [8, 9]


@pytest.mark.parametrize("loss", LOSSES)
def test_make_jobs__lost_answers__none_twice(server, collection, runs, ids, loss):
    server.fail("jobs.add", **LOSSES[loss])

    done = make_jobs(collection, runs, ids, JobWish("look", ["bob"], who="ann"))

    assert (done.created, len(jobs_of(server))) == (3, 3)


def test_make_jobs__dry_run_and_wrong_requests(server, collection, runs, ids):
    server.forget_requests()
    planned = make_jobs(collection, runs, ids, JobWish("look", ["bob"], is_dry_run=True, who="ann"))
    assert (planned.created, [one.id for one in planned.jobs], planned.run) == (3, [None] * 3, None)
    assert "jobs.add" not in server.requests
    with pytest.raises(UnknownNameError, match="unknown login 'zoe'; known: ann, bob, eva"):
        make_jobs(collection, runs, ids, JobWish("look", ["zoe"], who="ann"))
    with pytest.raises(InvalidOptionsError, match="'a/b' cannot name a job"):
        make_jobs(collection, runs, ids, JobWish("a/b", ["bob"], who="ann"))
    assert "jobs.add" not in server.requests


# ---- collections


@pytest.mark.parametrize("step", ["entities-collections.add", "entities-collections.items.bulk.add"])
@pytest.mark.parametrize("loss", [None, *LOSSES])
def test_collect_images__each_once(server, sample, collection, ids, step, loss):
    if loss is not None:
        server.fail(step, **LOSSES[loss])

    first = collect_images(collection, ids[:2], "to see")
    server.tables.remove_image(sample.images[0])
    second = collect_images(collection, ids, "to see")

    assert (first.added, first.already, first.missing) == (2, 0, 0)
    assert (second.added, second.already, second.missing) == (1, 1, 1)
    (row,) = server.tables.collections.values()
    assert (row["id"], row["name"], row["items"]) == (first.collection_id, "to see", set(sample.images[:3]))
