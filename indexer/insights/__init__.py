"""Questions about the points, answered from columns: numpy arrays in, numpy arrays out."""

from typing import Final

from indexer.registry import Registry

INSIGHTS: Final = Registry("insight", {}, group="lookalike.insights")
"""Insights of other packages, each an ``indexer.insights.base.Insight``. Route, client and command follow from it.

Ours have routes of their own, as their calls and tables are typed.
"""
