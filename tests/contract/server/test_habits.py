"""A Qdrant server with the habits of real ones: busy, strict, shared with others, and killed clients before ours."""

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.domain import CollectionSpec, PointFilter
from indexer.errors import (
    CollectionMismatchError,
    StoreLockedError,
    StoreUnavailableError,
)
from indexer.payload import INDEXED_FIELDS
from indexer.stores.leases import Lease
from indexer.stores.server_about import ABOUT_ID, INDEXED_ABOUT
from tests.contract.server.points import OTHER, SPEC, ids_of, make_points
from tests.doubles.qdrant_server import Fault


class TestRetries:
    @pytest.mark.parametrize(
        "fault",
        [
            Fault.too_many(retry_after=None, times=2),
            Fault.too_many(retry_after="Wed, 21 Oct 2026 07:28:00 GMT", times=2),
            Fault.internal(times=2),
            Fault.gateway(times=2),
            Fault.cut(times=2),
            Fault("", 503, {"Retry-After": "3"}, b"", times=2),
        ],
        ids=["429", "429 with a date", "500", "502 page", "cut", "503"],
    )
    def test_upsert__server_that_fails_twice__every_point_arrives_once(self, double, store, pauses, fault):
        collection = store.create_collection("animals", SPEC)
        double.fail(fault)

        collection.upsert(make_points(5))

        assert ids_of(collection) == [point.id for point in make_points(5)]
        assert len(pauses) == 2

    def test_count__too_many_requests__waits_as_long_as_the_server_says(self, double, store, pauses):
        collection = store.create_collection("animals", SPEC)
        double.fail(Fault.too_many(retry_after="7", times=2))

        assert collection.count() == 0
        assert pauses == [7.0, 7.0]

    def test_count__longer_than_anybody_waits__says_how_long(self, double, store, pauses):
        collection = store.create_collection("animals", SPEC)
        double.fail(Fault.too_many(retry_after="3600"))

        with pytest.raises(StoreUnavailableError, match=r"too many requests .* wait 3600 s and run the command again"):
            collection.count()
        assert pauses == []

    def test_count__server_that_goes_on_failing__gives_up_with_its_reason(self, double, connect, pauses):
        collection = connect(retries=3).create_collection("animals", SPEC)
        double.fail(Fault.internal(times=100))

        with pytest.raises(StoreUnavailableError, match="500 Internal Server Error: Service internal error: 1 of 1"):
            collection.count()
        assert len(pauses) == 3
        assert pauses == sorted(pauses)

    def test_count__refusal__is_not_repeated(self, double, store, pauses):
        collection = store.create_collection("animals", SPEC)
        double.fail(Fault("", 400, {}, b'{"status": {"error": "Bad request"}, "time": 0}', times=2))

        with pytest.raises(StoreUnavailableError, match="400 Bad Request"):
            collection.count()
        assert pauses == []

    def test_count__server_that_hangs__is_asked_twice_and_says_which_setting_to_raise(self, double, connect, pauses):
        connect().create_collection("animals", SPEC)
        collection, has_given_up = connect(timeout_s=2).open_collection("animals"), threading.Event()
        double.fail(Fault(action=has_given_up.wait, times=2))
        pauses.clear()  # a busy machine may have needed some by now

        with pytest.raises(StoreUnavailableError, match=r"did not answer in time .*; raise LOOKALIKE_STORE__TIMEOUT_S"):
            collection.count()
        has_given_up.set()
        assert len(pauses) == 1

    def test_set_payload__half_failed_batch__is_whole_after_it_was_sent_again(self, double, store):
        collection = store.create_collection("animals", SPEC)
        collection.upsert(make_points(6))
        revision = collection.revision
        double.fail(Fault.half_batch("POST /collections/animals/points/batch"))

        collection.set_payload({point.id: {"class_name": "cat"} for point in make_points(6)})

        assert collection.facet("class_name") == {"cat": 6}
        assert collection.revision != revision

    def test_set_reviews__taken_back__deletes_what_is_indexed_inside_it(self, double, store):
        """A real server keeps the index of a field inside another one that is deleted."""
        collection = store.create_collection("animals", SPEC)
        collection.upsert(make_points(1))
        collection.set_reviews({make_points(1)[0].id: None})

        (sent,) = [one.body["operations"] for one in double.asked if one.path.endswith("/points/batch")]
        assert [one["delete_payload"]["keys"] for one in sent] == [["review", "review.verdict"]]

    def test_create_collection__answer_that_is_lost__is_created_once(self, double, store):
        double.fail(Fault.internal("PUT /collections/animals", is_done=True))

        assert store.create_collection("animals", SPEC).count() == 0
        assert store.collection_names() == ["animals"]


