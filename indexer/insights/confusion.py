"""Which classes lie among which: the given class of each point against the class of its neighborhood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.collection.class_numbers import Names, number_names
from indexer.errors import InvalidOptionsError
from indexer.insights.base import Insight, Moment
from indexer.insights.suspects.suspects import find_origin
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.shared_origin import SharedOrigin
from indexer.payload import PayloadField
from lookalike.wire import groups as wire

Rows = npt.NDArray[np.int64]

N_VOTERS = 10
BLOCK_ROWS = 65_536


@dataclass(frozen=True)
class ConfusionColumns:
    """One row a point.

    Attributes:
        classes: The class names, sorted; numbers below point into it.
        given: int32 (N,), -1 where a point has no class.
        neighborhood: int32 (N,), the class with most votes among the neighbors, -1 where nobody votes.
        share: float32 (N,), its share of the votes in 0..1; 0 where nobody votes.
    """

    classes: tuple[str, ...]
    given: npt.NDArray[np.int32]
    neighborhood: npt.NDArray[np.int32]
    share: npt.NDArray[np.float32]

    def matrix(self) -> npt.NDArray[np.int64]:
        """Counts, int64 (C, C): the row is the given class, the column the neighborhood's."""
        n_classes = len(self.classes)
        is_known = (self.given >= 0) & (self.neighborhood >= 0)
        cells = self.given[is_known].astype(np.int64) * n_classes + self.neighborhood[is_known]
        return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)

    def rows(self, given: int, neighborhood: int) -> Rows:
        """The points of one cell, int64, those with the clearest neighborhood first."""
        found = np.flatnonzero((self.given == given) & (self.neighborhood == neighborhood))
        return found[np.argsort(-self.share[found], kind="stable")]

    def rows_by_cell(self) -> dict[tuple[int, int], Rows]:
        """The points of every cell that has some, ascending, by given class and class of the neighborhood."""
        n_classes = len(self.classes)
        known = np.flatnonzero((self.given >= 0) & (self.neighborhood >= 0))
        cells = self.given[known].astype(np.int64) * n_classes + self.neighborhood[known]
        order = np.argsort(cells, kind="stable")
        numbers, starts = np.unique(cells[order], return_index=True)
        rows = np.split(known[order], starts[1:]) if len(numbers) else []
        return {divmod(number, n_classes): part for number, part in zip(numbers.tolist(), rows, strict=True)}

    def confused_pairs(self, n_pairs: int) -> list[tuple[int, int, int]]:
        """The fullest cells off the diagonal as (given, neighborhood, count), fullest first."""
        counts = self.matrix()
        np.fill_diagonal(counts, 0)
        order = np.argsort(-counts, axis=None, kind="stable")[:n_pairs]
        given, neighborhood = np.unravel_index(order, counts.shape)
        pairs = zip(given.tolist(), neighborhood.tolist(), counts.ravel()[order].tolist(), strict=True)
        return [(row, column, count) for row, column, count in pairs if count > 0]


@dataclass(frozen=True, slots=True)
class ConfusedCell:
    """Points of one given class and one class of the neighborhood.

    Attributes:
        given: The given class.
        neighborhood: The class that most neighbors have.
        count: How many points there are.
        ids: Their ids; empty if both classes are the same.
    """

    given: str
    neighborhood: str
    count: int
    ids: tuple[str, ...]

    @property
    def is_confused(self) -> bool:
        """Whether the neighborhood contradicts the given class."""
        return self.given != self.neighborhood


@dataclass(frozen=True, slots=True)
class Confusion:
    """Given class against the class of the neighborhood.

    Attributes:
        classes: The class names, sorted.
        cells: The cells with points: confused ones first, then the fullest.
        why_empty: Why there are none, None if there are some.
    """

    classes: tuple[str, ...]
    cells: tuple[ConfusedCell, ...]
    why_empty: str | None


