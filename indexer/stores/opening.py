"""From settings to an open store."""

from __future__ import annotations

import os

from indexer.settings import IndexerSettings
from indexer.stores import STORES
from indexer.stores.base import VectorStore


def open_store(settings: IndexerSettings, *, owner: str = "a Python process") -> VectorStore:
    """Open the server that the settings name, or the embedded store in the data directory.

    Args:
        settings: Where the store is.
        owner: What others are told when they find an embedded store locked.

    Raises:
        StoreLockedError: Another process owns the data directory.
        StoreUnavailableError: The store cannot be reached or written.
    """
    if settings.store.url is None:
        embedded: VectorStore = STORES.load("embedded")(settings.data_dir, owner=owner)
        return embedded
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # read once, on import; it writes lines of its own otherwise
    server: VectorStore = STORES.load("server").connect(settings.store)
    return server
