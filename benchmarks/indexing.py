"""How fast labelled JPEG files become stored points, and how near that is to what the machine allows.

    python -m benchmarks.indexing [--images 120] [--objects 8] [--rounds 3] [--unchanged 100000] [--engine torch]

Measures each stage alone (decode, crop, forward pass on prepared batches, store), in CPU seconds an object. The cores
at hand can do no more than ``cores / sum`` objects a second; the run is compared with that bound, and with the naive
way, from files to stored points too: one image and one object at a time in torch's float32, as most people write it
first. It runs in a process of its own, with torch's defaults, while the other waits. Then a second run over many
unchanged objects, as a process of its own. Everything is measured in one go, round after round, because a shared
machine is faster one minute and slower the next; the median round is quoted. Other work costs the naive way and ours
unlike shares of the wall time, so that the gain in CPU time is printed beside that in wall time.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np

from benchmarks.embedding import embed_naively
from indexer.domain import Box, CollectionSpec, CropOptions, Embeddings, Pixels, Point
from indexer.embedders.base import Embedder, EmbedderSpec
from indexer.embedders.devices import count_cores
from indexer.embedders.network_embedder import NetworkEmbedder
from indexer.embedders.opening import open_embedder
from indexer.images.crops import ImageScales, cut_as_embedded
from indexer.pipeline.sync import SyncOptions, sync
from indexer.points import make_point_id
from indexer.sources.supervisely_files import SuperviselyFilesSource
from indexer.stores.qdrant_embedded import EmbeddedStore

SIZE_HW = (1500, 2000)
BATCH = 32


@dataclass(frozen=True, slots=True)
class Round:
    """One round: CPU seconds an object by stage; of the whole and of the naive way, wall and CPU seconds an object."""

    decode: float
    crop: float
    forward: float
    store: float
    run: tuple[float, float]
    naive: tuple[float, float]

    @property
    def rate(self) -> float:
        """Objects a second of the whole."""
        return 1 / self.run[0]

    @property
    def bound(self) -> float:
        """Objects a second if every core did nothing but these stages."""
        return count_cores() / (self.decode + self.crop + self.forward + self.store)


def write_project(folder: Path, *, n_images: int, n_objects: int, size_hw: tuple[int, int] = SIZE_HW) -> list[Box]:
    """Write a Supervisely project of textured JPEGs, each with the same boxes; gives the boxes."""
    (folder / "ds" / "img").mkdir(parents=True)
    (folder / "ds" / "ann").mkdir()
    (folder / "meta.json").write_text('{"classes": [], "tags": []}')
    random = np.random.default_rng(0)
    height, width = size_hw
    sides = random.integers(min(size_hw) // 10, min(size_hw) // 3, n_objects)
    boxes = [
        Box(int(left), int(top), int(left + side), int(top + side))
        for side in sides
        for left, top in [(random.integers(0, width - side), random.integers(0, height - side))]
    ]
    texture = cv2.GaussianBlur(random.integers(0, 256, (height + 64, width + 64, 3), dtype=np.uint8), (0, 0), 2)
    for number in range(n_images):
        shift = number % 64
        pixels = np.ascontiguousarray(texture[shift : shift + height, shift : shift + width])
        name = f"{number:06}.jpg"
        data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
        # The counter makes each file's bytes, and so its hash, its own; decoders ignore what follows the end marker.
        (folder / "ds" / "img" / name).write_bytes(data + number.to_bytes(4, "big"))
        (folder / "ds" / "ann" / f"{name}.json").write_text(json.dumps(_annotation(boxes, size_hw)))
    return boxes


def _annotation(boxes: list[Box], size_hw: tuple[int, int]) -> dict[str, object]:
    objects = [
        {
            "id": number,
            "classTitle": str(number % 5),
            "geometryType": "rectangle",
            "tags": [],
            "points": {"exterior": [[box.left, box.top], [box.right - 1, box.bottom - 1]], "interior": []},
        }
        for number, box in enumerate(boxes, start=1)
    ]
    return {"size": {"height": size_hw[0], "width": size_hw[1]}, "tags": [], "objects": objects}


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process, all threads."""
    started = time.process_time()
    work()
    return time.process_time() - started


