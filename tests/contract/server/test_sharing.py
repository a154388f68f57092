"""A Qdrant server that others use too, collections that grow, and questions while somebody writes."""

import json
from dataclasses import asdict, replace

import httpx
import numpy as np
import pytest
from qdrant_client import models

from api.app import create_app
from api.settings import ApiSettings, ServerIdentity
from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.domain import PointFilter
from indexer.errors import (
    CollectionMismatchError,
    CollectionNotFoundError,
    InvalidOptionsError,
    SnapshotOutdatedError,
    StoreError,
    StoreUnavailableError,
)
from indexer.settings import GrowthSettings, IndexerSettings
from indexer.stores.leases import Lease
from indexer.stores.server_about import ABOUT_ID, METADATA_KEY
from indexer.workspace import Workspace
from lookalike.client.blocking.client import Client
from tests.asgi import AppTransport
from tests.contract.server.points import SPEC, make_points
from tests.doubles.qdrant_server import Fault


class TestOthersOnTheServer:
    def test_alias__opens_what_it_stands_for_and_is_not_listed(self, client, store):
        store.create_collection("animals-v2", SPEC).upsert(make_points(2))
        create = models.CreateAlias(collection_name="animals-v2", alias_name="animals")
        client.update_collection_aliases([models.CreateAliasOperation(create_alias=create)])

        assert store.collection_names() == ["animals-v2"]
        opened = store.open_collection("animals")
        assert (opened.name, opened.count()) == ("animals-v2", 2)
        with pytest.raises(InvalidOptionsError, match="'animals' is an alias of 'animals-v2' on the server"):
            store.create_collection("animals", SPEC)
        with pytest.raises(InvalidOptionsError, match="delete 'animals-v2' instead"):
            store.delete_collection("animals")
        assert opened.count() == 2

    def test_foreign_collections__are_not_listed_asked_once_and_left_alone(self, client, double, store):
        client.create_collection("theirs", models.VectorParams(size=2, distance=models.Distance.DOT))
        client.create_collection("also", {"embedding": models.VectorParams(size=9, distance=models.Distance.COSINE)})
        store.create_collection("animals", SPEC)
        assert store.collection_names() == ["animals"]
        double.asked.clear()

        assert store.collection_names() == ["animals"]
        assert len(double.asked) == 1
        with pytest.raises(InvalidOptionsError, match="'theirs' is another program's"):
            store.create_collection("theirs", SPEC)
        with pytest.raises(CollectionNotFoundError):
            store.delete_collection("theirs")
        assert client.collection_exists("theirs")

    def test_collections__deleted_by_another_process__are_not_found(self, connect):
        collections, other = Collections(connect(), RevisionCache()), connect()
        mine = collections.create("animals", SPEC)
        other.delete_collection("animals")

        with pytest.raises(CollectionNotFoundError, match="no collection 'animals'"):
            collections.describe("animals")
        with pytest.raises(StoreUnavailableError, match="somebody deleted it; run 'lookalike status'"):
            mine.upsert(make_points(1))

    def test_collection_names__deleted_while_they_are_read_and_made_anew__are_listed_at_once(self, double, connect):
        store, other = connect(), connect()
        other.create_collection("animals", SPEC)
        double.fail(Fault.between(lambda: other.delete_collection("animals"), "POST /collections/animals/points"))

        assert store.collection_names() == []
        other.create_collection("animals", SPEC)
        assert store.collection_names() == ["animals"]

    def test_collections__made_anew_by_another_process__are_opened_anew_and_not_mixed(self, connect):
        collections, other = Collections(connect(), RevisionCache()), connect()
        mine = collections.create("animals", SPEC)
        mine.upsert(make_points(2))
        other.delete_collection("animals")
        other.create_collection("animals", replace(SPEC, fingerprint="f5", dimension=5)).upsert(make_points(4, 5))

        assert collections.snapshot("animals", with_embeddings=True).embeddings().shape == (4, 5)
        with pytest.raises(CollectionMismatchError, match="made with fingerprint 'f5', not 'f1'"):
            mine.upsert(make_points(3))
        with pytest.raises(CollectionMismatchError, match="made with fingerprint 'f5', not 'f1'"):
            mine.hold(Lease.make("'lookalike index a'"))
        assert other.open_collection("animals").count() == 4

    def test_alias__that_moves_on__is_followed(self, client, connect):
        store = connect()
        collections = Collections(connect(), RevisionCache())
        for number in (2, 3):
            store.create_collection(f"animals-v{number}", SPEC).upsert(make_points(number))
            change = models.CreateAlias(collection_name=f"animals-v{number}", alias_name="animals")
            client.update_collection_aliases([models.CreateAliasOperation(create_alias=change)])

            assert collections.describe("animals").n_points == number


