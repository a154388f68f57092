"""Small copies of vectors: how many of the nearest they find, what they take, and how long.

    python -m benchmarks.quantization [URL] [--points 20000] [--dimension 1280] [--real] [--grpc-port 6334]

It makes a collection per kind of copy, waits for the search index, asks with and without rescoring, and deletes it.
Without the address of a Qdrant server, the engine in this process is measured, which is that of the server. The
vectors are drawn at random around centres, with a spectrum that falls as that of image embeddings does. With
``--real`` they are embeddings of Fashion-MNIST's 10,000 test images. ``--storage`` names the folder of a server on this
machine, so that its bytes are told, too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import httpx
import numpy as np
import numpy.typing as npt
import qdrant_edge as edge  # noqa: TID251 - the engine itself is measured

from benchmarks import fashion_mnist
from indexer.domain import CollectionSpec, Point
from indexer.settings import GrowthSettings, Quantization, StoreSettings, TurboBits
from indexer.stores.qdrant_server import ServerStore

N_QUERIES = 100
N_NEIGHBORS = 20
N_CENTRES = 200
RANK = 128
KINDS: dict[str, tuple[Quantization, TurboBits, tuple[float, ...]]] = {
    "none": ("none", "4", ()),
    "scalar": ("scalar", "4", (2,)),
    "turbo 4": ("turbo", "4", (2,)),
    "turbo 2": ("turbo", "2", (2,)),
    "turbo 1": ("turbo", "1", (2, 4)),
    "binary": ("binary", "4", (2, 4)),
}
"""Kinds of copies, with the bits of turbo, and how many times as many candidates are rescored."""
POLL_S = 0.2
INDEX_TIMEOUT_S = 600
HNSW_EF = max(128, 2 * N_NEIGHBORS)
"""Candidates of a search, as many as ``indexer.stores.server_growth`` asks for."""


class Searched(Protocol):
    """A collection under test."""

    folder: Path | None
    """Folder with its segments, if it is on this machine."""

    def upsert(self, points: list[Point]) -> None:
        """Write points."""
        ...

    def index(self) -> int:
        """Wait for the search index; gives the number of vectors in it."""
        ...

    def query(self, embedding: npt.NDArray[np.float32], growth: GrowthSettings) -> list[str]:
        """Ids of the nearest points."""
        ...

    def close(self) -> None:
        """Delete the collection."""
        ...


class OnServer:
    """A collection on a server."""

    def __init__(self, settings: StoreSettings, dimension: int, storage: Path | None) -> None:
        self._settings, self._name = settings, f"benchmark-{uuid.uuid4().hex[:8]}"
        self._store = ServerStore.connect(settings)
        self._written = self._store.create_collection(self._name, CollectionSpec("benchmark", "b", dimension, "none"))
        self._asked: dict[GrowthSettings, Any] = {}
        self.folder = None if storage is None else storage / "collections" / self._name

    def upsert(self, points: list[Point]) -> None:
        """Write points."""
        self._written.upsert(points)

    def index(self) -> int:
        """Wait for the search index; a server leaves segments of fewer than 10 MB of vectors without one."""
        is_green, n_indexed, began = 0, 0, time.perf_counter()
        while is_green < 3 and time.perf_counter() - began < INDEX_TIMEOUT_S:
            url = f"{self._settings.url}/collections/{self._name}"
            info = httpx.get(url, timeout=60, trust_env=False).json()["result"]
            n_indexed = info["indexed_vectors_count"]
            is_green = is_green + 1 if info["status"] == "green" and n_indexed else 0
            time.sleep(POLL_S)
        return int(n_indexed)

    def query(self, embedding: npt.NDArray[np.float32], growth: GrowthSettings) -> list[str]:
        """Ids of the nearest points."""
        if growth not in self._asked:
            way = ServerStore.connect(self._settings.model_copy(update={"growth": growth}))
            self._asked[growth] = way.open_collection(self._name)
        return [hit.id for hit in self._asked[growth].query(embedding, limit=N_NEIGHBORS)]

    def close(self) -> None:
        """Delete the collection."""
        self._store.delete_collection(self._name)
        self._store.close()


class InEngine:
    """A shard of the engine in this process."""

    def __init__(self, growth: GrowthSettings, dimension: int) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="quantization-")
        self.folder: Path | None = Path(self._temporary.name)
        vectors = edge.EdgeVectorParams(
            size=dimension, distance=edge.Distance.Cosine, quantization_config=_describe_copies(growth)
        )
        self._shard = edge.EdgeShard.create(self._temporary.name, edge.EdgeConfig(vectors={"": vectors}))

    def upsert(self, points: list[Point]) -> None:
        """Write points."""
        new = [edge.Point(point.id, point.embedding, point.payload) for point in points]  # type: ignore[arg-type]
        self._shard.update(edge.UpdateOperation.upsert_points(new))

    def index(self) -> int:
        """Build the search index."""
        self._shard.optimize()
        return int(self._shard.info().indexed_vectors_count)

    def query(self, embedding: npt.NDArray[np.float32], growth: GrowthSettings) -> list[str]:
        """Ids of the nearest points."""
        copies = None
        if growth.quantization != "none":
            copies = edge.QuantizationSearchParams(rescore=growth.rescore, oversampling=growth.oversampling)
        request = edge.QueryRequest(
            limit=N_NEIGHBORS,
            query=edge.Query.Nearest(embedding),  # type: ignore[arg-type]
            params=edge.SearchParams(hnsw_ef=HNSW_EF, quantization=copies),
            with_payload=True,
        )
        return [str(hit.id) for hit in self._shard.query(request)]

    def close(self) -> None:
        """Delete the shard."""
        self._shard.close()
        self._temporary.cleanup()


def _describe_copies(growth: GrowthSettings) -> Any:
    """The engine's settings for a kind of copies, as ``indexer.stores.server_growth`` has those of a server."""
    match growth.quantization:
        case "scalar":
            return edge.ScalarQuantizationConfig(edge.ScalarType.Int8, quantile=0.99, always_ram=True)
        case "binary":
            return edge.BinaryQuantizationConfig(always_ram=True)
        case "turbo":
            bits = getattr(edge.TurboQuantBitSize, f"Bits{growth.turbo_bits.replace('.', '_')}")
            return edge.TurboQuantQuantizationConfig(always_ram=True, bits=bits)
        case _:
            return None