def serve_naively(connection: Connection, folder: Path, boxes: list[Box]) -> None:
    """Answer each request with wall and CPU seconds an object of the naive way, measured on a quarter of the files."""
    embedder = open_embedder(device="cpu", engine="torch-float32")
    assert isinstance(embedder, NetworkEmbedder)
    embed = embed_naively(embedder)
    size_wh = embedder.spec.input_size_hw[::-1]
    files = sorted((folder / "ds" / "img").iterdir())
    files = files[: max(8, len(files) // 4)]
    embed([np.zeros((*size_wh[::-1], 3), np.uint8)])  # loading is not what is measured
    connection.send("ready")
    while connection.recv() == "again":
        with tempfile.TemporaryDirectory() as data_dir:
            store = EmbeddedStore(Path(data_dir))
            collection = store.create_collection("bench", _spec_of(embedder.spec))
            wall, cpu = time.perf_counter(), time.process_time()
            for path in files:
                pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
                crops = [pixels[box.top : box.bottom, box.left : box.right] for box in boxes]
                embeddings = embed([cv2.resize(crop, size_wh, interpolation=cv2.INTER_CUBIC) for crop in crops])
                collection.upsert(_make_points(embeddings, path.name))
            n_objects = len(files) * len(boxes)
            connection.send(((time.perf_counter() - wall) / n_objects, (time.process_time() - cpu) / n_objects))
            store.close()


def _make_points(embeddings: Embeddings, image: str) -> list[Point]:
    return [
        Point(make_point_id("bench", image, str(number)), {"class_name": str(number % 5)}, embedding)
        for number, embedding in enumerate(embeddings)
    ]


def measure_round(folder: Path, boxes: list[Box], embedder: Embedder, naive: Connection) -> Round:
    """Measure each stage alone, the whole, and the naive way."""
    files = sorted((folder / "ds" / "img").iterdir())
    sample = files[: max(8, len(files) // 8)]
    data = [path.read_bytes() for path in sample]
    images = [ImageScales(each, size_hw=SIZE_HW) for each in data]
    decode = cpu_seconds(lambda: [image.decode(1) for image in images])
    inputs: list[Pixels] = []

    def crop() -> None:
        for image in images:
            for box in boxes:
                cut = cut_as_embedded(image, box, CropOptions(), input_size_hw=embedder.spec.input_size_hw)
                inputs.append(embedder.prepare(cut))

    cropping = cpu_seconds(crop)
    n_crops = len(inputs)
    embedder.embed(inputs[:BATCH])
    embeddings: list[Embeddings] = []
    starts = range(0, n_crops, BATCH)
    forward = cpu_seconds(lambda: embeddings.extend(embedder.embed(inputs[at : at + BATCH]) for at in starts))
    store = _measure_store(np.concatenate(embeddings))
    run = _measure_run(folder, embedder)
    naive.send("again")
    stages = (seconds / n_crops for seconds in (decode, cropping, forward, store))
    return Round(*stages, run=run, naive=naive.recv())


def _spec_of(spec: EmbedderSpec) -> CollectionSpec:
    return CollectionSpec(spec.name, spec.fingerprint, spec.dimension, CropOptions().text)


def _measure_store(embeddings: Embeddings) -> float:
    points = _make_points(embeddings, "image")
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder))
        spec = CollectionSpec("bench", "bench", embeddings.shape[1], CropOptions().text)
        collection = store.create_collection("bench", spec)
        seconds = cpu_seconds(lambda: collection.upsert(points))
        store.close()
    return seconds


def _measure_run(folder: Path, embedder: Embedder) -> tuple[float, float]:
    """Wall and CPU seconds an object of the whole pipeline, from files to stored points."""
    with tempfile.TemporaryDirectory() as data_dir:
        store = EmbeddedStore(Path(data_dir))
        collection = store.create_collection("bench", _spec_of(embedder.spec))
        source = SuperviselyFilesSource.open(folder)
        wall, cpu = time.perf_counter(), time.process_time()
        n_objects = sync(source, embedder, collection, SyncOptions(batch_size=BATCH)).instances.embedded
        seconds = (time.perf_counter() - wall) / n_objects, (time.process_time() - cpu) / n_objects
        store.close()
    return seconds


class _InstantEmbedder:
    """Gives vectors of noise at once, under the spec of another embedder: only to fill a collection quickly."""

    is_loaded = False
    batch_size = BATCH
    engine = "none"

    def __init__(self, spec: EmbedderSpec) -> None:
        self.spec = spec
        self._random = np.random.default_rng(0)

    def prepare(self, crop: Pixels) -> Pixels:
        return crop[:1, :1]

    def embed(self, inputs: list[Pixels]) -> Embeddings:
        return self._random.normal(size=(len(inputs), self.spec.dimension)).astype(np.float32)

    def embed_texts(self, texts: list[str]) -> Embeddings:
        raise NotImplementedError


def measure_unchanged(n_objects_total: int, spec: EmbedderSpec) -> tuple[float, dict[str, object]]:
    """Wall seconds of ``lookalike index`` over unchanged objects, process start included, and its report."""
    n_objects = 8
    with tempfile.TemporaryDirectory() as folder:
        project, data_dir = Path(folder) / "project", Path(folder) / "data"
        write_project(project, n_images=n_objects_total // n_objects, n_objects=n_objects, size_hw=(48, 64))
        store = EmbeddedStore(data_dir)
        collection = store.create_collection("tf_efficientnet_lite0", _spec_of(spec))
        collection.optimize = lambda: None  # type: ignore[method-assign] # a run without work needs no search index
        sync(SuperviselyFilesSource.open(project), _InstantEmbedder(spec), collection)
        store.close()
        command = [sys.executable, "-m", "lookalike", "index", str(project), "--data-dir", str(data_dir), "--json"]
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return time.perf_counter() - started, json.loads(done.stdout)


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=120)
    parser.add_argument("--objects", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--unchanged", type=int, default=100_000, help="objects of the second run; 0 leaves it out")
    parser.add_argument("--engine", default="auto", help="auto, torch, torch-float32 or openvino")
    options = parser.parse_args()
    embedder = open_embedder(batch_size=BATCH, engine=options.engine)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        boxes = write_project(project, n_images=options.images, n_objects=options.objects)
        embedder.embed([embedder.prepare(np.zeros((8, 8, 3), np.uint8))])  # loading is not what is measured
        naive, theirs = (context := multiprocessing.get_context("spawn")).Pipe()
        context.Process(target=serve_naively, args=(theirs, project, boxes), daemon=True).start()
        naive.recv()
        rounds = [measure_round(project, boxes, embedder, naive) for _ in range(options.rounds)]
        naive.send("enough")
    middle = sorted(rounds, key=lambda one: one.rate / one.bound)[len(rounds) // 2]
    ratios = sorted(one.rate / one.bound for one in rounds)
    print(f"indexing {options.images} JPEGs of {SIZE_HW[1]} x {SIZE_HW[0]} with {options.objects} objects each")
    print(f"  model {embedder.spec.name}, {embedder.engine}, {count_cores()} cores, batch {BATCH}")
    for stage in ("decode", "crop", "forward", "store"):
        print(f"  {stage:8} {getattr(middle, stage) * 1000:7.2f} CPU ms an object")
    print(f"  bound    {middle.bound:7.1f} objects/s")
    print(f"  rate     {middle.rate:7.1f} objects/s")
    print(
        f"  ratio    {statistics.median(ratios):7.2f} (rounds: {', '.join(f'{one:.2f}' for one in ratios)}; aim 0.85)"
    )
    print(f"  naive    {statistics.median(1 / one.naive[0] for one in rounds):7.1f} objects/s")
    for at, kind in enumerate(("wall", "CPU")):
        gains = sorted(one.naive[at] / one.run[at] for one in rounds)
        shown = ", ".join(f"{gain:.2f}" for gain in gains)
        print(f"  gain     {statistics.median(gains):7.2f} times the naive way in {kind} time (rounds: {shown})")
    if options.unchanged:
        seconds, report = measure_unchanged(options.unchanged, embedder.spec)
        print(f"second run over {options.unchanged} unchanged objects: {seconds:.1f} s (aim: under 5 s)")
        print(f"  report: {json.dumps(report['instances'])}, model_loaded {report['model_loaded']}")


if __name__ == "__main__":
    main()
