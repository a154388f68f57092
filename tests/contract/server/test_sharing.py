"""A Qdrant server that others use too, collections that grow, and questions while somebody writes."""

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
)
from indexer.settings import GrowthSettings, IndexerSettings
from indexer.stores.server_about import ABOUT_ID
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

    def test_open_collection__payloads_of_another_version__are_refused_with_words(self, client, store):
        store.create_collection("animals", SPEC)
        spec = (
            '{"embedder": "x", "fingerprint": "f1", "dimension": 3, "crops": "c", "distance": "cosine", "version": 2}'
        )
        client.set_payload("animals", {"spec": spec}, points=[ABOUT_ID])

        with pytest.raises(CollectionMismatchError, match="payloads of version 2, and this Lookalike knows version 1"):
            store.open_collection("animals")


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