VERSIONS = {
    "older": (
        0,
        "payloads of version 0, and this Lookalike knows version 1; use the Lookalike that wrote them, or index",
    ),
    "newer": (
        2,
        r"payloads of version 2, and this Lookalike knows version 1; install a newer Lookalike, or index into",
    ),
    "missing": (
        None,
        r"is broken \(it tells no version of its payloads\); delete it with 'lookalike delete animals' and index again",
    ),
}


@pytest.mark.parametrize(("version", "words"), VERSIONS.values(), ids=list(VERSIONS))
class TestVersions:
    @pytest.fixture
    def written(self, client, version, store):
        """A collection that is open here, to which another Lookalike wrote; and the store."""
        collections = Collections(store, RevisionCache())
        collections.create("animals", SPEC).upsert(make_points(2))
        described = asdict(SPEC) | ({} if version is None else {"version": version})
        client.set_payload("animals", {"spec": json.dumps(described)}, points=[ABOUT_ID])
        return collections

    def test_version__that_is_not_ours__is_refused_by_who_opens_it(self, written, connect, words):
        for ask in (
            lambda: connect().open_collection("animals"),
            lambda: connect().open_collection("animals", spec=SPEC),
            lambda: Collections(connect(), RevisionCache()).create("animals", SPEC),
        ):
            with pytest.raises(StoreError, match=words):
                ask()
        assert connect().collection_names() == ["animals"]

    def test_version__that_is_not_ours__is_refused_by_who_had_it_open(self, double, client, written, words):
        opened = written._opened["animals"]
        before = client.scroll("animals", limit=10, with_vectors=True)
        for ask in (
            lambda: written.describe("animals"),
            lambda: written.snapshot("animals"),
            lambda: opened.revision,
            lambda: opened.upsert(make_points(3)),
            lambda: opened.set_payload({make_points(1)[0].id: {"class_name": "x"}}),
            lambda: opened.set_reviews({make_points(1)[0].id: {"verdict": "skip"}}),
            lambda: opened.delete([make_points(1)[0].id]),
            lambda: opened.delete_embeddings([make_points(1)[0].id]),
            lambda: opened.hold(Lease.make("'lookalike index a'")),
        ):
            with pytest.raises(StoreError, match=words):
                ask()
        assert client.scroll("animals", limit=10, with_vectors=True) == before

    def test_version__in_the_metadata_alone__is_refused_and_no_point_is_made(self, client, written, version, words):
        opened = written._opened["animals"]
        described = asdict(SPEC) | ({} if version is None else {"version": version})
        client.update_collection("animals", metadata={METADATA_KEY: {"spec": json.dumps(described), "is_draft": False}})
        client.delete("animals", [ABOUT_ID])

        with pytest.raises(StoreError, match=words):
            opened.upsert(make_points(3))
        assert client.retrieve("animals", [ABOUT_ID]) == []