def compare_classes(moment: Moment, _: wire.ConfusionQuery) -> Confusion:
    """Compare given classes with the classes of the neighborhood.

    It takes no predictions. All points are neighbors; conditions only choose which to count.
    """
    found = confusion_columns(moment)
    by_cell = {cell: rows[moment.is_selected[rows]] for cell, rows in found.rows_by_cell().items()}
    cells = [_list_cell(moment, found, *cell, rows) for cell, rows in by_cell.items() if len(rows)]
    cells.sort(key=lambda cell: (not cell.is_confused, -cell.count))
    return Confusion(found.classes, tuple(cells), None if cells else _explain_none(found))


def _explain_none(found: ConfusionColumns) -> str:
    if not found.classes:
        return "no point has a class to compare"
    return "no point has a class and a neighbor with a class from another image to compare with"


def _list_cell(moment: Moment, found: ConfusionColumns, given: int, neighborhood: int, rows: Rows) -> ConfusedCell:
    ids = tuple(moment.snapshot.ids[rows].tolist()) if given != neighborhood else ()
    return ConfusedCell(found.classes[given], found.classes[neighborhood], len(rows), ids)


def confusion_columns(moment: Moment) -> ConfusionColumns:
    """Given and neighborhood class of every point, row by row the snapshot."""
    graph, names = moment.graph(), moment.snapshot.fields[PayloadField.CLASS_NAME]
    return moment.remember("confusion", lambda: confuse_classes(graph, names, origin=find_origin(moment.snapshot)))


def confuse_classes(
    graph: NeighborGraph,
    class_names: Names | Sequence[str | None],
    *,
    origin: SharedOrigin | None = None,
    n_voters: int = N_VOTERS,
) -> ConfusionColumns:
    """Let each point's nearest labelled neighbors vote on its class.

    Points of the same image and exact copies do not vote. A tie goes to the class whose first voter is nearest. No more
    vote than there are other points of the point's class: else the members of a small class would always be outvoted.

    Args:
        graph: The neighbor graph.
        class_names: (N,), None or empty where a point has no class.
        origin: Which points share an image or pixels; every point its own when not given.
        n_voters: How many neighbors vote at most.

    Returns:
        The columns.

    Raises:
        InvalidOptionsError: ``class_names`` has another length than the graph, or ``n_voters`` is below 1.
    """
    if len(class_names) != graph.n_points or n_voters < 1:
        raise InvalidOptionsError(
            f"{len(class_names)} class names and {n_voters} voters for a graph of {graph.n_points} points"
        )
    classes, given = number_names(class_names)
    origin = origin or SharedOrigin()
    neighborhood = np.full(graph.n_points, -1, dtype=np.int32)
    share = np.zeros(graph.n_points, dtype=np.float32)
    n_others = np.bincount(given + 1)[given + 1] - 1
    n_voting = np.where(given >= 0, np.clip(n_others, 1, n_voters), n_voters)
    for start in range(0, graph.n_points if graph.n_neighbors else 0, BLOCK_ROWS):
        rows = np.arange(start, min(start + BLOCK_ROWS, graph.n_points))
        votes = _collect_votes(graph, rows, given, origin)[:, :n_voters]
        votes[np.arange(votes.shape[1]) >= n_voting[rows, None]] = -1
        neighborhood[rows], share[rows] = _count_votes(votes)
    return ConfusionColumns(classes, given.astype(np.int32), neighborhood, share)


def _collect_votes(graph: NeighborGraph, rows: Rows, given: Rows, origin: SharedOrigin) -> Rows:
    """Classes of the neighbors that vote, int64 (b, k), nearest first, padded with -1."""
    indices = graph.indices[rows]
    votes = np.where(origin.is_shared(rows, indices, graph.similarities[rows]), -1, given[indices])
    return np.take_along_axis(votes, np.argsort(votes < 0, axis=1, kind="stable"), axis=1)


def _count_votes(votes: Rows) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """The winning class and its share for votes (b, k) padded with -1."""
    counts = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
    counts[votes < 0] = 0
    winner = counts.argmax(axis=1)
    points = np.arange(len(votes))
    n_votes = np.maximum((votes >= 0).sum(axis=1), 1)
    return votes[points, winner].astype(np.int32), (counts[points, winner] / n_votes).astype(np.float32)


CONFUSION = Insight(compare_classes, wire.ConfusionQuery, wire.Confusion, needs_embeddings=False)
