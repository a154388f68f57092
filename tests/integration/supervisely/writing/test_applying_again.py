"""Accepted classes written to the server again and again, without an index run between."""

import contextlib

import pytest

from tests.integration.supervisely.projects import points_by_object
from tests.integration.supervisely.writing.test_applying import (
    WAYS,
    Killed,
    accept,
    cats,
    classes,
    facts_of,
    kill_after,
)


@pytest.fixture(params=WAYS)
def indexed(request, server, sample, run):
    """The server in one of the ways of relabelling, with a third class, indexed."""
    server.habits.class_edits = request.param
    server.tables.add_class(sample.project, "lynx")
    run(sample.address)
    return server


def apply(reviews, collection):
    """Write back; gives what became of each review, and the run."""
    applied = reviews.apply(collection.name, who="ann")
    return sorted(one.reason or one.outcome.value for one in applied.outcomes), applied.run


def find(collection, point_class, image_id):
    """Key of the object of an image whose point has a class."""
    payloads = [point.payload for point in points_by_object(collection).values()]
    (found,) = (one for one in payloads if (one["class_name"], one["image_key"]) == (point_class, image_id))
    return found["object_key"]


def test_apply__more_of_the_same_image__then_index_follows(indexed, sample, reviews, collection, run):
    first, second = sample.figures[:2]
    accept(reviews, collection, [first], "lynx", is_new=True)
    assert apply(reviews, collection)[0] == ["written"]
    accept(reviews, collection, [second], "lynx", is_new=True)

    assert apply(reviews, collection)[0] == ["already so", "written"]

    assert classes(indexed) == {"cat": 5, "dog": 5, "lynx": 2}
    report = run(sample.address)
    assert (report.instances.embedded, report.instances.payload_updated) == (0, 2)
    assert reviews.apply(collection.name, who="ann").outcomes == []


def test_apply__another_class_for_what_was_written__and_back(indexed, sample, reviews, collection):
    before, image = facts_of(indexed), str(sample.images[0])
    accept(reviews, collection, cats(sample)[:1], "lynx", is_new=True)
    _, first = apply(reviews, collection)
    accept(reviews, collection, [find(collection, "cat", image)], "dog")

    outcomes, second = apply(reviews, collection)

    assert outcomes == ["written"]
    assert classes(indexed) == {"cat": 5, "dog": 7}
    for run_name, expected in ((second, {"cat": 5, "dog": 6, "lynx": 1}), (first, {"cat": 6, "dog": 6})):
        assert reviews.restore(run_name, who="ann").kept == {}
        assert classes(indexed) == expected
    assert facts_of(indexed) == before
    assert apply(reviews, collection)[0] == ["written"]
    assert classes(indexed) == {"cat": 5, "dog": 7}


def test_restore__first_run_while_the_second_stands(indexed, sample, reviews, collection):
    first, second = sample.figures[:2]
    accept(reviews, collection, [first], "lynx", is_new=True)
    _, run_name = apply(reviews, collection)
    accept(reviews, collection, [second], "lynx", is_new=True)
    apply(reviews, collection)

    assert reviews.restore(run_name, who="ann").kept == {}

    assert classes(indexed) == {"cat": 6, "dog": 5, "lynx": 1}


def test_apply__changed_by_others_after_an_own_write__is_refused(indexed, sample, reviews, collection):
    image = str(sample.images[0])
    accept(reviews, collection, cats(sample)[:1], "lynx", is_new=True)
    apply(reviews, collection)
    key = find(collection, "cat", image)
    indexed.tables.edit_figure(int(key))
    accept(reviews, collection, [key], "dog")

    outcomes, run_name = apply(reviews, collection)

    assert run_name is None
    assert "it changed since it was indexed" in outcomes[0]


@pytest.mark.parametrize("n_requests", range(7, 22, 2))
def test_apply__killed_before_all_was_noted__is_no_change_by_others(
    server, sample, reviews, collection, run, monkeypatch, n_requests
):
    server.habits.class_edits = "ignores"
    server.tables.add_class(sample.project, "lynx")
    run(sample.address)
    accept(reviews, collection, cats(sample)[:1], "lynx", is_new=True)
    with monkeypatch.context() as patched:
        kill_after(patched, n_requests)
        with contextlib.suppress(Killed):
            reviews.apply(collection.name, who="ann")
    reviews.apply(collection.name, who="ann")
    accept(reviews, collection, [find(collection, "cat", str(sample.images[0]))], "dog")

    assert apply(reviews, collection)[0] == ["written"]
    assert classes(server) == {"cat": 5, "dog": 7}
