"""Small copies of vectors on a Qdrant server: how many of the nearest they find, what they take, and how long.

    python -m benchmarks.quantization URL [--points 20000] [--dimension 1280] [--storage FOLDER]

It makes a collection per kind of copy, waits for the search index, asks with and without rescoring, and deletes it. The
vectors are drawn at random around centres, with a spectrum that falls as that of image embeddings does. With the folder
of a server on this machine it tells the bytes on disk, too.
"""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt

from indexer.domain import CollectionSpec, Point
from indexer.settings import GrowthSettings, StoreSettings
from indexer.stores.qdrant_server import ServerStore

N_QUERIES = 100
N_NEIGHBORS = 20
N_CENTRES = 200
RANK = 128
KINDS = (("none", 1.0), ("scalar", 2.0), ("turbo", 2.0), ("binary", 4.0))
"""Kinds of copies, and how many times as many candidates are rescored."""
POLL_S = 0.2
INDEX_TIMEOUT_S = 280


def main() -> None:
    """Measure every kind, and print one line per kind and way of asking."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--dimension", type=int, default=1280)
    parser.add_argument("--storage", type=Path, help="storage folder of the server, if it is on this machine")
    arguments = parser.parse_args()
    vectors = make_vectors(arguments.points + N_QUERIES, arguments.dimension)
    print(f"{arguments.points} points of {arguments.dimension} numbers, recall@{N_NEIGHBORS} of {N_QUERIES} queries")
    print(f"{'copies':>8} {'written':>9} {'indexed':>9} {'bytes/point':>12} {'asked':>22} {'recall':>7} {'median':>9}")
    for kind, oversampling in KINDS:
        growth = GrowthSettings(quantization=kind, oversampling=oversampling)  # type: ignore[arg-type]
        measure(arguments.url, growth, vectors[:-N_QUERIES], vectors[-N_QUERIES:], arguments.storage)


def measure(
    url: str,
    growth: GrowthSettings,
    vectors: npt.NDArray[np.float32],
    queries: npt.NDArray[np.float32],
    storage: Path | None,
) -> None:
    """Measure one kind of copies."""
    settings = StoreSettings(url=url, growth=growth, timeout_s=120)
    store, name = ServerStore.connect(settings), f"benchmark-{uuid.uuid4().hex[:8]}"
    collection = store.create_collection(name, CollectionSpec("benchmark", "b", vectors.shape[1], "none"))
    try:
        began = time.perf_counter()
        for points in batches(vectors):
            collection.upsert(points)
        written_s = time.perf_counter() - began
        indexed_s = wait_for_index(url, name, began)
        n_bytes = f"{bytes_below(storage / 'collections' / name) / len(vectors):.0f}" if storage else "-"
        line = f"{growth.quantization:>8} {written_s:7.1f} s {indexed_s:7.1f} s {n_bytes:>12}"
        truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :N_NEIGHBORS]
        for rescore in (True, False) if growth.quantization != "none" else (True,):
            way = ServerStore.connect(
                settings.model_copy(update={"growth": growth.model_copy(update={"rescore": rescore})})
            )
            recall, wait_s = ask(way, name, queries, truth)
            how = f"rescored x {growth.oversampling:g}" if rescore else "not rescored"
            print(f"{line} {'' if growth.quantization == 'none' else how:>22} {recall:7.3f} {wait_s * 1000:6.1f} ms")
            way.close()
    finally:
        store.delete_collection(name)
        store.close()


def ask(
    store: ServerStore, name: str, queries: npt.NDArray[np.float32], truth: npt.NDArray[np.intp]
) -> tuple[float, float]:
    """Recall of the nearest neighbors, and the median wait in seconds."""
    collection, found, waits = store.open_collection(name), 0, []
    for query, expected in zip(queries, truth, strict=True):
        began = time.perf_counter()
        hits = collection.query(query, limit=N_NEIGHBORS)
        waits.append(time.perf_counter() - began)
        found += len({uuid.UUID(hit.id).int for hit in hits} & {int(row) for row in expected})
    return found / truth.size, float(np.median(waits))


def make_vectors(n_vectors: int, dimension: int) -> npt.NDArray[np.float32]:
    """Unit vectors (N, D) around centres, most of whose variance is in few directions."""
    random = np.random.default_rng(0)
    basis = random.standard_normal((RANK, dimension)).astype(np.float32)
    spectrum = (1 / np.sqrt(1 + np.arange(RANK))).astype(np.float32)
    centres = random.standard_normal((N_CENTRES, RANK)).astype(np.float32)
    places = centres[random.integers(0, N_CENTRES, n_vectors)]
    places = (places + 0.7 * random.standard_normal(places.shape).astype(np.float32)) * spectrum
    vectors = places @ basis + 0.3 * random.standard_normal((n_vectors, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def batches(vectors: npt.NDArray[np.float32], size: int = 512) -> Iterator[list[Point]]:
    """Points whose ids tell their rows, part by part."""
    for start in range(0, len(vectors), size):
        rows = range(start, min(start + size, len(vectors)))
        yield [Point(str(uuid.UUID(int=row)), {"class_name": f"class {row % 50}"}, vectors[row]) for row in rows]


def wait_for_index(url: str, name: str, began: float) -> float:
    """Seconds until the server has indexed what it wants to; it leaves fewer than 10 MB of vectors without an index."""
    is_green = 0
    while is_green < 3 and time.perf_counter() - began < INDEX_TIMEOUT_S:
        info = httpx.get(f"{url}/collections/{name}", timeout=60, trust_env=False).json()["result"]
        is_green = is_green + 1 if info["status"] == "green" and info["indexed_vectors_count"] else 0
        time.sleep(POLL_S)
    return time.perf_counter() - began


def bytes_below(folder: Path) -> int:
    """Bytes on disk of all files below a folder; holes take none."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
