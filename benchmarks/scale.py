"""A million points: seconds and memory of the neighbor graph and of suspects, and how soon a verdict shows.

``python -m benchmarks.scale [--n 200000]``. The points are spun from 60,000 embeddings of Fashion-MNIST: each lies
between one of them and one of its neighbors, with noise that leaves its nearest neighbors about as far as those of the
real points, so that they are as hard to search. One label in twenty is wrong.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from benchmarks.fashion_mnist import read_classes, read_embeddings
from indexer.insights.suspects import SuspectColumns, SuspectModel
from indexer.neighbors.approximate_search import measure_recall
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph

T = TypeVar("T")
Embeddings = npt.NDArray[np.float32]

N_REAL = 60_000
N_PROBES = 500
SHARE_WRONG = 0.05
BLOCK_ROWS = 10_000


def main() -> None:
    """Print one line a step."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--n", type=int, default=200_000)
    n_points: int = arguments.parse_args().n
    embeddings, classes = spin_points(n_points)
    given, is_wrong = flip_classes(classes)
    print(f"{n_points:,} points, embeddings {embeddings.nbytes / 2**30:.1f} GiB, so far {peak_gib():.1f} GiB at most")

    graph = timed("neighbor graph", lambda: build_neighbor_graph(embeddings))
    probes = np.linspace(0, n_points - 1, N_PROBES).astype(np.int64)
    print(f"  recall@20 {measure_recall(embeddings, probes, graph.indices[probes], 20):.4f} on {N_PROBES} points")
    start = time.process_time()
    model = timed("suspects: fit", lambda: SuspectModel(embeddings, names(given), graph=graph))
    ranked = timed("suspects: rank", model.rank)
    fitted = time.process_time() - start
    print(f"  of as many as are wrong, from the top, {precision(ranked, is_wrong):.3f} are wrong")
    first, second = ranked.top(2)
    for name, follow in (
        ("dismissal and ranking", lambda: dismiss(model, first)),
        ("relabel and ranking", lambda: relabel(model, second, f"class {classes[second]}")),
    ):
        start = time.process_time()
        timed(name, follow)
        print(f"  {(time.process_time() - start) / fitted:.3f} of the CPU seconds of the fit and its ranking")


def spin_points(n_points: int, seed: int = 0) -> tuple[Embeddings, npt.NDArray[np.uint8]]:
    """Points between neighbors.

    Returns:
        float32 (n_points, 1280) of length 1, and uint8 (n_points,) classes.
    """
    real, classes = read_embeddings(N_REAL), read_classes(N_REAL)
    near = _near_rows(real)
    generator = np.random.default_rng(seed)
    embeddings = np.empty((n_points, real.shape[1]), dtype=np.float32)
    first = generator.integers(0, N_REAL, n_points)
    for start in range(0, n_points, BLOCK_ROWS):
        rows = first[start : start + BLOCK_ROWS]
        second = near.indices[rows, generator.integers(0, near.n_neighbors, len(rows))]
        share = generator.random((len(rows), 1), dtype=np.float32) * 0.7
        noise = generator.standard_normal((len(rows), real.shape[1]), dtype=np.float32)
        noise *= 0.1 / np.sqrt(real.shape[1])
        block = (1 - share) * real[rows] + share * real[second] + noise
        embeddings[start : start + BLOCK_ROWS] = block / np.linalg.norm(block, axis=1, keepdims=True)
    return embeddings, classes[first]


def _near_rows(real: Embeddings) -> NeighborGraph:
    return build_neighbor_graph(real, n_neighbors=10, exact_up_to=0)


def flip_classes(classes: npt.NDArray[np.uint8], seed: int = 1) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Classes of which one in twenty is another one, and which those are."""
    generator = np.random.default_rng(seed)
    is_wrong = generator.random(len(classes)) < SHARE_WRONG
    shifted = (classes + generator.integers(1, 10, len(classes))) % 10
    return np.where(is_wrong, shifted, classes).astype(np.uint8), is_wrong


def names(classes: npt.NDArray[np.uint8]) -> npt.NDArray[np.object_]:
    """Class numbers as names, object (N,)."""
    return np.array([f"class {number}" for number in range(10)], dtype=object)[classes]


def dismiss(model: SuspectModel, row: np.int64) -> SuspectColumns:
    """The ranking after somebody said that the label of ``row`` is right."""
    model.confirm(np.array([row]))
    return model.rank()


def relabel(model: SuspectModel, row: np.int64, class_name: str) -> SuspectColumns:
    """The ranking after somebody gave ``row`` another class."""
    model.relabel(np.array([row]), [class_name])
    return model.rank()


def precision(ranked: SuspectColumns, is_wrong: npt.NDArray[np.bool_]) -> float:
    """Share of wrong labels among as many from the top as there are."""
    return float(is_wrong[ranked.top(int(is_wrong.sum()))].mean())


def timed(name: str, call: Callable[[], T]) -> T:
    """Run a call once and say what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:<22} {wall:8.1f} s  {cpu:8.1f} CPU s  {peak_gib():5.1f} GiB at most", flush=True)
    return value


def peak_gib() -> float:
    """The most memory this process had so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