def main() -> None:
    """Measure every kind, and print one line per kind and way of asking."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--dimension", type=int, default=1280)
    parser.add_argument("--real", action="store_true", help="embeddings of Fashion-MNIST instead of made-up vectors")
    parser.add_argument("--grpc-port", type=int, help="write to a server and ask it by gRPC, at this port")
    parser.add_argument("--storage", type=Path, help="storage folder of the server, if it is on this machine")
    arguments = parser.parse_args()
    if arguments.real:
        vectors = fashion_mnist.read_embeddings(min(arguments.points, 10_000), part="t10k")
    else:
        vectors = make_vectors(arguments.points + N_QUERIES, arguments.dimension)
    points, queries = vectors[:-N_QUERIES], vectors[-N_QUERIES:]
    print(f"{len(points)} points of {points.shape[1]} numbers, recall@{N_NEIGHBORS} of {N_QUERIES} queries")
    print(f"{'bytes per point of':>54}")
    print(
        f"{'copies':>8} {'written':>9} {'indexed':>9} {'share':>6} {'copies':>8} {'all':>8} "
        f"{'asked':>14} {'recall':>7} {'median':>9}"
    )
    for kind, (quantization, bits, _) in KINDS.items():
        growth = GrowthSettings(quantization=quantization, turbo_bits=bits)
        settings = StoreSettings(
            url=arguments.url,
            grpc=arguments.grpc_port is not None,
            grpc_port=arguments.grpc_port or 6334,
            growth=growth,
            timeout_s=120,
        )
        collection: Searched = (
            OnServer(settings, points.shape[1], arguments.storage)
            if arguments.url
            else InEngine(growth, points.shape[1])
        )
        try:
            measure(collection, kind, points, queries)
        finally:
            collection.close()


def measure(
    collection: Searched, kind: str, vectors: npt.NDArray[np.float32], queries: npt.NDArray[np.float32]
) -> None:
    """Fill a collection with one kind of copies, and ask it in each way."""
    began = time.perf_counter()
    for points in batches(vectors):
        collection.upsert(points)
    written_s, began = time.perf_counter() - began, time.perf_counter()
    share = collection.index() / len(vectors)
    line = f"{kind:>8} {written_s:7.1f} s {time.perf_counter() - began:7.1f} s {share:6.0%}"
    line = f"{line} {tell_bytes(collection.folder, len(vectors))}"
    truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :N_NEIGHBORS]
    quantization, _, factors = KINDS[kind]
    ways = {
        f"rescored x {factor:g}": GrowthSettings(quantization=quantization, oversampling=factor) for factor in factors
    }
    ways["" if kind == "none" else "not rescored"] = GrowthSettings(quantization=quantization, rescore=False)
    for how, growth in ways.items():
        recall, wait_s = ask(collection, growth, queries, truth)
        print(f"{line} {how:>14} {recall:7.3f} {wait_s * 1000:6.1f} ms", flush=True)


def ask(
    collection: Searched, growth: GrowthSettings, queries: npt.NDArray[np.float32], truth: npt.NDArray[np.intp]
) -> tuple[float, float]:
    """Recall of the nearest neighbors, and the median wait in seconds."""
    found, waits = 0, []
    collection.query(queries[0], growth)  # the first question connects and opens files
    for query, expected in zip(queries, truth, strict=True):
        began = time.perf_counter()
        ids = collection.query(query, growth)
        waits.append(time.perf_counter() - began)
        found += len({uuid.UUID(one).int for one in ids} & {int(row) for row in expected})
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


def tell_bytes(folder: Path | None, n_points: int) -> str:
    """Bytes on disk per point, of the small copies and of all segments without the log of writes."""
    if folder is None:
        return f"{'-':>8} {'-':>8}"
    n_copied = n_all = 0
    for place, _, names in os.walk(folder):  # goes on if a server removes old segments meanwhile
        if "segments" not in Path(place).parts or ".deleted" in place:
            continue
        for name in names:
            with suppress(FileNotFoundError):
                n_bytes = (Path(place) / name).stat().st_blocks * 512  # holes take none
                n_all += n_bytes
                n_copied += n_bytes if name.startswith("quantized") else 0
    return f"{n_copied / n_points:8.0f} {n_all / n_points:8.0f}"


if __name__ == "__main__":
    main()