class TestGrowth:
    def test_create_collection__layout__is_what_the_settings_say(self, double, connect):
        growth = GrowthSettings(
            shard_number=6,
            replication_factor=2,
            write_consistency_factor=2,
            vectors_on_disk=True,
            payload_on_disk=True,
            quantization="scalar",
            hnsw_m=32,
            hnsw_ef_construct=200,
            hnsw_on_disk=True,
        )
        connect(growth=growth).create_collection("animals", SPEC)

        created = double.tables.created["animals"]
        assert created["shard_number"] == 6
        assert (created["replication_factor"], created["write_consistency_factor"]) == (2, 2)
        assert created["on_disk_payload"] is True
        assert created["vectors"]["embedding"]["on_disk"] is True
        assert created["hnsw_config"] == {"m": 32, "ef_construct": 200, "on_disk": True}
        assert created["quantization_config"]["scalar"]["type"] == "int8"

    def test_create_collection__no_settings__leaves_the_server_its_defaults(self, double, store):
        store.create_collection("animals", SPEC)
        assert set(double.tables.created["animals"]) == {"vectors", "metadata"}

    @pytest.mark.parametrize("quantization", ["scalar", "binary", "turbo"])
    def test_query__quantised__is_rescored(self, double, connect, quantization):
        collection = connect(growth=GrowthSettings(quantization=quantization, oversampling=3)).create_collection(
            "animals", SPEC
        )
        collection.query(np.ones(3, np.float32), limit=5)
        collection.query(np.ones(3, np.float32), limit=5, exact=True)

        asked = [one.body["params"] for one in double.asked if one.path.endswith("/query")]
        assert asked[0]["quantization"] == {"rescore": True, "oversampling": 3.0}
        assert "quantization" not in asked[1]

    @pytest.mark.parametrize(("bits", "sent"), [("1", "bits1"), ("1.5", "bits1_5"), ("4", "bits4")])
    def test_create_collection__turbo__keeps_as_many_bits_as_the_settings_say(self, double, connect, bits, sent):
        growth = GrowthSettings(quantization="turbo", turbo_bits=bits)
        connect(growth=growth).create_collection("animals", SPEC)
        kept = double.tables.created["animals"]["quantization_config"]["turbo"]
        assert (kept["bits"], kept["always_ram"]) == (sent, True)

    def test_query__two_conditions__use_acorn_where_the_server_has_it(self, double, store):
        collection = store.create_collection("animals", SPEC)
        one = PointFilter(equals_any={"class_name": ("cat",)})
        two = PointFilter(equals_any={"class_name": ("cat",), "dataset": ("val",)})
        for where in (one, two):
            collection.query(np.ones(3, np.float32), limit=5, where=where)

        asked = [one.body["params"].get("acorn") for one in double.asked if one.path.endswith("/query")]
        assert asked == [None, {"enable": True}]

    def test_growth__more_confirmations_than_copies__is_refused(self):
        with pytest.raises(ValueError, match="WRITE_CONSISTENCY_FACTOR 3 is more than REPLICATION_FACTOR 2"):
            GrowthSettings(replication_factor=2, write_consistency_factor=3)


class TestQuestions:
    @pytest.fixture
    def ask(self, double, store, tmp_path):
        """A client of the api over a store on the double."""
        settings = IndexerSettings(data_dir=tmp_path)
        workspace = Workspace(settings, store)
        store.create_collection("animals", SPEC).upsert(make_points(4))
        identity = ServerIdentity.make()
        app = create_app(ApiSettings(), workspace, identity)
        http = httpx.Client(
            transport=AppTransport(app),
            base_url="http://localhost",
            headers={"Authorization": f"Bearer {identity.token}"},
        )
        with Client(http, is_local=True) as client:
            yield client

    def test_one_question__asks_for_the_revision_once(self, ask, double):
        ask.get_collection("animals")
        double.asked.clear()
        ask.get_collection("animals")

        assert len(double.asked) == 1

    def test_next_question__sees_what_another_process_wrote(self, ask, connect):
        assert ask.get_collection("animals").n_points == 4
        connect().open_collection("animals").upsert(make_points(7))

        assert ask.get_collection("animals").n_points == 7

    def test_describe__write_between_two_counts__counts_one_moment(self, double, connect, store):
        store.create_collection("animals", SPEC).upsert(make_points(4))
        collections, other = Collections(store, RevisionCache()), connect().open_collection("animals")
        double.fail(Fault.between(lambda: other.upsert(make_points(9)), "facet"))

        described = collections.describe("animals")

        assert (described.n_points, sum(described.classes.values())) == (9, 9)

    def test_embeddings__write_after_the_ids_were_read__says_that_it_changed(self, connect, store):
        store.create_collection("animals", SPEC).upsert(make_points(4))
        snapshot = Collections(store, RevisionCache()).snapshot("animals")
        connect().open_collection("animals").upsert(make_points(9))

        with pytest.raises(SnapshotOutdatedError, match="changed while it was read; ask again"):
            snapshot.embeddings()
