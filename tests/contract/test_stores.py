"""All stores run one script and must agree: the engine, a server's client in its local mode, and a store of another."""

import contextlib
import os
import socket
import subprocess
import sys
import warnings
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import httpx
import numpy as np
import pytest
from qdrant_client import QdrantClient

from api.app import create_app
from api.settings import ApiSettings, ServerIdentity
from indexer.domain import CollectionSpec, Point, PointFilter
from indexer.errors import (
    CollectionMismatchError,
    CollectionNotFoundError,
    InvalidOptionsError,
    StoreLockedError,
    StoreUnavailableError,
)
from indexer.settings import IndexerSettings, StoreSettings
from indexer.stores.leases import Lease, hold_collection
from indexer.stores.qdrant_embedded import EmbeddedStore
from indexer.stores.qdrant_server import ServerStore
from indexer.workspace import Workspace
from lookalike.owner_store import OwnerApi, OwnerStore
from tests.asgi import AppTransport
from tests.doubles.qdrant_server import running_server

SPEC = CollectionSpec(embedder="fake:three", fingerprint="f1", dimension=3, crops="padding=0px min=1px")


def point_id(name):
    return str(uuid5(NAMESPACE_URL, name))


def make_point(name, vector, **payload):
    embedding = None if vector is None else np.asarray(vector, dtype=np.float32)
    return Point(id=point_id(name), payload=payload, embedding=embedding)


def open_owned_store(data_dir):
    """A store that another process owns, as far as it can tell: it asks the api of one that owns it."""
    workspace = Workspace.open(IndexerSettings(data_dir=data_dir))
    identity = ServerIdentity.make()
    app = create_app(ApiSettings(), workspace, identity)
    headers = {"Authorization": f"Bearer {identity.token}"}
    http = httpx.Client(transport=AppTransport(app), base_url="http://localhost", headers=headers)
    return OwnerStore(OwnerApi(http)), workspace


STRICT = {
    "enabled": True,
    "max_query_limit": 2,
    "unindexed_filtering_retrieve": True,
    "unindexed_filtering_update": False,
    "search_max_hnsw_ef": 100,
    "upsert_max_batchsize": 2,
    "condition_max_size": 1,
}
"""Strict mode with limits that a handful of points reaches; the fields of these tests are not those of a collection."""
QDRANT_URL = os.environ.get("QDRANT_URL")


@pytest.fixture(params=["embedded", "local mode", "owner", "loopback", "strict mode", "real server"])
def store(request, tmp_path):
    with contextlib.ExitStack() as opened:
        yield open_store(request.param, tmp_path, opened)


def open_store(kind, tmp_path, opened):
    if kind == "owner":
        made, workspace = open_owned_store(tmp_path)
        opened.callback(workspace.close)
    elif kind == "embedded":
        made = EmbeddedStore(tmp_path)
    elif kind == "local mode":
        opened.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", message="Local mode performs exact")  # a server takes search parameters
        made = ServerStore(QdrantClient(location=":memory:"))
    elif kind == "real server":
        if QDRANT_URL is None:
            pytest.skip("set QDRANT_URL to run this on a real Qdrant server")
        made = ServerStore.connect(real_settings())
        opened.callback(made.close)
        remove_collections(made)
        opened.callback(remove_collections, made)
        return made
    else:
        double = opened.enter_context(running_server())
        double.tables.strict = STRICT if kind == "strict mode" else {}
        made = ServerStore.connect(StoreSettings(url=double.url))
    opened.callback(made.close)
    return made


def real_settings():
    """Settings of the real server; by gRPC if QDRANT_GRPC_PORT is set, too."""
    port = os.environ.get("QDRANT_GRPC_PORT")
    grpc = {"grpc": True, "grpc_port": int(port)} if port else {}
    return StoreSettings(url=QDRANT_URL, api_key=os.environ.get("QDRANT_API_KEY"), **grpc)


def remove_collections(store):
    for name in OURS:
        with contextlib.suppress(CollectionNotFoundError):
            store.delete_collection(name)


OURS = ("animals", "empty", "plants")
"""Names that these tests give; a real server may hold others."""


