"""Near-duplicates and exact copies, with what is wrong about them: conflicting classes, leaks between datasets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.collection.class_numbers import Names, count_by_group, number_names
from indexer.domain import Point
from indexer.errors import InvalidOptionsError
from indexer.insights.base import Insight, Moment
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.shared_origin import COPY_SIMILARITY, connect
from indexer.payload import PayloadField
from lookalike.wire import groups as wire

Rows = npt.NDArray[np.int64]

MAX_MEMBERS = 100  # of a group that are listed

DEFAULT_THRESHOLD = 0.975
"""The lowest at which four of five pairs are copies, among drawings and among handwritten digits alike.

``python -m benchmarks.duplicates``, with the default model: half of the copies that were encoded again, scaled, cropped
or mirrored reach it. At .97 a twelfth more do, and among digits three times as many pairs that are no copies.
"""


@dataclass(frozen=True)
class DuplicateColumns:
    """Groups of two or more points that are linked by high similarity or equal pixels, largest first.

    Attributes:
        group: int32 (N,), which group a point is in, -1 for none.
        size: int32 (G,), members.
        lowest_similarity: float32 (G,), of the weakest link that holds the group together.
        is_exact: bool (G,), all members are copies of the same pixels.
        has_class_conflict: bool (G,), members have different classes; those without a class do not count.
        is_leak: bool (G,), members lie in different datasets, such as train and val.
    """

    group: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    lowest_similarity: npt.NDArray[np.float32]
    is_exact: npt.NDArray[np.bool_]
    has_class_conflict: npt.NDArray[np.bool_]
    is_leak: npt.NDArray[np.bool_]

    @property
    def n_groups(self) -> int:
        """G."""
        return len(self.size)

    def rows(self, group: int) -> Rows:
        """The members of one group, int64, ascending."""
        return np.flatnonzero(self.group == group)


@dataclass(frozen=True, slots=True)
class ListedDuplicates:
    """Points that look the same.

    Attributes:
        size: How many there are.
        lowest_similarity: Cosine of the weakest link that holds the group together.
        is_exact: Whether all of them are exact copies.
        has_class_conflict: Whether they have several classes.
        is_leak: Whether they lie in several datasets.
        points: The first of them.
    """

    size: int
    lowest_similarity: float
    is_exact: bool
    has_class_conflict: bool
    is_leak: bool
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class DuplicateList:
    """Some groups of points that look the same.

    Attributes:
        groups: Those with a conflict or a leak first, then the largest.
        n_groups: How many there are.
        why_empty: Why there are none, None if there are some.
    """

    groups: tuple[ListedDuplicates, ...]
    n_groups: int
    why_empty: str | None


def list_duplicates(moment: Moment, question: wire.DuplicatesQuery) -> DuplicateList:
    """List groups of points that look the same; those with conflicting classes or in several datasets come first.

    Conditions choose the groups with a point that fits; all points of each are listed.
    """
    threshold = DEFAULT_THRESHOLD if question.threshold is None else question.threshold
    found = duplicate_columns(moment, threshold)
    trouble = found.has_class_conflict.astype(int) + found.is_leak
    ranked = np.argsort(-trouble, kind="stable")
    fitting = ranked[np.isin(ranked, found.group[moment.is_selected])]
    groups = fitting[: question.limit]
    order = np.argsort(found.group, kind="stable")
    starts = np.searchsorted(found.group[order], np.arange(len(found.size) + 1))
    members = [order[starts[group] : starts[group + 1]][:MAX_MEMBERS] for group in groups]
    listed = tuple(
        _list_group(found, group, points) for group, points in zip(groups, moment.show_groups(members), strict=True)
    )
    return DuplicateList(listed, len(fitting), None if listed else _explain_none(moment, threshold))


def _list_group(found: DuplicateColumns, group: int, points: tuple[Point, ...]) -> ListedDuplicates:
    return ListedDuplicates(
        size=int(found.size[group]),
        lowest_similarity=float(found.lowest_similarity[group]),
        is_exact=bool(found.is_exact[group]),
        has_class_conflict=bool(found.has_class_conflict[group]),
        is_leak=bool(found.is_leak[group]),
        points=points,
    )


def _explain_none(moment: Moment, threshold: float) -> str:
    whose = "no two objects are" if moment.is_selected.all() else "no object that fits the filter has another"
    return f"{whose} as similar as {threshold:g}"


def duplicate_columns(moment: Moment, threshold: float = DEFAULT_THRESHOLD) -> DuplicateColumns:
    """The duplicate group of every point, row by row the snapshot."""
    graph, fields = moment.graph(), moment.snapshot.fields
    # Whole images are copies if their files are; objects of equal files need not be, so their embeddings decide.
    has_objects = bool((fields[PayloadField.INSTANCE] != "image").any())
    return moment.remember(
        ("duplicates", threshold),
        lambda: find_duplicates(
            graph,
            threshold=threshold,
            pixels_hash=None if has_objects else fields[PayloadField.PIXELS_HASH],
            class_names=fields[PayloadField.CLASS_NAME],
            datasets=fields[PayloadField.DATASET],
        ),
    )


def find_duplicates(
    graph: NeighborGraph,
    *,
    threshold: float = DEFAULT_THRESHOLD,
    pixels_hash: Names | Sequence[str | None] | None = None,
    class_names: Names | Sequence[str | None] | None = None,
    datasets: Names | Sequence[str | None] | None = None,
) -> DuplicateColumns:
    """Group points that look the same.

    Two points are linked if one is among the other's neighbors with at least the threshold's similarity, or if their
    pixels are equal. A group is what links connect.

    Args:
        graph: The neighbor graph.
        threshold: Cosine in 0..1, at least .5: below, a group says nothing.
        pixels_hash: (N,), None or empty where unknown. Without it, exact means a cosine of 1.
        class_names: (N,), for conflicts.
        datasets: (N,), for leaks.

    Returns:
        The groups.

    Raises:
        InvalidOptionsError: The threshold is out of range, or a column has another length than the graph.
    """
    if not 0.5 <= threshold <= 1:
        raise InvalidOptionsError(f"the duplicate threshold is {threshold:g}; use a cosine between 0.5 and 1")
    n_points = graph.n_points
    near, position = np.nonzero(graph.similarities >= min(np.float32(threshold), COPY_SIMILARITY))
    far = graph.indices[near, position].astype(np.int64)
    strength = graph.similarities[near, position]
    pixels = None if pixels_hash is None else _number_column("pixels_hash", pixels_hash, n_points)
    if pixels is not None:
        copies, originals = _link_equal(pixels)
        near, far = np.concatenate([near, copies]), np.concatenate([far, originals])
        strength = np.concatenate([strength, np.ones(len(copies), dtype=np.float32)])
    group, size = _number_groups(connect(near, far, n_points))
    return DuplicateColumns(
        group=group.astype(np.int32),
        size=size.astype(np.int32),
        lowest_similarity=_weakest_links(group, near, far, strength, n_groups=len(size)),
        is_exact=_are_exact(group, size, pixels, near[strength >= COPY_SIMILARITY], far[strength >= COPY_SIMILARITY]),
        has_class_conflict=_are_mixed("class_names", class_names, group, len(size)),
        is_leak=_are_mixed("datasets", datasets, group, len(size)),
    )


def _number_column(name: str, column: Names | Sequence[str | None], n_points: int) -> Rows:
    if len(column) != n_points:
        raise InvalidOptionsError(f"{name} has {len(column)} entries for {n_points} points")
    return number_names(column)[1]


def _link_equal(numbers: Rows) -> tuple[Rows, Rows]:
    """Links from every point with a number to the first with the same."""
    rows = np.flatnonzero(numbers >= 0)
    _, first, value = np.unique(numbers[rows], return_index=True, return_inverse=True)
    originals = rows[first[value]]
    return rows[rows != originals], originals[rows != originals]


def _number_groups(components: Rows) -> tuple[Rows, Rows]:
    """Components of two or more, numbered by size, then by their lowest row: (N,) with -1, and sizes."""
    sizes = np.bincount(components) if len(components) else np.empty(0, dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 1]
    numbers = np.full(len(sizes), -1, dtype=np.int64)
    numbers[order] = np.arange(len(order))
    return numbers[components], sizes[order]


def _weakest_links(
    group: Rows, near: Rows, far: Rows, strength: npt.NDArray[np.float32], *, n_groups: int
) -> npt.NDArray[np.float32]:
    """The weakest link of each group's strongest spanning tree, float32 (n_groups,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    low, high = np.minimum(near, far), np.maximum(near, far)
    order = np.lexsort((-strength, high, low))
    low, high, strength = low[order], high[order], strength[order]
    is_first = np.ones(len(low), dtype=bool)
    is_first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    cost = 2.0 - strength[is_first].astype(np.float64)  # above 0: scipy takes a zero for "no link"
    links = coo_array((cost, (low[is_first], high[is_first])), shape=(len(group), len(group)))
    tree = minimum_spanning_tree(links.tocsr()).tocoo()
    weakest = np.full(n_groups, 1, dtype=np.float32)
    np.minimum.at(weakest, group[tree.row], (2.0 - tree.data).astype(np.float32))
    return weakest


def _are_exact(group: Rows, size: Rows, pixels: Rows | None, near: Rows, far: Rows) -> npt.NDArray[np.bool_]:
    """Whether the members of each group are copies of one picture."""
    if pixels is None:
        pixels = connect(near, far, len(group))
    n_known = np.bincount(group[(group >= 0) & (pixels >= 0)], minlength=len(size))
    return np.asarray((count_by_group(group, pixels, len(size)) == 1) & (n_known == size))


def _are_mixed(
    name: str, column: Names | Sequence[str | None] | None, group: Rows, n_groups: int
) -> npt.NDArray[np.bool_]:
    """Whether the members of each group have two or more values in a column."""
    if column is None:
        return np.zeros(n_groups, dtype=bool)
    return np.asarray(count_by_group(group, _number_column(name, column, len(group)), n_groups) > 1)


DUPLICATES = Insight(list_duplicates, wire.DuplicatesQuery, wire.Duplicates, needs_embeddings=False)
