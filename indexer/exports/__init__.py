"""Ways out of a collection, one module a format."""

from indexer.registry import Registry

EXPORTS = Registry(
    "export format",
    {
        "parquet": "indexer.exports.parquet:write_parquet",
    },
)
