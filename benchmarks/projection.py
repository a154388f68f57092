"""Maps against umap-learn: seconds, trustworthiness, repeatability, and whether old points stay put.

``python -m benchmarks.projection [--n 60000] [--embeddings FILE.npy]``. Both sides run in this process with the same
seed, the same 15 neighbors and min_dist, each warmed up before on other points so that no compiling is timed.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.fashion_mnist import read_classes, read_embeddings
from indexer.maps.alignment import align_map
from indexer.maps.placement import update_map
from indexer.maps.projecting import project_points
from indexer.maps.trust import measure_trust
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph

Matrix = npt.NDArray[np.float32]

SEED = 0
N_TRUE = 15
_SAMPLE_ROWS = 5000  # trustworthiness takes time and memory by the square of the points
_WARM_UP_ROWS = 5000  # umap-learn searches otherwise below 4096 and would compile its search while timed


@dataclass(frozen=True)
class Points:
    """What is mapped: embeddings (N, D) of unit length, their classes (N,) and their true neighbors."""

    embeddings: Matrix
    classes: npt.NDArray[np.uint8]
    graph: NeighborGraph


@dataclass(frozen=True)
class Timed:
    """What a call returned, and how long it took."""

    value: Any
    wall_s: float
    cpu_s: float


def timed(call: Callable[[], Any]) -> Timed:
    """Run a call once."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = call()
    return Timed(value, time.perf_counter() - wall, time.process_time() - cpu)


def map_with_umap_learn(embeddings: Matrix) -> Matrix:
    """umap-learn with what ``UmapProjector`` stands for; its 16 neighbors count the point itself."""
    import umap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed costs it its threads, which is the point here
        model = umap.UMAP(n_neighbors=N_TRUE + 1, min_dist=0.05, metric="cosine", random_state=SEED)
        coordinates: Matrix = model.fit_transform(embeddings)
    return coordinates


def trustworthiness(points: Points, coordinates: Matrix) -> float:
    """scikit-learn's trustworthiness at 15 neighbors of a fixed sample."""
    from sklearn.manifold import trustworthiness as measure

    n_points = len(coordinates)
    sample = np.random.default_rng(SEED).choice(n_points, min(n_points, _SAMPLE_ROWS), replace=False)
    value = measure(points.embeddings[sample], coordinates[sample], n_neighbors=N_TRUE, metric="cosine")
    return float(value)


def class_accuracy(points: Points, coordinates: Matrix) -> float:
    """Share of points whose class is that of most of their 15 nearest on the map."""
    from sklearn.model_selection import cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    predicted = cross_val_predict(KNeighborsClassifier(N_TRUE), coordinates, points.classes, cv=5)
    return float((predicted == points.classes).mean())


def report(name: str, run: Timed, points: Points) -> None:
    """Print one row of the table."""
    kept = measure_trust(run.value, neighbor_indices=points.graph.indices, n_neighbors=N_TRUE).mean()
    scores = f"{trustworthiness(points, run.value):7.4f}  {kept:8.3f}  {class_accuracy(points, run.value):8.3f}"
    print(f"{name:34s} {run.wall_s:8.1f} {run.cpu_s:8.1f}  {scores}", flush=True)


def compare_speed(points: Points, graph_run: Timed, *, with_tsne: bool) -> None:
    """Print the table of methods."""
    embeddings, graph = points.embeddings, points.graph
    for warm_up in (lambda x: project_points(x, seed=SEED), map_with_umap_learn):
        warm_up(embeddings[:_WARM_UP_ROWS])

    def ours(method: str, known: NeighborGraph | None) -> Timed:
        return timed(lambda: project_points(embeddings, method=method, seed=SEED, graph=known).coordinates)

    print(f"\n{'':34s} {'wall s':>8s} {'CPU s':>8s}  {'trust':>7s}  {'kept@15':>8s}  {'class':>8s}")
    theirs = timed(lambda: map_with_umap_learn(embeddings))
    report("umap-learn, one thread as seeded", theirs, points)
    given = ours("umap", graph)
    report("umap, the collection's graph", given, points)
    report("umap, without a graph", alone := ours("umap", None), points)
    report("pca-umap", ours("pca-umap", None), points)
    if with_tsne:
        report("tsne, the collection's graph", ours("tsne", graph), points)
    report("pca", ours("pca", None), points)
    print(f"\nneighbor graph of the collection: {graph_run.wall_s:.1f} s, shared with suspects, clusters, duplicates")
    print(f"umap with the graph is {theirs.wall_s / given.wall_s:.1f} times as fast as umap-learn,")
    print(f"without one {theirs.wall_s / alone.wall_s:.1f} times")
    again = ours("umap", graph)
    print(
        f"the same points again: {'the same map to the bit' if (again.value == given.value).all() else 'ANOTHER MAP'}"
    )


def check_placement(points: Points) -> None:
    """Map nine tenths, place the rest, and print how far old points moved and how well new ones lie."""
    embeddings, n_points = points.embeddings, len(points.embeddings)
    ids = np.array([f"{row:08}" for row in range(n_points)])
    is_new = np.random.default_rng(SEED).permutation(n_points) < n_points // 10
    old = project_points(embeddings[~is_new], seed=SEED, graph=build_neighbor_graph(embeddings[~is_new])).coordinates
    run = timed(
        lambda: update_map(ids[~is_new], old, ids=ids, embeddings=embeddings, changed_ids=np.array([], dtype=ids.dtype))
    )
    moved = np.abs(run.value[~is_new] - old).max()
    print(f"\nplaced {is_new.sum()} new points in {run.wall_s:.1f} s; old points moved by at most {moved:g}")
    refit = project_points(embeddings, seed=SEED, graph=points.graph).coordinates
    for name, coordinates in (("placed", run.value), ("refitted", refit)):
        trust = measure_trust(coordinates, neighbor_indices=points.graph.indices, n_neighbors=N_TRUE)[is_new].mean()
        print(f"  new points {name:9s} keep {trust:.3f} of their 15 true neighbors")
    aligned = align_map(refit, ids=ids, onto=old, onto_ids=ids[~is_new])
    size = np.ptp(old, axis=0).max()
    for name, coordinates in (("as it is", refit), ("aligned", aligned)):
        distances = np.linalg.norm(coordinates[~is_new] - old, axis=1)
        print(f"  a refit {name:9s} shows old points {np.median(distances) / size:.0%} of the map away (median)")


def main() -> None:
    """Parse arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=5000, help="points; 60000 is all of Fashion-MNIST's training set")
    parser.add_argument("--embeddings", type=Path, help="float32 (N, D) .npy to use instead of embedding images")
    parser.add_argument("--tsne", action="store_true", help="time t-SNE, too")
    arguments = parser.parse_args()
    if arguments.embeddings is None:
        embeddings = read_embeddings(arguments.n)
    else:
        embeddings = np.asarray(np.load(arguments.embeddings, mmap_mode="r")[: arguments.n], np.float32)
        embeddings = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    print(f"{len(embeddings)} x {embeddings.shape[1]} embeddings of Fashion-MNIST, seed {SEED}")
    graph_run = timed(lambda: build_neighbor_graph(embeddings, n_neighbors=45))
    points = Points(embeddings, read_classes(len(embeddings)), graph_run.value)
    compare_speed(points, graph_run, with_tsne=arguments.tsne)
    check_placement(points)


if __name__ == "__main__":
    main()
