"""Where points live, one module an engine."""

from indexer.registry import Registry

STORES = Registry(
    "store",
    {
        "embedded": "indexer.stores.qdrant_embedded:EmbeddedStore",
        "server": "indexer.stores.qdrant_server:ServerStore",
    },
)
