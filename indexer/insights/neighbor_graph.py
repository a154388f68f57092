"""The k nearest neighbors of every point: the one source for suspects, maps, clusters, duplicates and outliers.

Similarity is the cosine. Up to ``exact_up_to`` points the search is exact: a matrix product proposes candidates,
block by block, and their similarities are then computed again in float32 by one formula that does not depend on the
block, so that the same points give the same graph to the bit. Above, hnswlib proposes the candidates. Nothing else is
held in memory beside the embeddings than a tenth of their size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.approximate_search import approximate_candidates
from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import InvalidOptionsError
from indexer.unit_rows import unit_rows

Rows = npt.NDArray[np.int64]
"""Row numbers, int64."""

STAGE = "neighbor graph"
N_SPARE = 20  # candidates beyond k: bfloat16 top 40 for k = 20, ranked again, has recall .99999 (60,000 x 1280)
EXACT_UP_TO = 100_000  # points
APPROXIMATE_CANDIDATES = 3  # times k: recall@20 of .995 at 60,000 x 1280, where 40 candidates give .977
BLOCK_VALUES = 1 << 23  # float32 values held at once: 32 MiB
ROUNDING = 2e-6  # how far two float32 cosines of the same pair may lie apart when summed in another order
BLOCK_ROWS = 1024  # searched at a time, fewer where that many similarities to all points do not fit
BFLOAT16_FROM = 10_000  # points; below, importing torch takes longer than it saves


@dataclass(frozen=True)
class NeighborGraph:
    """The k nearest neighbors of N points, self excluded.

    Attributes:
        indices: int32 (N, k), row numbers, nearest first; ties go to the lower row.
        similarities: float32 (N, k), cosine in -1..1, descending.
    """

    indices: npt.NDArray[np.int32]
    similarities: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.indices.ndim != 2 or self.indices.shape != self.similarities.shape:
            message = (
                f"a neighbor graph needs two (N, k) arrays, got {self.indices.shape} and {self.similarities.shape}"
            )
            raise InvalidOptionsError(message)

    @property
    def n_points(self) -> int:
        """N."""
        return len(self.indices)

    @property
    def n_neighbors(self) -> int:
        """k, which is smaller than what was asked for when there are too few points."""
        return int(self.indices.shape[1])


def build_neighbor_graph(
    embeddings: Embeddings,
    *,
    n_neighbors: int = 20,
    on_progress: Progress = ignore_progress,
    exact_up_to: int = EXACT_UP_TO,
) -> NeighborGraph:
    """Find the nearest neighbors of every point.

    Args:
        embeddings: float32 (N, D), any length; a row of zeros has similarity 0 to everything.
        n_neighbors: k; a collection of N points has at most N - 1.
        on_progress: Called as ``on_progress("neighbor graph", rows_done, N)``.
        exact_up_to: The largest N that is searched exactly. Above, recall@20 is at least .98 (see
            `approximate_candidates`).

    Returns:
        The graph; (N, 0) for fewer than two points.

    Raises:
        InvalidOptionsError: ``n_neighbors`` is below 1, or ``embeddings`` is not a matrix.
        EmbeddingError: An embedding is not finite.
    """
    if n_neighbors < 1:
        raise InvalidOptionsError(f"n_neighbors is {n_neighbors}; use at least 1")
    units = unit_rows(embeddings)
    n_neighbors = max(0, min(n_neighbors, len(units) - 1))
    if n_neighbors and len(units) > exact_up_to:
        return _search_approximately(units, n_neighbors, on_progress)
    return _search(units, np.arange(len(units)), n_neighbors, on_progress)


def update_neighbor_graph(
    graph: NeighborGraph,
    embeddings: Embeddings,
    *,
    previous_rows: npt.NDArray[np.integer],
    n_neighbors: int = 20,
    on_progress: Progress = ignore_progress,
) -> NeighborGraph:
    """Bring a graph up to date after points were added, changed or removed.

    A list changes only where a fresh point comes nearer than its last neighbor, or where a neighbor went away. The
    former is merged; a list that lost a neighbor is kept as far as it is certain and otherwise searched anew. The
    result is that of a full exact search (the order of equally near neighbors aside) where the graph before was one.

    Args:
        graph: The graph before.
        embeddings: float32 (N, D), the points now.
        previous_rows: int (N,), the row of each point in ``graph``, or -1 where the point is new or was embedded anew.
        n_neighbors: k of a graph of enough points.
        on_progress: As in `build_neighbor_graph`.

    Returns:
        The graph of the points now.

    Raises:
        InvalidOptionsError: ``previous_rows`` does not fit the graph or the embeddings.
        EmbeddingError: An embedding is not finite.
    """
    units = unit_rows(embeddings)
    if previous_rows.shape != (len(units),) or previous_rows.max(initial=-1) >= graph.n_points:
        raise InvalidOptionsError(
            f"previous_rows must name a row of the graph ({graph.n_points} rows) or -1 for each of {len(units)} points"
        )
    n_neighbors = max(0, min(n_neighbors, len(units) - 1))
    fresh = np.flatnonzero(previous_rows < 0)
    # The search for fresh points is exact, and so a new graph takes less time where they are many.
    most_fresh = min(len(units), EXACT_UP_TO**2 // max(1, len(units))) // 4
    if graph.n_neighbors != n_neighbors or len(fresh) > most_fresh:
        return build_neighbor_graph(embeddings, n_neighbors=max(1, n_neighbors), on_progress=on_progress)
    indices, similarities = _carry_over(graph, previous_rows.astype(np.int64))
    stale = _merge_fresh(units, fresh, indices, similarities)
    searched = np.union1d(fresh, stale)
    found = _search(units, searched, n_neighbors, on_progress)
    indices[searched], similarities[searched] = found.indices, found.similarities
    return NeighborGraph(indices, similarities)


# ---------------------------------------------------------------------------------------------------------------------
# Search: candidates by a matrix product, similarities again by one formula


def _search(units: Embeddings, rows: Rows, n_neighbors: int, on_progress: Progress) -> NeighborGraph:
    """Search the neighbors of ``rows`` among all points, exactly."""
    if len(rows) >= BFLOAT16_FROM and _is_bfloat16_fast():
        return _rank_blocks(units, rows, _bfloat16_candidates(units, n_neighbors), n_neighbors, on_progress)
    return _rank_blocks(units, rows, _float32_candidates(units, n_neighbors), n_neighbors, on_progress)


def _rank_blocks(
    units: Embeddings,
    rows: Rows,
    propose: Callable[[Rows], Rows],
    n_neighbors: int,
    on_progress: Progress,
) -> NeighborGraph:
    """Propose and rank candidates for ``rows``, block by block; the threads are those of the matrix product."""
    step = min(BLOCK_ROWS, max(1, BLOCK_VALUES // max(1, len(units))))
    blocks = [rows[start : start + step] for start in range(0, len(rows) if n_neighbors else 0, step)]
    ranked = (_rank_candidates(units, block, propose(block), n_neighbors) for block in blocks)
    return _collect(ranked, (len(rows), n_neighbors), on_progress)


def _search_approximately(units: Embeddings, n_neighbors: int, on_progress: Progress) -> NeighborGraph:
    """Search the neighbors of all points among candidates, a thread a block."""
    from indexer.candidate_ranking import map_blocks, measure_cosines

    propose = approximate_candidates(units, n_candidates=APPROXIMATE_CANDIDATES * n_neighbors, on_progress=on_progress)

    def rank(rows: Rows) -> NeighborGraph:
        candidates = propose(rows)
        return _order(rows, candidates, measure_cosines(units[rows], units, candidates), n_neighbors)

    return _collect(map_blocks(rank, len(units)), (len(units), n_neighbors), on_progress)


def _collect(ranked: Iterable[NeighborGraph], shape: tuple[int, int], on_progress: Progress) -> NeighborGraph:
    """Put the lists of consecutive blocks into one graph."""
    indices, similarities = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.float32)
    n_done = 0
    for block in ranked:
        done = slice(n_done, n_done + block.n_points)
        indices[done], similarities[done] = block.indices, block.similarities
        n_done = done.stop
        on_progress(STAGE, n_done, shape[0])
    return NeighborGraph(indices, similarities)


def _rank_candidates(units: Embeddings, rows: Rows, candidates: Rows, n_neighbors: int) -> NeighborGraph:
    """Order candidates (b, m) of ``rows`` by similarity, then by row; -1 and the row itself do not count."""
    similarities = np.empty(candidates.shape, dtype=np.float32)
    step = max(1, BLOCK_VALUES // max(1, candidates.shape[1] * units.shape[1]))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        similarities[part] = np.einsum("bd,bmd->bm", units[rows[part]], units[candidates[part]])
    return _order(rows, candidates, similarities, n_neighbors)


def _order(rows: Rows, candidates: Rows, similarities: npt.NDArray[np.float32], n_neighbors: int) -> NeighborGraph:
    np.clip(similarities, -1, 1, out=similarities)
    similarities[(candidates < 0) | (candidates == rows[:, None])] = -np.inf
    order = np.lexsort((candidates, -similarities), axis=1)[:, :n_neighbors]
    return NeighborGraph(
        np.take_along_axis(candidates, order, axis=1).astype(np.int32), np.take_along_axis(similarities, order, axis=1)
    )


def _float32_candidates(units: Embeddings, n_neighbors: int) -> Callable[[Rows], Rows]:
    n_candidates = min(len(units), n_neighbors + 1 + N_SPARE)

    def propose(rows: Rows) -> Rows:
        similarities = units[rows] @ units.T
        candidates = np.argpartition(similarities, -n_candidates, axis=1)[:, -n_candidates:]
        values = np.sort(np.take_along_axis(similarities, candidates, axis=1), axis=1)
        is_tied = values[:, 0] >= values[:, -n_neighbors - 1] - ROUNDING
        for row in np.flatnonzero(is_tied if n_candidates < len(units) else []):
            candidates[row] = _break_ties(similarities[row], values[row, -n_neighbors - 1], n_candidates)
        return candidates

    return propose


def _break_ties(similarities: npt.NDArray[np.float32], last: np.float32, n_candidates: int) -> Rows:
    """Candidates of one point with more copies around its last neighbor than candidates: the lowest rows win."""
    nearer = np.flatnonzero(similarities > last + ROUNDING)
    level = np.flatnonzero(np.abs(similarities - last) <= ROUNDING)
    return np.concatenate([nearer, level])[:n_candidates]


def _bfloat16_candidates(units: Embeddings, n_neighbors: int) -> Callable[[Rows], Rows]:
    """Candidates by a product in bfloat16, 2.5 times as fast as float32 where the processor has it."""
    import torch

    exact = _float32_candidates(units, n_neighbors)
    n_candidates = min(len(units), n_neighbors + 1 + N_SPARE)
    coarse = torch.from_numpy(units).to(torch.bfloat16)

    def propose(rows: Rows) -> Rows:
        with torch.inference_mode():
            values, found = torch.topk(coarse[torch.from_numpy(rows)] @ coarse.T, n_candidates, dim=1)
        candidates = found.numpy()
        is_tied = (values[:, -1] >= values[:, n_neighbors]).numpy()
        if is_tied.any():
            candidates[is_tied] = exact(rows[is_tied])
        return candidates

    return propose


def _is_bfloat16_fast() -> bool:
    """Whether the processor multiplies bfloat16 matrices natively; elsewhere torch emulates it, slowly."""
    import torch

    is_supported: Callable[[], bool] = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return is_supported()


# ---------------------------------------------------------------------------------------------------------------------
# Update


def _carry_over(graph: NeighborGraph, previous_rows: Rows) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """The old lists in the new rows' numbers; neighbors that went away are -1 with similarity -inf."""
    kept = np.flatnonzero(previous_rows >= 0)
    new_rows = np.full(graph.n_points, -1, dtype=np.int32)
    new_rows[previous_rows[kept]] = kept
    indices = np.full((len(previous_rows), graph.n_neighbors), -1, dtype=np.int32)
    similarities = np.full(indices.shape, -np.inf, dtype=np.float32)
    indices[kept] = new_rows[graph.indices[previous_rows[kept]]]
    similarities[kept] = graph.similarities[previous_rows[kept]]
    return indices, similarities