class TestSizes:
    def test_read_columns__long_vectors__no_answer_is_larger_than_asked_for(self, double, connect):
        spec = CollectionSpec("fake:long", "f1", 1280, SPEC.crops)
        collection = connect(page_bytes=2**17).create_collection("animals", spec)
        points = make_points(60, 1280)
        collection.upsert(points)
        columns = collection.read_columns(["class_name"], with_embeddings=True)

        assert columns.embeddings.shape == (60, 1280)
        assert np.array_equal(columns.embeddings, np.stack([point.embedding for point in points]))
        assert max(one.n_answered for one in double.asked) < 2**18
        assert max(one.n_bytes for one in double.asked) < 2**18

    def test_retrieve__many_ids__are_asked_for_in_parts(self, double, store):
        collection = store.create_collection("animals", SPEC)
        collection.upsert(make_points(2500))
        double.asked.clear()
        found = collection.retrieve([point.id for point in make_points(2500)])

        assert [point.id for point in found] == [point.id for point in make_points(2500)]
        assert max(len(one.body["ids"]) for one in double.asked) == 1000


STRICT = {
    "enabled": True,
    "max_query_limit": 50,
    "unindexed_filtering_retrieve": False,
    "unindexed_filtering_update": False,
    "search_max_hnsw_ef": 256,
    "upsert_max_batchsize": 40,
    "condition_max_size": 100,
}


class TestStrictMode:
    @pytest.fixture
    def strict(self, double, store):
        double.tables.strict = STRICT
        collection = store.create_collection("animals", SPEC)
        collection.upsert(make_points(120, object_updated_at="2026-01-02T00:00:00+00:00"))
        return collection

    def test_create_collection__every_field_of_a_filter_has_an_index_of_its_type(self, double, store):
        store.create_collection("animals", SPEC)

        found = double.tables.schemas["animals"]
        assert {field: found[field] for field in INDEXED_FIELDS} == dict(INDEXED_FIELDS)
        assert found["lease.expires_at"] == "float"

    def test_create_collection__its_indexes__are_asked_for_together(self, double, store):
        """A real server takes a fifth of a second for each."""
        n_indexes = len(INDEXED_FIELDS) + len(INDEXED_ABOUT)
        all_are_there = threading.Barrier(n_indexes, timeout=60)
        double.fail(Fault("PUT /collections/animals/index", times=n_indexes, action=all_are_there.wait))

        store.create_collection("animals", SPEC)

        assert not all_are_there.broken
        assert len(double.tables.schemas["animals"]) == n_indexes

    def test_filters__all_of_the_page_and_the_api__are_allowed(self, strict):
        every = {field.value: ("x",) for field, kind in INDEXED_FIELDS.items() if kind == "keyword"}
        span = {"object_updated_at": (datetime(2026, 1, 1, tzinfo=UTC), None)}

        assert strict.count(PointFilter(equals_any=every)) == 0
        assert strict.count(PointFilter(ranges=span)) == 120
        strict.hold(Lease.make("'lookalike index a'"))

    def test_everything__more_than_one_answer_may_hold__is_asked_in_parts(self, strict):
        ids = tuple(point.id for point in make_points(120))

        assert ids_of(strict) == list(ids)
        assert ids_of(strict, PointFilter(ids=ids)) == list(ids)
        assert ids_of(strict, PointFilter(without_ids=ids[:110])) == list(ids[110:])
        assert len(strict.query(np.ones(3, np.float32), limit=110)) == 110
        assert len({hit.id for hit in strict.query(np.ones(3, np.float32), limit=110)}) == 110
        assert strict.facet("class_name") == {f"class {number}": 1 for number in range(120)}

    def test_open_collection__made_without_an_index__gets_it(self, double, connect, store):
        store.create_collection("animals", SPEC)
        del double.tables.schemas["animals"]["image_name"]
        double.tables.schemas["animals"]["class_name"] = "text"

        connect().open_collection("animals")

        assert double.tables.schemas["animals"]["image_name"] == "keyword"
        assert double.tables.schemas["animals"]["class_name"] == "keyword"

    def test_facet__while_the_index_is_being_built__counts_all_the_same(self, double, store):
        collection = store.create_collection("animals", SPEC)
        collection.upsert(make_points(3) + make_points(5)[3:])
        collection.set_payload({point.id: {"class_name": "cat"} for point in make_points(2)})
        counts = {"cat": 2, "class 2": 1, "class 3": 1, "class 4": 1}
        assert collection.facet("class_name") == counts
        del double.tables.schemas["animals"]["class_name"]

        assert collection.facet("class_name") == counts
        assert collection.facet("class_name", limit=1) == {"cat": 2}

    def test_open_collection__exact_counts_forbidden__says_what_to_allow(self, double, store):
        double.tables.strict = {"enabled": True, "search_allow_exact": False}

        with pytest.raises(StoreUnavailableError, match="set search_allow_exact to true on the server"):
            store.create_collection("animals", SPEC)


