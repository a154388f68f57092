"""The k nearest neighbors of every point: the one source for suspects, maps, clusters, duplicates and outliers.

Similarity is the cosine. Up to ``exact_up_to`` points the search is exact. A matrix product proposes candidates, block
by block. Their similarities are then computed again in float32 by one formula that does not depend on the block. So the
same points give the same graph to the bit. Above, hnswlib proposes the candidates. Nothing else is held in memory
beside the embeddings than a tenth of their size.

Ties go to the lower row. Float32 cannot tell cosines apart that differ by less than ``ROUNDING``. If more points than
there are candidates lie that near to the last place of a list, the lower rows are proposed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import InvalidOptionsError
from indexer.neighbors.approximate_search import approximate_candidates
from indexer.neighbors.copies import find_copies
from indexer.neighbors.unit_rows import squared_lengths, unit_rows

Rows = npt.NDArray[np.int64]
"""Row numbers, int64."""

STAGE = "neighbor graph"
N_SPARE = 20  # candidates beyond k
N_SPARE_COARSE = 24  # in bfloat16: fewer have more lists searched again, more take longer to rank
EXACT_UP_TO = 100_000  # points
APPROXIMATE_CANDIDATES = 3  # times k: recall@20 of .995 at 60,000 x 1280, where 40 candidates give .977
BLOCK_VALUES = 1 << 23  # float32 values held at once: 32 MiB
ROUNDING = 2e-6  # how far two float32 cosines of the same pair may lie apart when summed in another order
BLOCK_ROWS = 1024  # searched at a time, fewer where that many similarities to all points do not fit
BFLOAT16_ROUNDING = 2**-8  # of a product of two factors, each rounded to 8 binary digits
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
    """Search the neighbors of ``rows`` among all points, exactly; the threads are those of the matrix product."""
    is_coarse = len(rows) >= BFLOAT16_FROM and _is_bfloat16_fast()
    search = (_bfloat16_search if is_coarse else _float32_search)(units, n_neighbors)
    step = min(BLOCK_ROWS, max(1, BLOCK_VALUES // max(1, len(units))))
    blocks = [rows[start : start + step] for start in range(0, len(rows) if n_neighbors else 0, step)]
    return _collect(map(search, blocks), (len(rows), n_neighbors), on_progress)


def _search_approximately(units: Embeddings, n_neighbors: int, on_progress: Progress) -> NeighborGraph:
    """Search the neighbors of all points among candidates, a thread a block.

    Copies are searched once: many of one point tear hnswlib's graph apart.
    """
    copies = find_copies(units)
    distinct = units if copies is None else units[copies.originals]
    n_searched = min(n_neighbors, len(distinct) - 1)
    found = _search_distinct(distinct, n_searched, on_progress) if n_searched else _nothing_found(len(distinct))
    if copies is None:
        return found
    own = np.minimum(squared_lengths(distinct), 1)
    return NeighborGraph(*copies.spread(found.indices, found.similarities, own=own, n_neighbors=n_neighbors))


def _search_distinct(units: Embeddings, n_neighbors: int, on_progress: Progress) -> NeighborGraph:
    from indexer.neighbors.candidate_ranking import map_blocks, measure_cosines

    propose = approximate_candidates(units, n_candidates=APPROXIMATE_CANDIDATES * n_neighbors, on_progress=on_progress)
    if propose is None:
        return _search(units, np.arange(len(units)), n_neighbors, on_progress)

    def rank(rows: Rows) -> NeighborGraph:
        candidates = propose(rows)
        return _order(rows, candidates, measure_cosines(units[rows], units, candidates), n_neighbors)

    return _collect(map_blocks(rank, len(units)), (len(units), n_neighbors), on_progress)


def _nothing_found(n_points: int) -> NeighborGraph:
    return NeighborGraph(np.empty((n_points, 0), dtype=np.int32), np.empty((n_points, 0), dtype=np.float32))


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


def _float32_search(units: Embeddings, n_neighbors: int) -> Callable[[Rows], NeighborGraph]:
    n_candidates = min(len(units), n_neighbors + 1 + N_SPARE)

    def search(rows: Rows) -> NeighborGraph:
        candidates = _propose(units[rows] @ units.T, n_neighbors + 1, n_candidates)
        return _rank_candidates(units, rows, candidates, n_neighbors)

    return search


def _propose(similarities: npt.NDArray[np.float32], n_wanted: int, n_candidates: int) -> Rows:
    """The columns of the ``n_candidates`` largest values per row, in no order.

    Args:
        similarities: float32 (b, m) of a matrix product.
        n_wanted: How many of them matter; values equal to the last of these are ties.
        n_candidates: At least ``n_wanted``, at most m.

    Returns:
        int64 (b, n_candidates), different columns.
    """
    candidates = np.argpartition(similarities, -n_candidates, axis=1)[:, -n_candidates:]
    if n_candidates < similarities.shape[1]:
        values = np.sort(np.take_along_axis(similarities, candidates, axis=1), axis=1)
        last = values[:, -n_wanted]
        for row in np.flatnonzero(values[:, 0] >= last - ROUNDING):
            candidates[row] = _break_ties(similarities[row], last[row], n_candidates)
    return candidates


def _break_ties(similarities: npt.NDArray[np.float32], last: np.float32, n_candidates: int) -> Rows:
    """Candidates of one point with more ties around its last neighbor than candidates: the lowest rows win.

    At least ``n_candidates`` values reach ``last - ROUNDING``, and fewer lie above ``last + ROUNDING``.
    """
    level = np.flatnonzero(similarities >= last - ROUNDING)
    is_nearer = similarities[level] > last + ROUNDING
    return np.concatenate([level[is_nearer], level[~is_nearer]])[:n_candidates]


def _bfloat16_search(units: Embeddings, n_neighbors: int) -> Callable[[Rows], NeighborGraph]:
    """Search among candidates of a product in bfloat16, 2.5 times as fast as float32 where the processor has it.

    A list is searched again in float32 if a point that was not proposed may belong to it.
    """
    import torch

    exact = _float32_search(units, n_neighbors)
    n_candidates = min(len(units), n_neighbors + 1 + N_SPARE_COARSE)
    coarse = torch.from_numpy(units).to(torch.bfloat16)

    def search(rows: Rows) -> NeighborGraph:
        with torch.inference_mode():
            values, found = torch.topk(coarse[torch.from_numpy(rows)] @ coarse.T, n_candidates, dim=1)
        last, missed = values[:, n_neighbors].float().numpy(), values[:, -1].float().numpy()
        is_sure = (missed < last) | (n_candidates == len(units))
        indices = np.empty((len(rows), n_neighbors), dtype=np.int32)
        similarities = np.empty(indices.shape, dtype=np.float32)
        ranked = _rank_candidates(units, rows[is_sure], found.numpy()[is_sure], n_neighbors)
        indices[is_sure], similarities[is_sure] = ranked.indices, ranked.similarities
        if n_candidates < len(units):
            is_sure[is_sure] = ranked.similarities[:, -1] > _most_of_bfloat16(missed[is_sure], units.shape[1])
        if not is_sure.all():
            again = exact(rows[~is_sure])
            indices[~is_sure], similarities[~is_sure] = again.indices, again.similarities
        return NeighborGraph(indices, similarities)

    return search


def _most_of_bfloat16(values: npt.NDArray[np.float32], n_dimensions: int) -> npt.NDArray[np.float32]:
    """The largest cosines that a product in bfloat16 may have taken for ``values``.

    The result was rounded to 8 binary digits, and so was each factor. With more dimensions, more of the factors' errors
    cancel out; 6 standard deviations are allowed for.
    """
    of_result = np.ldexp(np.float32(1), np.frexp(values)[1] - 9)
    of_factors = min(BFLOAT16_ROUNDING, 3 * BFLOAT16_ROUNDING / np.sqrt(n_dimensions))
    return np.asarray(values + of_result + of_factors, dtype=np.float32)


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
        nearest = fresh[_propose(near, min(len(fresh), n_neighbors), n_candidates)]
        merged = _rank_candidates(units, rows, np.hstack([indices[rows].astype(np.int64), nearest]), n_neighbors)
        indices[rows], similarities[rows] = merged.indices, merged.similarities
        stale.append(rows[has_lost & (merged.similarities[:, -1] <= last)])
    return np.concatenate(stale) if stale else np.empty(0, dtype=np.int64)
