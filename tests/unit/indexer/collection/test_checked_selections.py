"""Selections are checked without counting a whole collection, which takes long while points are written."""

import numpy as np
import pytest

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.selections import check_selection
from indexer.domain import CollectionSpec, Point, PointFilter
from indexer.errors import UnknownNameError
from indexer.stores.qdrant_embedded import EmbeddedStore


@pytest.fixture
def collections(tmp_path):
    store = EmbeddedStore(tmp_path)
    collection = store.create_collection("c", CollectionSpec("fake:x", "1", 2, "padding=0px min=1px"))
    ids = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(2)]
    for point_id, class_name in zip(ids, ("cat", "dog"), strict=True):
        payload = {"class_name": class_name, "dataset": "train"}
        collection.upsert([Point(point_id, payload, np.ones(2, np.float32))])
    yield Collections(store, RevisionCache())
    store.close()


@pytest.mark.parametrize(
    "selection",
    [PointFilter(), PointFilter(equals_any={"class_name": ("cat", "dog"), "dataset": ("train",)})],
)
def test_check_selection__known_names__does_not_describe_the_collection(collections, monkeypatch, selection):
    monkeypatch.setattr(collections, "describe", lambda name: pytest.fail("everything was counted"))

    checked = check_selection(collections, "c", selection)

    assert (checked.equals_any, checked.has_embedding) == (selection.equals_any, True)


@pytest.mark.parametrize(("field", "words"), [("class_name", "cat, dog"), ("dataset", "train")])
def test_check_selection__unknown_name__lists_those_there_are(collections, field, words):
    with pytest.raises(UnknownNameError, match=f"unknown .* 'cow'; known: {words}"):
        check_selection(collections, "c", PointFilter(equals_any={field: ("cow",)}))
