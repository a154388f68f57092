"""Insights asked about collections: from a name and conditions to one moment of the points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.selections import check_selection_of, explain_empty_selection, select_rows
from indexer.collection.snapshot import Snapshot
from indexer.domain import PointFilter, Progress, ignore_progress
from indexer.insights.base import Insight, Moment
from indexer.neighbors.graphs import Graphs

T = TypeVar("T")


class Insights:
    """Asks insights about a workspace's collections; what they compute of all points is kept per snapshot.

    Args:
        collections: Where snapshots come from.
        graphs: Who is near to whom.
    """

    def __init__(self, collections: Collections, graphs: Graphs) -> None:
        self._collections, self._graphs = collections, graphs
        self._cache = RevisionCache()

    def ask(
        self,
        insight: Insight,
        question: Any,
        name: str | None = None,
        *,
        selection: PointFilter | None = None,
        on_progress: Progress = ignore_progress,
    ) -> Any:
        """Ask an insight about a collection at one moment; gives its dataclass.

        Args:
            insight: The insight.
            question: The question's options, as the insight's model has them.
            name: Name of the collection, None for the only one.
            selection: The points that the question's conditions choose; all if None.
            on_progress: Told of the neighbor graph.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        found = self.answer(
            lambda moment: insight.ask(moment, question),
            name,
            selection=selection,
            needs_embeddings=insight.needs_embeddings,
            on_progress=on_progress,
        )
        if getattr(found, "why_empty", None) is None:
            return found
        why = explain_empty_selection(self._collections, name, selection or PointFilter())
        return found if why is None else replace(found, why_empty=why)

    def answer(
        self,
        question: Callable[[Moment], T],
        name: str | None = None,
        *,
        selection: PointFilter | None = None,
        needs_embeddings: bool = True,
        on_progress: Progress = ignore_progress,
    ) -> T:
        """Answer a question about a collection from one moment.

        Args:
            question: Gives the answer.
            name: Name of the collection, None for the only one.
            selection: The points that it is about; all if None.
            needs_embeddings: Whether the question reads embeddings.
            on_progress: Told of the neighbor graph.
        """

        def ask(snapshot: Snapshot) -> T:
            return question(self.moment(snapshot, selection=selection, on_progress=on_progress))

        return self._collections.ask(name, ask, with_embeddings=needs_embeddings)

    def moment(
        self, snapshot: Snapshot, *, selection: PointFilter | None = None, on_progress: Progress = ignore_progress
    ) -> Moment:
        """The moment of a snapshot.

        Args:
            snapshot: The snapshot.
            selection: The points that a question is about; all if None.
            on_progress: Told of the neighbor graph.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        selected = check_selection_of(snapshot, selection or PointFilter())
        graph = partial(self._graphs.graph, snapshot, on_progress=on_progress)
        return Moment(snapshot, selected, select_rows(snapshot, selected), graph, self._cache)
