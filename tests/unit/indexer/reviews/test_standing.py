"""Reviews that are kept in memory are those that the points have."""

import threading

import numpy as np
import pytest

from indexer.domain import CollectionSpec, Point
from indexer.reviews.review import Review, ReviewVerdict, read_reviews
from indexer.reviews.standing import StandingReviews
from indexer.stores import recent_writes
from indexer.stores.qdrant_embedded import EmbeddedStore
from tests.contract.test_stores import point_id

SPEC = CollectionSpec(embedder="fake:wide", fingerprint="f1", dimension=3, crops="padding=0px min=1px")
NAMES = [f"object {number}" for number in range(40)]


def make_point(name, class_name="cat"):
    return Point(point_id(name), {"class_name": class_name, "object_key": name}, np.eye(3, dtype=np.float32)[0])


def judge(collection, *names, verdict=ReviewVerdict.DISMISS):
    reviews = {point_id(name): Review.of(make_point(name), verdict, who="ann").to_payload() for name in names}
    collection.set_reviews(reviews)


@pytest.fixture
def collection(tmp_path):
    store = EmbeddedStore(tmp_path)
    made = store.create_collection("test", SPEC)
    made.upsert([make_point(name) for name in NAMES])
    judge(made, *NAMES[:20])
    yield made
    store.close()


@pytest.fixture
def scrolled(collection, monkeypatch):
    """One call for each time that all reviews were read."""
    calls, scroll = [], collection.scroll
    monkeypatch.setattr(collection, "scroll", lambda *args, **options: calls.append(args) or scroll(*args, **options))
    return calls


def test_of__after_a_verdict__only_its_points_are_read(collection, scrolled):
    standing = StandingReviews()
    first = dict(standing.of(collection))
    judge(collection, NAMES[0], NAMES[30], verdict=ReviewVerdict.SKIP)
    collection.set_reviews({point_id(NAMES[1]): None, point_id("nobody"): None})

    found = standing.of(collection)

    assert len(scrolled) == 1
    assert first.keys() ^ found.keys() == {point_id(NAMES[30]), point_id(NAMES[1])}
    assert found[point_id(NAMES[0])].verdict == ReviewVerdict.SKIP
    assert found == read_reviews(collection)


def test_of__points_that_were_written_again_or_deleted(collection):
    standing = StandingReviews()
    standing.of(collection)
    collection.set_payload({point_id(NAMES[0]): {"class_name": "dog"}})
    collection.delete([point_id(NAMES[1])])

    found = standing.of(collection)

    assert found[point_id(NAMES[0])].subject["class_name"] == "dog"
    assert found == read_reviews(collection)
    assert point_id(NAMES[1]) not in found


def test_of__so_many_verdicts_that_all_are_read(collection, scrolled, monkeypatch):
    monkeypatch.setattr(recent_writes, "MOST_WRITES", 5)
    standing = StandingReviews()
    standing.of(collection)
    judge(collection, *NAMES[20:])

    found = standing.of(collection)

    assert len(scrolled) == 2
    assert found == read_reviews(collection)


def test_of__while_others_judge__in_the_end_everybody_knows_all(collection):
    standing, is_done = StandingReviews(), threading.Event()

    def write(names):
        for name in names:
            judge(collection, name, verdict=ReviewVerdict.SKIP)
            collection.set_reviews({point_id(name): None})
            judge(collection, name, verdict=ReviewVerdict.ACCEPT)

    def read():
        while not is_done.is_set():
            standing.of(collection)

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(NAMES[start::3],)) for start in range(3)]
    for one in (*readers, *writers):
        one.start()
    for one in writers:
        one.join()
    is_done.set()
    for one in readers:
        one.join()

    assert {review.verdict for review in standing.of(collection).values()} == {ReviewVerdict.ACCEPT}
    assert standing.of(collection) == read_reviews(collection)
