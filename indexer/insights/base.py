"""Insights that a package adds: a question about one moment of a collection, and how it travels and is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from indexer.collection.selections import Mask
from indexer.collection.snapshot import Snapshot
from indexer.neighbors.graph import NeighborGraph


@dataclass(frozen=True, slots=True)
class Moment:
    """A collection at one moment, so that ids, fields and neighbors belong together.

    Attributes:
        snapshot: Its points, N rows; embeddings are there if asked for.
        is_selected: bool (N,), the points that the question's conditions choose.
        graph: Gives who is near to whom; it is searched only if called.
    """

    snapshot: Snapshot
    is_selected: Mask
    graph: Callable[[], NeighborGraph]


@dataclass(frozen=True, slots=True)
class Insight:
    """An insight, from which its route, its client call and its command follow.

    Attributes:
        ask: Answers with a frozen dataclass. Its docstring is the help. It gets the moment and the question.
        question: Wire model of the question, a ``lookalike.wire.selections.FilterModel`` with further fields.
        answer: Wire model of the answer. It has the fields of the dataclass, with lists for arrays.
        describe: Gives the lines that a terminal shows of an answer.
    """

    ask: Callable[[Moment, Any], Any]
    question: type[Any]
    answer: type[Any]
    describe: Callable[[Any], Iterable[str]]

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return (self.ask.__doc__ or "").strip().partition("\n")[0]
