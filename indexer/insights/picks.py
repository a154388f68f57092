"""A few points that stand for many: representatives of a selection, or a diverse set from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.collection.class_numbers import add_by_number
from indexer.domain import Embeddings, Point
from indexer.errors import InvalidOptionsError
from indexer.insights.base import Insight, Moment
from indexer.neighbors.unit_rows import unit_rows
from lookalike.wire import groups as wire

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

MOST_ROUNDS = 20
BLOCK_VALUES = 1 << 22
BLOCK_ROWS = 8_192


@dataclass(frozen=True)
class Representatives:
    """Medoids of a selection.

    Attributes:
        rows: int64 (n,), row numbers, the one that stands for most points first.
        counts: int64 (n,), how many points of the selection each stands for, itself included.
    """

    rows: Rows
    counts: Rows


@dataclass(frozen=True, slots=True)
class Pick:
    """A picked point.

    Attributes:
        point: The point.
        stands_for: How many points it represents; None if points that differ were picked.
    """

    point: Point
    stands_for: int | None = None


@dataclass(frozen=True, slots=True)
class Picks:
    """Picked points.

    Attributes:
        picks: In the order in which they were picked.
        why_empty: Why there are none, None if there are some.
    """

    picks: tuple[Pick, ...]
    why_empty: str | None


def pick_points(moment: Moment, question: wire.PicksQuery) -> Picks:
    """Pick points that represent a collection or a selection of it, or that differ most from each other.

    Points are picked from those that fit, which alone are represented.
    """
    embeddings, chosen = moment.snapshot.embeddings(), moment.is_selected
    rows = None if chosen.all() else np.flatnonzero(chosen)  # None saves a copy of all embeddings
    if question.diverse:
        picks = tuple(Pick(point) for point in moment.show(pick_diverse(embeddings, question.n, rows=rows)))
    else:
        picked = pick_representatives(embeddings, question.n, rows=rows)
        points = moment.show(picked.rows)
        picks = tuple(Pick(point, int(count)) for point, count in zip(points, picked.counts, strict=True))
    return Picks(picks, None if picks else "there are no points to pick from")


def pick_representatives(
    embeddings: Embeddings, n_picks: int, *, rows: npt.NDArray[np.integer] | None = None, seed: int = 0
) -> Representatives:
    """Pick points so that every point of the selection is similar to one of them.

    Alternating k-medoids under the cosine: points go to their nearest medoid, and the medoid moves to the member with
    the highest mean cosine to all. That is the member nearest to their mean direction. It starts from points drawn by
    squared distance (k-means++, Arthur and Vassilvitskii, 2007). Memory: a copy of the selection.

    Args:
        embeddings: float32 (N, D).
        n_picks: How many; all of a smaller selection.
        rows: int, the selection; all points when not given.
        seed: The same seed gives the same picks.

    Returns:
        The medoids.

    Raises:
        InvalidOptionsError: ``n_picks`` is below 1.
        EmbeddingError: An embedding is not finite.
    """
    selection, units = _select(embeddings, n_picks, rows)
    if len(selection) <= n_picks:
        return Representatives(selection, np.ones(len(selection), dtype=np.int64))
    medoids = _draw_apart(units, n_picks, np.random.default_rng(seed))
    for _ in range(MOST_ROUNDS):
        moved = _move_medoids(units, _assign(units, medoids), medoids)
        if np.array_equal(moved, medoids):
            break
        medoids = moved
    counts = np.bincount(_assign(units, medoids), minlength=n_picks)
    order = np.lexsort((selection[medoids], -counts))
    return Representatives(selection[medoids[order]], counts[order])


def pick_diverse(
    embeddings: Embeddings,
    n_picks: int,
    *,
    rows: npt.NDArray[np.integer] | None = None,
    relevance: Floats | None = None,
    relevance_weight: float = 0.3,
) -> Rows:
    """Pick points that differ from each other, one after another.

    Maximal marginal relevance (Carbonell and Goldstein, 1998): the next pick has the largest
    ``weight * relevance - (1 - weight) * highest cosine to the picks so far``. With weight 0 it is the point farthest
    from all picks, which likes outliers; the default relevance, the cosine to the selection's mean, holds against it.
    Memory: a copy of the selection.

    Args:
        embeddings: float32 (N, D).
        n_picks: How many; all of a smaller selection.
        rows: int, the selection; all points when not given.
        relevance: float32 (N,), higher is wanted more, for example a suspect score.
        relevance_weight: 0..1.

    Returns:
        int64 (n,), row numbers in the order of picking.

    Raises:
        InvalidOptionsError: An option is out of range, or ``relevance`` has another length than ``embeddings``.
        EmbeddingError: An embedding is not finite.
    """
    if not 0 <= relevance_weight <= 1:
        raise InvalidOptionsError(f"relevance_weight is {relevance_weight:g}; use 0 to 1")
    if relevance is not None and len(relevance) != len(embeddings):
        raise InvalidOptionsError(f"relevance has {len(relevance)} entries for {len(embeddings)} points")
    selection, units = _select(embeddings, n_picks, rows)
    wanted = _cosine_to_mean(units) if relevance is None else relevance[selection]
    n_picks = min(n_picks, len(selection))
    picked = np.empty(n_picks, dtype=np.int64)
    nearest = np.full(len(selection), -1, dtype=np.float32)
    is_free = np.ones(len(selection), dtype=bool)
    for number in range(n_picks):
        gain = wanted if number == 0 else relevance_weight * wanted - (1 - relevance_weight) * nearest
        picked[number] = np.argmax(np.where(is_free, gain, -np.inf))
        is_free[picked[number]] = False
        np.maximum(nearest, units @ units[picked[number]], out=nearest)
    return selection[picked]


def _select(embeddings: Embeddings, n_picks: int, rows: npt.NDArray[np.integer] | None) -> tuple[Rows, Embeddings]:
    """The selection's rows, ascending and each once, and its embeddings scaled to length 1."""
    if n_picks < 1:
        raise InvalidOptionsError(f"cannot pick {n_picks} points; ask for at least 1")
    selection = np.arange(len(embeddings)) if rows is None else np.unique(np.asarray(rows, dtype=np.int64))
    return selection, unit_rows(embeddings if rows is None else embeddings[selection])


