"""The contract of insights: a question about one moment of a collection, and how it travels and is told."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from indexer.collection.revision_cache import RevisionCache
from indexer.collection.selections import Mask, conditions_of_store
from indexer.collection.snapshot import Rows, Snapshot
from indexer.domain import Point, PointFilter
from indexer.neighbors.graph import NeighborGraph

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Moment:
    """A collection at one moment, so that ids, fields and neighbors belong together.

    Attributes:
        snapshot: Its points, N rows; embeddings are there if asked for.
        selection: The question's conditions.
        is_selected: bool (N,), the points that the conditions choose.
        graph: Gives who is near to whom; it is searched only if called.
        cache: What was computed of this snapshot and others; see ``remember``.
    """

    snapshot: Snapshot
    selection: PointFilter
    is_selected: Mask
    graph: Callable[[], NeighborGraph]
    cache: RevisionCache

    def remember(self, question: Hashable, compute: Callable[[], T]) -> T:
        """Compute something of all points once, and keep it until the collection changes.

        Args:
            question: Names the result; it says every option that the result depends on.
            compute: Gives the result.
        """
        return self.cache.get((self.snapshot.collection.name, question), self.snapshot.key, compute)

    def show(self, rows: Rows) -> list[Point]:
        """Read points of the selection.

        Raises:
            SnapshotOutdatedError: One of them has changed since.
        """
        return self.snapshot.show(rows, conditions_of_store(self.selection))

    def show_groups(self, groups: Sequence[Rows]) -> list[tuple[Point, ...]]:
        """Read the points of each group, all groups at once; points outside of the selection are shown, too."""
        ends = np.cumsum([0, *(len(rows) for rows in groups)])
        shown = self.snapshot.show(np.concatenate([np.empty(0, np.int64), *groups]))
        return [tuple(shown[start:end]) for start, end in pairwise(ends)]


@dataclass(frozen=True, slots=True)
class Insight:
    """An insight, from which its routes follow; of a package, its client call and its command, too.

    Attributes:
        ask: Answers with a frozen dataclass. Its docstring is the help. It gets the moment and the question. An answer
            that lists nothing may have a ``why_empty``; a selection that holds nothing replaces it.
        question: Wire model of the question, a ``lookalike.wire.selections.FilterModel`` with further fields.
        answer: Wire model of the answer. It has the fields of the dataclass, with lists for arrays. A field ``point``
            stands for the fields of ``lookalike.wire.points.PointBrief``.
        describe: Gives the lines that a terminal shows of an answer; it shows JSON if None.
        needs_embeddings: Whether ``ask`` reads embeddings; they are read together with the snapshot.
    """

    ask: Callable[[Moment, Any], Any]
    question: type[Any]
    answer: type[Any]
    describe: Callable[[Any], Iterable[str]] | None = None
    needs_embeddings: bool = True

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return (self.ask.__doc__ or "").strip().partition("\n")[0]
