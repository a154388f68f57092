"""Distance of a point from its own class, compared with the nearest other classes.

The score is the mean of ``log(distance + floor)`` over the 2 nearest of the same class, less the same mean over the 2
nearest of other classes. The distance is 1 - cosine. The floor is half of how far the second nearest usually is, and
the score stays within -1..1. Otherwise a picture that occurs twice would outweigh all else that is known of it.

Most points find both in their neighbor list. A point with too few of its own class there, which is how suspects look,
searches its whole class. One with too few of the others is safe, and a distance a little beyond the list's end stands
in. If points that do not vote fill the list, all other classes are searched. Measured (average precision, uniform and
confusable noise): lists of 20 with these searches do as well as lists of 200 without.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings
from indexer.insights.ranks import find_rows
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.products import multiply
from indexer.neighbors.shared_origin import SharedOrigin
from indexer.neighbors.unit_rows import row_norms

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

N_NEAREST = 2
N_EVIDENCE = 10
BEYOND_LIST = 1.2  # a distance that was not found, in units of the list's last distance
SMALLEST_DISTANCE = 1e-4
LARGEST_SCORE = np.float32(1)
MOST_SEARCHED = 20_000  # of more points an evenly spread part is searched
FEW_SPEAKERS = 2 * N_NEAREST  # a list with fewer tells too little about the other classes
MOST_CHANGES = 200  # more changed votes than this, and computing everything again is quicker
BLOCK_ROWS = 65_536
BLOCK_VALUES = 1 << 22


class RelativeDistance:
    """Relative distances of all points, kept so that a few changed votes cost little.

    Args:
        embeddings: float32 (N, D).
        graph: The neighbor graph of the N points.
        origin: Which points must not vote on each other.
        classes: int64 (N,), -1 where unlabelled.
        votes: bool (N,), which points vote.
        wanted: bool (N,), the points whose score is asked for; all by default. The others cost nothing.

    Attributes:
        evidence: int32 (N, 10), the nearest points that vote, nearest first, padded with -1. If none of the neighbors
            votes, it is the labelled points of the same origin. They count in no score, but they are all that can be
            shown.
        has_witness: bool (N,), whether the evidence votes.
    """

    def __init__(
        self,
        embeddings: Embeddings,
        graph: NeighborGraph,
        origin: SharedOrigin,
        *,
        classes: Rows,
        votes: Mask,
        wanted: Mask | None = None,
    ) -> None:
        self._embeddings, self._graph, self._origin = embeddings, graph, origin
        self._norms = row_norms(embeddings)
        self._floor = _find_floor(graph, origin)
        self._classes, self._votes = classes.copy(), votes.copy()
        n_points = len(classes)
        self._same = np.full((n_points, N_NEAREST), np.inf, dtype=np.float32)
        self._other = np.full((n_points, N_NEAREST), np.inf, dtype=np.float32)
        self._searched_same = np.zeros(n_points, dtype=bool)
        self._searched_other = np.zeros(n_points, dtype=bool)
        self.evidence = np.full((n_points, N_EVIDENCE), -1, dtype=np.int32)
        self.has_witness = np.zeros(n_points, dtype=bool)
        self._is_known = np.zeros(n_points, dtype=bool)
        self._scores = np.full(n_points, np.nan, dtype=np.float32)
        self._refresh_wanted(wanted)

    def scores(self) -> Floats:
        """float32 (N,), -1..1, above 0 if other classes are nearer than the own one; nan if not asked for."""
        return np.where(self._is_known, self._scores, np.float32(np.nan))

    def update(self, classes: Rows, votes: Mask, wanted: Mask | None = None) -> None:
        """Take over new classes and votes; only points that a change can reach are computed again."""
        changed = np.flatnonzero((classes != self._classes) | (votes != self._votes))
        reached = np.full(len(classes), len(changed) > MOST_CHANGES)
        if len(changed) and not reached.any():
            reached[changed] = True
            is_near = reached[self._graph.indices]
            reached[find_rows(is_near)] = True
            reached[self._find_reached(changed, classes)] = True
        self._classes, self._votes = classes.copy(), votes.copy()
        self._is_known &= ~reached
        self._refresh_wanted(wanted)

    def _find_reached(self, changed: Rows, classes: Rows) -> Rows:
        """Points that searched beyond their list and found, or would find, one of ``changed`` among the nearest."""
        reached = []
        for is_searched, found in ((self._searched_same, self._same), (self._searched_other, self._other)):
            rows = np.flatnonzero(is_searched & self._is_known)
            distances = 1 - self._cosines(rows, self._embeddings[changed], self._norms[changed])
            is_near = distances <= found[rows, -1:] + SMALLEST_DISTANCE
            if found is self._same:
                own = self._classes[rows][:, None]
                is_near &= (own == self._classes[changed]) | (own == classes[changed])
            reached.append(rows[is_near.any(axis=1)])
        return np.concatenate(reached)

    def _refresh_wanted(self, wanted: Mask | None) -> None:
        """Compute what is asked for and not known."""
        is_missing = ~self._is_known if wanted is None else wanted & ~self._is_known
        self._refresh(np.flatnonzero(is_missing))
        self._is_known |= is_missing

    def _refresh(self, rows: Rows) -> None:
        n_speakers = np.empty(len(rows), dtype=np.int64)
        for start in range(0, len(rows), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            n_speakers[block] = self._read_lists(rows[block])
        is_labelled = self._classes[rows] >= 0
        self._searched_same[rows] = is_labelled & ~np.isfinite(self._same[rows, -1])
        self._searched_other[rows] = is_labelled & ~np.isfinite(self._other[rows, -1]) & (n_speakers < FEW_SPEAKERS)
        for is_searched, found in ((self._searched_same, self._same), (self._searched_other, self._other)):
            searching = rows[is_searched[rows]]
            for class_number in np.unique(self._classes[searching]):
                is_mate = self._classes == class_number
                speakers = np.flatnonzero(self._votes & (is_mate if found is self._same else ~is_mate))
                self._search(searching[self._classes[searching] == class_number], speakers, found)
        beyond = BEYOND_LIST * (1 - self._graph.similarities[rows, -1:])
        same, other = (_mean_log(found[rows], beyond, self._floor) for found in (self._same, self._other))
        self._scores[rows] = np.clip(same - other, -LARGEST_SCORE, LARGEST_SCORE)

    def _read_lists(self, rows: Rows) -> Rows:
        """Take what the neighbor lists tell, and count the neighbors that vote, int64 (b,)."""
        indices, similarities = self._graph.indices[rows], self._graph.similarities[rows]
        is_shared = self._origin.is_shared(rows, indices, similarities)
        has_say = self._votes[indices] & ~is_shared
        is_same = self._classes[indices] == self._classes[rows][:, None]
        self._same[rows] = _first_distances(similarities, has_say & is_same)
        self._other[rows] = _first_distances(similarities, has_say & ~is_same)
        has_witness: Mask = np.asarray(has_say.any(axis=1))
        is_shown = np.where(has_witness[:, None], has_say, is_shared & (self._classes[indices] >= 0))
        order = np.argsort(~is_shown, axis=1, kind="stable")[:, :N_EVIDENCE]
        self.evidence[rows, : order.shape[1]] = np.where(
            np.take_along_axis(is_shown, order, axis=1), np.take_along_axis(indices, order, axis=1), np.int32(-1)
        )
        self.has_witness[rows] = has_witness
        return np.asarray(has_say.sum(axis=1), dtype=np.int64)

    def _cosines(self, rows: Rows, others: Embeddings, norms: Floats) -> Floats:
        """Cosines (b, m) of ``rows`` with ``others`` (m, D) of the given lengths."""
        return multiply(self._embeddings[rows], others) / self._norms[rows][:, None] / norms

    def _search(self, rows: Rows, speakers: Rows, found: Floats) -> None:
        """Write the distances of ``rows`` to the nearest of ``speakers`` into ``found`` (N, 2)."""
        if not len(speakers):
            return
        speakers = speakers[:: -(-len(speakers) // MOST_SEARCHED)]
        others, norms = self._embeddings[speakers], self._norms[speakers]
        n_nearest = min(N_NEAREST, len(speakers))
        step = max(1, BLOCK_VALUES // len(speakers))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            similarities = self._cosines(part, others, norms)
            numbers = np.broadcast_to(speakers, similarities.shape)
            has_no_say = self._origin.is_shared(part, numbers, similarities) | (numbers == part[:, None])
            distances = np.where(has_no_say, np.inf, 1 - similarities)
            found[part, :n_nearest] = np.sort(np.partition(distances, n_nearest - 1, axis=1)[:, :n_nearest], axis=1)


def _first_distances(similarities: Floats, mask: Mask) -> Floats:
    """Distances (b, 2) of the first entries under ``mask`` (b, k) of lists in order; inf if there are fewer."""
    counts = np.cumsum(mask, axis=1)
    distances = np.full((len(mask), N_NEAREST), np.inf, dtype=np.float32)
    for nth in range(N_NEAREST):
        has_nth = counts[:, -1] > nth
        position = np.argmax(counts > nth, axis=1)
        distances[has_nth, nth] = 1 - similarities[has_nth, position[has_nth]]
    return distances


def _mean_log(distances: Floats, beyond: Floats, floor: np.float32) -> Floats:
    """Mean (N,) of ``log(distance + floor)`` of distances (N, 2); those not found lie ``beyond`` (N, 1) the list."""
    nearest = np.where(np.isfinite(distances[:, :1]), distances[:, :1], beyond)
    filled = np.where(np.isfinite(distances), distances, np.maximum(beyond, nearest))
    return np.asarray(np.log(np.maximum(filled, 0) + floor).mean(axis=1), dtype=np.float32)


def _find_floor(graph: NeighborGraph, origin: SharedOrigin) -> np.float32:
    """Half of the median distance to the second nearest point of another origin, of evenly spread points."""
    rows = np.unique(np.linspace(0, graph.n_points - 1, min(graph.n_points, MOST_SEARCHED)).astype(np.int64))
    indices, similarities = graph.indices[rows], graph.similarities[rows]
    seconds = _first_distances(similarities, ~origin.is_shared(rows, indices, similarities))[:, -1]
    seconds = seconds[np.isfinite(seconds)]
    median = np.median(seconds) if len(seconds) else 0
    return np.float32(max(median / 2, SMALLEST_DISTANCE))
