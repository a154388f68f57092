"""Fixtures of tests that write to the server."""

import pytest

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.reviews.log import ReviewLog
from indexer.reviews.reviews import Reviews
from tests.integration.supervisely.projects import add_sample


@pytest.fixture
def sample(server):
    return add_sample(server.tables, n_images=1)


@pytest.fixture
def reviews(store, collection, tmp_path):
    return Reviews(Collections(store, RevisionCache()), ReviewLog(tmp_path / "reviews" / "log.jsonl"))