def _merge_fresh(
    units: Embeddings, fresh: Rows, indices: npt.NDArray[np.int32], similarities: npt.NDArray[np.float32]
) -> Rows:
    """Merge fresh points into the carried lists, in place.

    Returns:
        int64, rows whose lists lost a neighbor and are no longer certain to the end.
    """
    kept = np.setdiff1d(np.arange(len(units)), fresh)
    n_neighbors = indices.shape[1]
    stale: list[Rows] = []
    step = max(1, BLOCK_VALUES // max(1, len(fresh)))
    for start in range(0, len(kept), step):
        rows = kept[start : start + step]
        last = similarities[rows, -1] if n_neighbors else np.empty(len(rows), dtype=np.float32)
        near = units[rows] @ units[fresh].T
        has_lost = np.any(indices[rows] < 0, axis=1)
        is_touched = has_lost | np.any(near >= last[:, None] - ROUNDING, axis=1)
        rows, last, near, has_lost = rows[is_touched], last[is_touched], near[is_touched], has_lost[is_touched]
        n_candidates = min(len(fresh), n_neighbors + N_SPARE)
        nearest = fresh[np.argpartition(-near, n_candidates - 1, axis=1)[:, :n_candidates]]
        merged = _rank_candidates(units, rows, np.hstack([indices[rows].astype(np.int64), nearest]), n_neighbors)
        indices[rows], similarities[rows] = merged.indices, merged.similarities
        stale.append(rows[has_lost & (merged.similarities[:, -1] <= last)])
    return np.concatenate(stale) if stale else np.empty(0, dtype=np.int64)