@pytest.fixture
def collection(store):
    made = store.create_collection("animals", SPEC)
    made.upsert(
        [
            make_point("a", [1, 0, 0], class_name="cat", dataset="train", cluster=1, tags=["x", "y"]),
            make_point("b", [2, 0.2, 0], class_name="cat", dataset="val", cluster=2),
            make_point(
                "c", [0, 1, 0], class_name="dog", dataset="train", object_updated_at="2026-01-02T00:00:00+00:00"
            ),
            make_point("image", None, dataset="train", instance="image"),
        ]
    )
    return made


def test_query__nearest_first_and_only_points_with_an_embedding(collection):
    found = collection.query(np.array([1, 0, 0], dtype=np.float32), limit=10)

    assert [hit.id for hit in found] == [point_id("a"), point_id("b"), point_id("c")]
    assert found[0].score == pytest.approx(1.0)
    assert found[1].score == pytest.approx(2 / np.hypot(2, 0.2), abs=1e-5)
    assert found[0].payload["class_name"] == "cat"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (PointFilter(equals_any={"class_name": ("cat",)}), "ab"),
        (PointFilter(equals_any={"class_name": ("cat", "dog"), "dataset": ("train",)}), "ac"),
        (PointFilter(equals_any={"tags": ("y", ""), "class_name": ("cat",)}), "ab"),
        (PointFilter(none_of={"class_name": ("cat",)}, has_embedding=True), "c"),
        (PointFilter(ranges={"cluster": (2, None)}), "b"),
        (PointFilter(ranges={"object_updated_at": (datetime(2026, 1, 1, tzinfo=UTC), None)}), "c"),
        (PointFilter(ranges={"object_updated_at": (None, datetime(2026, 1, 1, tzinfo=UTC))}), ""),
        (PointFilter(ids=(point_id("a"), point_id("nobody"))), "a"),
        (PointFilter(without_ids=(point_id("a"),), has_embedding=True), "bc"),
    ],
)
def test_filter__every_condition(collection, where, expected):
    wanted = sorted(point_id(name) for name in expected)

    assert collection.count(where) == len(wanted)
    assert [p.id for page in collection.scroll(where, fields=[]) for p in page] == wanted


def test_count__separates_points_without_an_embedding(collection):
    assert collection.count() == 4
    assert collection.count(PointFilter(has_embedding=True)) == 3
    assert collection.count(PointFilter(has_embedding=False)) == 1


def test_scroll__pages_are_bounded_and_cover_everything_once(collection):
    pages = list(collection.scroll(page_size=3))

    assert max(len(page) for page in pages) <= 3
    assert len({point.id for page in pages for point in page}) == 4


