"""Ways out of a collection, one module a format."""

from indexer.registry import Registry

EXPORTS = Registry(
    "export format",
    {
        "parquet": "indexer.exports.parquet:write_parquet",
        "csv": "indexer.exports.csv_table:write_csv",
        "coco": "indexer.exports.coco:write_coco",
        "embeddings-folder": "indexer.exports.embeddings_folder:write_embeddings_folder",
    },
    group="lookalike.exports",
)

WITHOUT_INSIGHTS = frozenset({"embeddings-folder"})
"""Formats that have no place for what insights say of a point, so that nothing need be computed for them."""
