"""Questions about the points, answered from columns: numpy arrays in, numpy arrays out."""

from typing import Final

from indexer.registry import Registry

INSIGHTS: Final = Registry(
    "insight",
    {
        "clusters": "indexer.insights.clusters:CLUSTERS",
        "duplicates": "indexer.insights.duplicates:DUPLICATES",
        "outliers": "indexer.insights.outliers:OUTLIERS",
        "confusion": "indexer.insights.confusion:CONFUSION",
        "picks": "indexer.insights.picks:PICKS",
    },
    group="lookalike.insights",
)
"""Words in paths, and the ``indexer.insights.base.Insight`` behind each. Routes follow from them."""
