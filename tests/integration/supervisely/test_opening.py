"""The page of the app opens on what it was run on, or offers to index it."""

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from lookalike.platform_app import find_opening
from tests.integration.supervisely.projects import add_sample


def test_find_opening__knows_projects_and_datasets(server, run, store, collection):
    sample = add_sample(server.tables, n_images=1)
    collections = Collections(store, RevisionCache())
    train, cam, val = (sample.of_dataset(name) for name in ("train", "cam 1", "val"))
    assert find_opening(collections, sample.address) == {"index": sample.address}

    run(train)

    assert find_opening(collections, sample.address) == {"collection": "test"}
    assert find_opening(collections, train) == {"collection": "test"}
    assert find_opening(collections, cam) == {"collection": "test"}
    assert find_opening(collections, val) == {"collection": "test", "index": val}
    assert find_opening(collections, "supervisely://999") == {"index": "supervisely://999"}


def test_find_opening__server_that_fails__offers_to_index(server, run, store, collection):
    sample = add_sample(server.tables, n_images=1)
    run(sample.address)
    server.fail("datasets.list", 403)

    val = sample.of_dataset("val")
    assert find_opening(Collections(store, RevisionCache()), val) == {"index": val}
