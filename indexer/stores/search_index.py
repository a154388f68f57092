"""Search indexes of the embedded engine: when one is worth it, and the process that builds it.

The engine holds Python's global lock while it builds: 70 s for 80,000 vectors of 384 numbers. So another process builds
on a copy of the shard. Exact search of 1 GB takes some 50 ms and misses nothing under any filter, so that only
collections above 2 GB get an index at all.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Final

import qdrant_edge as edge

from indexer.errors import CancelledError, StoreUnavailableError
from indexer.python_process import last_line, serve_parent, start_python
from indexer.stores.columns import VECTOR
from indexer.stores.edge_calls import allocated_bytes

EXACT_BYTES: Final = 2**31
"""Vectors of up to so many bytes are searched one by one."""
_DEAD_BYTES: Final = 2**28
_LEAST_THRESHOLD_KB: Final = 1000
_POLL_S: Final = 0.1
_READ_BYTES: Final = 2**20


def make_config(dimension: int, *, has_index: bool = False) -> edge.EdgeConfig:
    """The configuration of a shard.

    Args:
        dimension: Length of a vector.
        has_index: Whether optimising builds a search index.
    """
    threshold = _LEAST_THRESHOLD_KB if has_index else 2**40
    return edge.EdgeConfig(
        vectors={VECTOR: edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=threshold),
    )


def is_worth_an_index(n_vectors: int, dimension: int) -> bool:
    """Whether exact search of so many vectors takes long."""
    return n_vectors * dimension * 4 > EXACT_BYTES


def needs_rebuild(shard: Path, *, n_vectors: int, n_indexed: int, dimension: int) -> bool:
    """Whether a shard is worth rebuilding: exact search would take long, or most of its bytes are of deleted points.

    Args:
        shard: Folder of the shard.
        n_vectors: Points with a vector.
        n_indexed: Those of them that a search index covers.
        dimension: Length of a vector.
    """
    if is_worth_an_index(n_vectors - n_indexed, dimension):
        return True
    alive = n_vectors * dimension * 4
    stored = sum(allocated_bytes(folder) for folder in shard.glob(f"segments/*/vector_storage-{VECTOR}"))
    return stored - alive > max(alive, _DEAD_BYTES)


def optimize_in_process(name: str, shard: Path, *, dimension: int, has_index: bool, stop: Event) -> None:
    """Optimise a shard that nobody has open, in a process of its own.

    Args:
        name: Name of the collection.
        shard: Folder of the shard.
        dimension: Length of a vector.
        has_index: Whether it gets a search index.
        stop: Ends the process when set.

    Raises:
        CancelledError: ``stop`` was set.
        StoreUnavailableError: The process failed.
    """
    code = "from indexer.stores.search_index import main; main()"
    process = start_python(code, str(shard), str(dimension), str(int(has_index)), stderr=subprocess.PIPE)
    try:
        failure = _wait(process, stop)
    finally:
        process.kill()
        process.communicate()
    if stop.is_set():
        raise CancelledError("the search index is not finished; search stays exact until the next run builds it")
    if process.returncode:
        reason = failure or f"it ended with {process.returncode}"
        raise StoreUnavailableError(f"collection '{name}': its search index cannot be built ({reason}); try again")


def _wait(process: subprocess.Popen[bytes], stop: Event) -> str:
    """Wait for the end of a process, or for ``stop``; returns the last line of what it said."""
    while not stop.is_set():
        try:
            return last_line(process.communicate(timeout=_POLL_S)[1])
        except subprocess.TimeoutExpired:
            continue
    return ""


def main() -> None:
    """Optimise the shard that the arguments name; the process behind ``optimize_in_process``."""
    shard, dimension, has_index = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
    serve_parent()
    opened = edge.EdgeShard.load(shard, make_config(dimension, has_index=has_index))
    opened.optimize()
    opened.close()
    _read_through(Path(shard))


def _read_through(folder: Path) -> None:
    """Read all files, so that the system has them in memory when another process opens them under its global lock."""
    buffer = bytearray(_READ_BYTES)
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass
