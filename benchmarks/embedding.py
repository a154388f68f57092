"""How many prepared images a second the network embeds, by engine, and how far each agrees with float32.

    python -m benchmarks.embedding [--model NAME] [--images 32] [--rounds 5]

Every engine runs in a process of its own, because the allocator's settings hold for a whole process. The processes
take turns, round after round, since a shared machine is faster one minute and slower the next: quote the ratios, not
the rates. The naive way is what most people write first: one image at a time, float32, contiguous, torch's defaults.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from indexer.domain import Embeddings, Pixels
from indexer.embedders.engine import make_probe
from indexer.embedders.network_embedder import NetworkEmbedder
from indexer.embedders.opening import open_embedder

NAIVE = "naive"
ENGINES = (NAIVE, "torch-float32", "torch", *(["openvino"] if find_spec("openvino") else []))


def make_inputs(embedder: NetworkEmbedder, n_images: int) -> list[Pixels]:
    """Half photographs' spectrum, half handwritten digits, which are harder to embed in 16 bits; prepared."""
    photographs = list(make_probe((256, 256), n_images=n_images)[: n_images // 2])
    grey = (255 - 15.9 * load_digits().images[: n_images - len(photographs)]).astype(np.uint8)
    digits = [np.repeat(digit[:, :, None], 3, axis=2) for digit in grey]
    return [embedder.prepare(crop) for crop in (*photographs, *digits)]


def embed_naively(embedder: NetworkEmbedder) -> Callable[[list[Pixels]], Embeddings]:
    """The first thing that works, after timm's documentation."""
    import torch

    network = embedder.load().module
    wanted = embedder.load().facts.preprocessing

    def embed(inputs: list[Pixels]) -> Embeddings:
        rows = []
        for pixels in inputs:
            normalized = (pixels.astype(np.float32) / 255 - wanted.mean) / wanted.std
            tensor = torch.from_numpy(normalized.astype(np.float32).transpose(2, 0, 1)[None].copy())
            with torch.no_grad():
                rows.append(network(tensor).numpy()[0])
        return np.stack(rows)

    return embed


def serve(connection: Connection, engine: str, model: str | None, n_images: int) -> None:
    """Answer each request with the seconds and CPU seconds of one round; the first answer holds the embeddings."""
    started = time.perf_counter()
    is_naive = engine == NAIVE
    embedder: Any = open_embedder(model, device="cpu", batch_size=32, engine="torch-float32" if is_naive else engine)
    inputs = make_inputs(embedder, n_images)
    embed = embed_naively(embedder) if is_naive else embedder.embed
    embeddings = embed(inputs)
    connection.send((embeddings, embedder.engine or NAIVE, time.perf_counter() - started))
    while connection.recv() == "again":
        wall, cpu = time.perf_counter(), time.process_time()
        embed(inputs)
        connection.send((time.perf_counter() - wall, time.process_time() - cpu))


def measure(model: str | None, *, n_images: int, n_rounds: int) -> list[dict[str, Any]]:
    """Let the engines take turns.

    Returns:
        A row an engine, the naive way first: ``engine``, ``description``, ``images_per_s``, ``images_per_cpu_s``,
        ``ratio`` and ``cpu_ratio`` (median over rounds of the rate over the naive rate of the same round),
        ``agreement`` (mean and least cosine with torch-float32) and ``start_s``.
    """
    context = multiprocessing.get_context("spawn")
    workers = {}
    for engine in ENGINES:
        ours, theirs = context.Pipe()
        context.Process(target=serve, args=(theirs, engine, model, n_images), daemon=True).start()
        workers[engine] = (ours, *ours.recv())  # one after the other: none starts while another is measured
    rounds = [{engine: _ask(worker[0]) for engine, worker in workers.items()} for _ in range(n_rounds)]
    for worker in workers.values():
        worker[0].send("enough")
    reference = workers["torch-float32"][1]
    return [
        {
            "engine": engine,
            "description": description,
            "images_per_s": n_images / statistics.median(one[engine][0] for one in rounds),
            "images_per_cpu_s": n_images / statistics.median(one[engine][1] for one in rounds),
            "ratio": statistics.median(one[NAIVE][0] / one[engine][0] for one in rounds),
            "cpu_ratio": statistics.median(one[NAIVE][1] / one[engine][1] for one in rounds),
            "agreement": _cosines(embeddings, reference),
            "start_s": start_s,
        }
        for engine, (_, embeddings, description, start_s) in workers.items()
    ]


def _ask(connection: Connection) -> tuple[float, float]:
    connection.send("again")
    answer: tuple[float, float] = connection.recv()
    return answer


def _cosines(embeddings: Embeddings, reference: Embeddings) -> tuple[float, float]:
    norms = np.linalg.norm(embeddings, axis=1) * np.linalg.norm(reference, axis=1)
    cosines = np.einsum("nd,nd->n", embeddings, reference) / norms
    return float(cosines.mean()), float(cosines.min())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", help="as 'lookalike index --model' takes it")
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    columns = f"{'images/s':>9}{'x naive':>9}{'/cpu-s':>9}{'x naive':>9}{'cosine mean':>13}{'least':>8}{'start s':>9}"
    print(f"{'engine':15}{columns}", flush=True)
    rows = measure(arguments.model, n_images=arguments.images, n_rounds=arguments.rounds)
    for row in rows:
        mean, least = row["agreement"]
        rates = f"{row['images_per_s']:9.0f}{row['ratio']:9.2f}{row['images_per_cpu_s']:9.0f}{row['cpu_ratio']:9.2f}"
        print(f"{row['engine']:15}{rates}{mean:13.5f}{least:8.4f}{row['start_s']:9.1f}")
    for row in rows[1:]:
        print(f"{row['engine']}: {row['description']}")


if __name__ == "__main__":
    main()
