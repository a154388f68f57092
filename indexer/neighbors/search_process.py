"""Neighbors searched in a process of its own: the one that answers people imports no torch and stays quick."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from indexer.collection.embedded_points import EmbeddedPoints
from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import EmbeddingError, IndexerError
from indexer.neighbors.archive import GraphOfPoints, load_graph, save_graph, search_points
from indexer.python_process import last_line, serve_parent, start_python

LEAST_POINTS: Final = 5000
"""With fewer, a search takes less time than the start of a process."""
_MAIN: Final = "from indexer.neighbors.search_process import main; main()"


def search_in_process(
    points: EmbeddedPoints,
    embeddings: Embeddings,
    *,
    known: GraphOfPoints | None,
    n_neighbors: int,
    on_progress: Progress = ignore_progress,
) -> GraphOfPoints:
    """Do ``search_points`` in a process of its own.

    Args:
        points: The points now.
        embeddings: float32 (N, D), row by row ``points``.
        known: The graph of earlier points, if there is one.
        n_neighbors: k.
        on_progress: Told of every stage; may raise CancelledError, which ends the process.

    Raises:
        EmbeddingError: An embedding is not finite.
        IndexerError: The process failed.
    """
    with tempfile.TemporaryDirectory(prefix="lookalike-neighbors-") as folder:
        np.save(Path(folder) / "embeddings.npy", embeddings, allow_pickle=False)
        np.savez(Path(folder) / "points.npz", allow_pickle=False, ids=points.ids, embedded_at=points.embedded_at)
        if known is not None:
            save_graph(Path(folder) / "known.npz", known)
        with start_python(_MAIN, folder, str(n_neighbors), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                for line in process.stdout or ():
                    on_progress(*json.loads(line))
                said = process.stderr.read() if process.stderr is not None else b""
            except BaseException:
                process.kill()
                raise
        found = load_graph(Path(folder) / "found.npz")
    if found is None:
        reason = last_line(said) or f"it ended with {process.returncode}"
        if reason.startswith(f"{EmbeddingError.__name__}: "):
            raise EmbeddingError(reason.partition(": ")[2])
        raise IndexerError(f"the search for neighbors failed ({reason}); try again")
    return GraphOfPoints(points, found.graph)


def main() -> None:
    """Search the neighbors of the points in a folder; the process behind ``search_in_process``."""
    serve_parent()
    folder, n_neighbors = Path(sys.argv[1]), int(sys.argv[2])
    with np.load(folder / "points.npz", allow_pickle=False) as arrays:
        points = EmbeddedPoints(arrays["ids"], arrays["embedded_at"])
    embeddings = np.load(folder / "embeddings.npy", allow_pickle=False)

    def tell(stage: str, done: int, total: int | None) -> None:
        sys.stdout.write(json.dumps([stage, done, total]) + "\n")
        sys.stdout.flush()

    known = load_graph(folder / "known.npz")
    try:
        found = search_points(points, embeddings, known=known, n_neighbors=n_neighbors, on_progress=tell)
    except IndexerError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from error
    save_graph(folder / "found.npz", found)
