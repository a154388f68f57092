"""Points whose class their neighborhood contradicts, ranked and said in words."""

from indexer.insights.suspects.columns import SuspectColumns
from indexer.insights.suspects.model import SMALL_CLASS, Method, SuspectModel, rank_suspects
from indexer.insights.suspects.reasons import describe_suspect

__all__ = ["SMALL_CLASS", "Method", "SuspectColumns", "SuspectModel", "describe_suspect", "rank_suspects"]
