"""How fast labelled JPEG files become stored points, and how near that is to what the machine allows.

    python -m benchmarks.indexing [--images 120] [--objects 8] [--rounds 3] [--unchanged 100000] [--engine torch]

Measures each stage alone (decode, crop, forward pass on prepared batches, store), in CPU seconds an object. The cores
at hand can do no more than ``cores / sum`` objects a second; the run is compared with that bound. Then a second run
over many unchanged objects, as a process of its own. Everything is measured in one go, round after round, because a
shared machine is faster one minute and slower the next; the median round is quoted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from indexer.domain import Box, CollectionSpec, CropOptions, Embeddings, Pixels, Point
from indexer.embedders.base import Embedder, EmbedderSpec
from indexer.embedders.devices import count_cores
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
    """One round: CPU seconds an object by stage, and objects a second of the whole."""

    decode: float
    crop: float
    forward: float
    store: float
    rate: float

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


def measure_round(folder: Path, boxes: list[Box], embedder: Embedder) -> Round:
    """Measure each stage alone, and the whole."""
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
    rate = _measure_run(folder, embedder)
    return Round(decode / n_crops, cropping / n_crops, forward / n_crops, store / n_crops, rate)


def _spec_of(spec: EmbedderSpec) -> CollectionSpec:
    return CollectionSpec(spec.name, spec.fingerprint, spec.dimension, CropOptions().text)


def _measure_store(embeddings: Embeddings) -> float:
    points = [
        Point(make_point_id("bench", "image", str(number)), {"class_name": str(number % 5)}, embedding)
        for number, embedding in enumerate(embeddings)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder))
        spec = CollectionSpec("bench", "bench", embeddings.shape[1], CropOptions().text)
        collection = store.create_collection("bench", spec)
        seconds = cpu_seconds(lambda: collection.upsert(points))
        store.close()
    return seconds


def _measure_run(folder: Path, embedder: Embedder) -> float:
    """Objects a second of the whole pipeline, from files to stored points."""
    with tempfile.TemporaryDirectory() as data_dir:
        store = EmbeddedStore(Path(data_dir))
        collection = store.create_collection("bench", _spec_of(embedder.spec))
        source = SuperviselyFilesSource.open(folder)
        started = time.perf_counter()
        report = sync(source, embedder, collection, SyncOptions(batch_size=BATCH))
        seconds = time.perf_counter() - started
        store.close()
    return report.instances.embedded / seconds


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
        rounds = [measure_round(project, boxes, embedder) for _ in range(options.rounds)]
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
    if options.unchanged:
        seconds, report = measure_unchanged(options.unchanged, embedder.spec)
        print(f"second run over {options.unchanged} unchanged objects: {seconds:.1f} s (aim: under 5 s)")
        print(f"  report: {json.dumps(report['instances'])}, model_loaded {report['model_loaded']}")


if __name__ == "__main__":
    main()