def test_read_columns__sorted_by_id_with_normalised_embeddings(collection):
    columns = collection.read_columns(
        ["class_name", "cluster"], with_embeddings=True, where=PointFilter(has_embedding=True)
    )

    assert list(columns.ids) == sorted(point_id(name) for name in "abc")
    assert columns.embeddings.dtype == np.float32
    assert np.linalg.norm(columns.embeddings, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    by_id = dict(zip(columns.ids, columns.fields["class_name"], strict=True))
    assert by_id == {point_id("a"): "cat", point_id("b"): "cat", point_id("c"): "dog"}
    assert sorted(columns.fields["cluster"], key=str) == [1, 2, None]


def test_read_columns__empty(store):
    columns = store.create_collection("empty", SPEC).read_columns(["class_name"], with_embeddings=True)

    assert len(columns) == 0
    assert columns.embeddings.shape == (0, 3)
    assert columns.fields["class_name"].shape == (0,)


def test_upsert__replaces_payload_and_vector(collection):
    collection.upsert([make_point("a", [0, 0, 5], class_name="dog")])

    (found,) = collection.retrieve([point_id("a")], with_embeddings=True)
    assert found.payload == {"class_name": "dog"}
    assert found.embedding == pytest.approx([0, 0, 1])
    assert collection.count() == 4


def test_retrieve__outline_that_was_rounded__is_the_same(collection):
    """The engine gives other numbers back with another last digit."""
    place = np.random.default_rng(0)
    outline = [[round(x, 6) for x in corner] for corner in (place.random((500, 2)) * (640, 2**31)).tolist()]

    collection.upsert([make_point("z", None, shape={"polygons": [outline]})])

    assert collection.retrieve([point_id("z")])[0].payload["shape"] == {"polygons": [outline]}


def test_set_payload__sets_deletes_and_ignores_unknown_ids(collection):
    collection.set_payload({point_id("a"): {"class_name": "dog", "cluster": None}, point_id("nobody"): {"x": 1}})

    (found,) = collection.retrieve([point_id("a")], with_embeddings=True)
    assert found.payload == {"class_name": "dog", "dataset": "train", "tags": ["x", "y"]}
    assert found.embedding == pytest.approx([1, 0, 0])
    assert collection.retrieve([point_id("nobody"), "not a uuid"]) == []


def test_delete_embeddings__keeps_the_payload(collection):
    collection.delete_embeddings([point_id("a"), point_id("nobody")])

    (found,) = collection.retrieve([point_id("a")], with_embeddings=True)
    assert found.embedding is None
    assert found.payload["class_name"] == "cat"


def test_delete__ignores_unknown_ids(collection):
    collection.delete([point_id("a"), point_id("nobody"), "not a uuid"])
    collection.delete([])

    assert collection.retrieve([point_id("a"), point_id("b")])[0].id == point_id("b")


def test_facet__counts_most_frequent_first(collection):
    assert list(collection.facet("class_name").items()) == [("cat", 2), ("dog", 1)]
    assert collection.facet("class_name", PointFilter(equals_any={"dataset": ("val",)})) == {"cat": 1}
    collection.delete([point_id("c")])
    assert collection.facet("class_name") == {"cat": 2}


def test_revision__changes_with_every_kind_of_write_and_not_with_reads(collection):
    seen = [collection.revision]
    for write in (
        lambda: collection.upsert([make_point("d", [1, 1, 1])]),
        lambda: collection.set_payload({point_id("d"): {"cluster": 7}}),
        lambda: collection.delete_embeddings([point_id("d")]),
        lambda: collection.delete([point_id("d")]),
    ):
        write()
        seen.append(collection.revision)
    collection.query(np.ones(3, dtype=np.float32), limit=1)
    collection.count()

    assert len(set(seen)) == 5
    assert collection.revision == seen[-1]


def test_set_reviews__changes_the_review_revision_alone(collection):
    revision, seen = collection.revision, [collection.review_revision]
    for review in ({"verdict": "accept", "class_name": "dog"}, {"verdict": "skip"}, None):
        collection.set_reviews({point_id("a"): review, point_id("nobody"): review})
        seen.append(collection.review_revision)
        (point,) = collection.retrieve([point_id("a")])
        assert point.payload.get("review") == review
        assert point.payload["class_name"] == "cat"

    assert len(set(seen)) == 4
    assert collection.revision == revision


def test_set_reviews__points_are_found_by_their_verdict(collection):
    collection.set_reviews({point_id("a"): {"verdict": "skip"}, point_id("c"): {"verdict": "accept"}})

    reviewed = PointFilter(equals_any={"review.verdict": ("accept", "dismiss")})
    assert [p.id for page in collection.scroll(reviewed) for p in page] == [point_id("c")]
    assert collection.facet("review.verdict") == {"accept": 1, "skip": 1}


def test_set_reviews__a_review_that_is_taken_back_is_found_no_more(collection):
    for review in ({"verdict": "skip"}, {"verdict": "accept"}, None):
        collection.set_reviews({point_id("a"): review, point_id("c"): {"verdict": "skip"}})

    assert collection.facet("review.verdict") == {"skip": 1}
    for verdict, found in (("skip", ["c"]), ("accept", [])):
        where = PointFilter(equals_any={"review.verdict": (verdict,)})
        assert [p.id for page in collection.scroll(where) for p in page] == [point_id(name) for name in found]
        assert collection.count(where) == len(found)


def test_set_payload__a_field_that_is_deleted_is_found_no_more(collection):
    collection.set_payload({point_id("a"): {"class_name": None, "tags": None, "cluster": None}})

    assert collection.facet("class_name") == {"cat": 1, "dog": 1}
    assert collection.count(PointFilter(equals_any={"class_name": ("cat",)})) == 1
    assert collection.count(PointFilter(equals_any={"tags": ("x",)})) == 0
    assert collection.count(PointFilter(ranges={"cluster": (0, None)})) == 1
    assert collection.count(PointFilter(equals_any={"class_name": ("",)})) == 2


def test_open_collection__names_the_field_that_differs(store, collection):
    other = CollectionSpec(embedder="fake:three", fingerprint="f2", dimension=3, crops=SPEC.crops)

    assert store.open_collection("animals", spec=SPEC).spec == SPEC
    with pytest.raises(CollectionMismatchError, match=r"made with fingerprint 'f1', not 'f2'"):
        store.open_collection("animals", spec=other)


def test_collections__created_once_listed_and_deleted(store, collection):
    with pytest.raises(InvalidOptionsError, match="exists already"):
        store.create_collection("animals", SPEC)
    with pytest.raises(InvalidOptionsError, match=r"'\.\./x' is unfit"):
        store.create_collection("../x", SPEC)
    with pytest.raises(CollectionNotFoundError, match=r"no collection 'plants'; known: .*animals"):
        store.open_collection("plants")

    store.delete_collection("animals")

    assert "animals" not in store.collection_names()


def test_hold__one_holder_at_a_time_who_is_named(collection):
    mine = Lease.make("'lookalike index a' (process 1 on here)")
    theirs = Lease.make("'lookalike index b' (process 2 on there)")
    collection.hold(mine)
    collection.hold(mine)  # renewed
    with pytest.raises(
        StoreLockedError,
        match=r"'animals' is being written by 'lookalike index a' \(process 1 on here\) until 20..-..-.. ..:..:.. UTC",
    ):
        collection.hold(theirs)
    collection.release(theirs.token)
    with pytest.raises(StoreLockedError):
        collection.hold(theirs)

    collection.release(mine.token)

    collection.hold(theirs)
    collection.release(theirs.token)


def test_hold__a_killed_holder_makes_nobody_wait_for_ever(collection):
    collection.hold(Lease("slept", "'lookalike index a'", datetime.now(UTC) - timedelta(seconds=1)))
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        killed.wait()
    process = f"{killed.pid}@{socket.gethostname()}"
    collection.hold(Lease("killed", "'lookalike index a'", datetime.now(UTC) + timedelta(hours=1), process))

    with hold_collection(collection, "'lookalike index b'") as require:
        require()
    with pytest.raises(StoreLockedError, match="lookalike index c"):
        lose(collection)


def lose(collection):
    """Hold a lease that ends in between and is taken by somebody else."""
    with hold_collection(collection, "'lookalike index b'", lasts_s=0.0) as require:
        theirs = Lease.make("'lookalike index c'")
        collection.hold(theirs)
        try:
            require()
        finally:
            collection.release(theirs.token)


def test_hold__is_no_write(collection):
    before = collection.revision, collection.review_revision, collection.count()

    with hold_collection(collection, "'lookalike index a'"):
        assert (collection.revision, collection.review_revision, collection.count()) == before
    assert (collection.revision, collection.review_revision, collection.count()) == before


def test_embedded_store__everything_is_there_after_reopening(tmp_path):
    first = EmbeddedStore(tmp_path)
    collection = first.create_collection("animals", SPEC)
    collection.upsert([make_point("a", [1, 0, 0], class_name="cat")])
    revision = collection.revision
    first.close()
    first.close()

    second = EmbeddedStore(tmp_path)
    reopened = second.open_collection("animals", spec=SPEC)

    assert reopened.revision == revision
    assert reopened.retrieve([point_id("a")])[0].payload == {"class_name": "cat"}
    second.close()


def test_server_store__server_that_does_not_answer():
    with pytest.raises(StoreUnavailableError, match="the Qdrant server failed"):
        ServerStore.connect(StoreSettings(url="http://127.0.0.1:9", timeout_s=1))