def _cosine_to_mean(units: Embeddings) -> Floats:
    total = units.sum(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    return np.asarray(units @ (total / (length or 1.0)).astype(np.float32))


def _draw_apart(units: Embeddings, n_picks: int, rng: np.random.Generator) -> Rows:
    """Draw starting medoids with a chance that grows with the squared distance to those drawn."""
    drawn = np.empty(n_picks, dtype=np.int64)
    drawn[0] = np.argmax(_cosine_to_mean(units))
    distance = np.full(len(units), 2, dtype=np.float32)
    for number in range(1, n_picks):
        np.minimum(distance, 1 - units @ units[drawn[number - 1]], out=distance)
        distance[drawn[:number]] = 0
        chance = np.cumsum(np.square(np.maximum(distance, 0), dtype=np.float64))
        if chance[-1] > 0:
            drawn[number] = np.searchsorted(chance, rng.random() * chance[-1], side="right")
        else:  # all that is left are copies of the drawn
            drawn[number] = np.setdiff1d(np.arange(len(units)), drawn[:number])[0]
    return drawn


def _assign(units: Embeddings, medoids: Rows) -> Rows:
    """The nearest medoid of every point; a medoid stays its own."""
    nearest = np.empty(len(units), dtype=np.int64)
    step = max(1, BLOCK_VALUES // len(medoids))
    for start in range(0, len(units), step):
        nearest[start : start + step] = np.argmax(units[start : start + step] @ units[medoids].T, axis=1)
    nearest[medoids] = np.arange(len(medoids))
    return nearest


def _move_medoids(units: Embeddings, nearest: Rows, medoids: Rows) -> Rows:
    """The member of each group that is nearest to the group's mean direction."""
    sums = np.zeros((len(medoids), units.shape[1]), dtype=np.float64)
    blocks = [slice(start, start + BLOCK_ROWS) for start in range(0, len(units), BLOCK_ROWS)]
    for block in blocks:
        add_by_number(sums, units[block], nearest[block])
    centres = sums.astype(np.float32)
    nearness = np.concatenate([np.einsum("bd,bd->b", units[block], centres[nearest[block]]) for block in blocks])
    order = np.lexsort((-nearness, nearest))
    return order[np.searchsorted(nearest[order], np.arange(len(medoids)))]


PICKS = Insight(pick_points, wire.PicksQuery, wire.Picks)