class TestKilledAndConcurrent:
    @pytest.mark.parametrize("has_metadata", [True, False], ids=["new server", "old server"])
    @pytest.mark.parametrize("n_requests", range(1, 5))
    def test_create_collection__killed_anywhere__the_next_run_completes_it(
        self, double, connect, n_requests, has_metadata
    ):
        double.tables.has_metadata = has_metadata
        killed = connect(retries=0)
        double.fail(Fault("animals", 500, times=1000, after=n_requests))
        with pytest.raises(StoreUnavailableError):
            killed.create_collection("animals", SPEC)
        double.faults.clear()

        collection = Collections(connect(), RevisionCache()).create("animals", SPEC)
        collection.upsert(make_points(2))

        assert connect().open_collection("animals", spec=SPEC).count() == 2
        assert connect().collection_names() == ["animals"]

    def test_create_collection__killed_and_another_model_follows__is_refused(self, double, connect):
        double.fail(Fault("animals", 500, times=1000, after=1))
        with pytest.raises(StoreUnavailableError):
            connect(retries=0).create_collection("animals", SPEC)
        double.faults.clear()

        with pytest.raises(CollectionMismatchError, match="made with fingerprint 'f1', not 'f2'"):
            Collections(connect(), RevisionCache()).create("animals", OTHER)

    def test_create__two_processes_at_once__both_write_into_one_collection(self, double, connect):
        first, second = connect(), connect()
        double.fail(Fault.between(lambda: second.create_collection("animals", SPEC), "PUT /collections/animals"))

        mine = Collections(first, RevisionCache()).create("animals", SPEC)
        mine.upsert(make_points(3))

        assert second.open_collection("animals").count() == 3

    def test_create__two_processes_with_two_models__one_is_refused(self, double, connect):
        first, second = connect(), connect()
        double.fail(Fault.between(lambda: second.create_collection("animals", OTHER), "PUT /collections/animals"))

        with pytest.raises(CollectionMismatchError, match="made with fingerprint 'f2', not 'f1'"):
            Collections(first, RevisionCache()).create("animals", SPEC)

    def test_about_point__deleted_by_somebody__comes_back_with_other_revisions(self, client, connect, store):
        collection = store.create_collection("animals", SPEC)
        collection.upsert(make_points(2))
        before = collection.revision
        client.delete("animals", [ABOUT_ID])

        assert collection.revision not in {before, ""}
        client.delete("animals", [ABOUT_ID])
        collection.upsert(make_points(2))
        client.delete("animals", [ABOUT_ID])
        assert connect().collection_names() == ["animals"]
        assert connect().open_collection("animals", spec=SPEC).count() == 2
        collection.hold(Lease.make("'lookalike index a'"))

    def test_hold__two_machines__one_waits_and_knows_for_whom(self, connect):
        first = connect().create_collection("animals", SPEC)
        second = connect().open_collection("animals")
        lease = Lease.make("'lookalike index photos' (process 7 on machine-a)")
        first.hold(lease)

        with pytest.raises(StoreLockedError, match=r"by 'lookalike index photos' .process 7 on machine-a. until"):
            second.hold(Lease.make("me"))
        first.release(lease.token)
        second.hold(Lease.make("me"))

    def test_hold__two_machines_at_the_same_moment__one_gets_it(self, connect):
        connect().create_collection("animals", SPEC)
        collections = [connect().open_collection("animals") for _ in range(8)]
        start, outcomes = threading.Barrier(8), []

        def take(collection):
            start.wait()
            try:
                collection.hold(Lease.make("one of them"))
                outcomes.append("got it")
            except StoreLockedError:
                outcomes.append("waits")

        threads = [threading.Thread(target=take, args=(one,)) for one in collections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes) == ["got it"] + ["waits"] * 7

    def test_hold__killed_owner__is_free_after_its_time(self, connect):
        collection = connect().create_collection("animals", SPEC)
        collection.hold(Lease("killed", "them", datetime.now(UTC) - timedelta(seconds=1)))

        collection.hold(Lease.make("me"))

    def test_hold__about_point_spoiled__says_what_to_do(self, client, store):
        collection = store.create_collection("animals", SPEC)
        client.set_payload("animals", {"lease": None}, points=[ABOUT_ID])

        with pytest.raises(StoreUnavailableError, match="delete that point and run the command again"):
            collection.hold(Lease.make("me"))
