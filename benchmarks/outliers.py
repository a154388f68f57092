"""Counts of the points that stand apart: ``python -m benchmarks.outliers``.

Counted are the points beyond the outer fence of each set, and how many of five strangers are: pictures of another set,
or directions at random. The fence was chosen on the digits, the stamps and the first garments; the other sets decided
nothing. Takes five minutes on two slow cores, of which the next run needs seconds.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks import digits, fashion_mnist, stamps
from indexer.domain import Embeddings
from indexer.insights.outliers import score_outliers
from indexer.neighbors.graph import build_neighbor_graph
from indexer.neighbors.unit_rows import unit_rows

N_STRANGERS = 5


def count_far_out(hosts: Embeddings, strangers: Embeddings) -> tuple[int, int]:
    """Count the hosts that stand apart, and the strangers among them that do."""
    columns = score_outliers(build_neighbor_graph(np.concatenate([hosts, strangers])))
    is_far_out = columns.is_far_out
    return int(is_far_out[: len(hosts)].sum()), int(is_far_out[len(hosts) :].sum())


def main() -> None:
    """Print a line per set."""
    parser = argparse.ArgumentParser(description="How many points stand apart?")
    parser.add_argument("--garments", type=int, default=5000, help="of Fashion-MNIST, at most")
    n_garments = parser.parse_args().garments
    random = np.random.default_rng(0)
    sets = {
        "digits": unit_rows(digits.read_embeddings()[0]),
        "garments": fashion_mnist.read_embeddings(n_garments),
        "stamps": unit_rows(stamps.read_embeddings()[0]),
        "garments, test part": fashion_mnist.read_embeddings(min(n_garments, 2000), part="t10k"),
        "digits as pixels": digits.read_pixels()[0],
    }
    for name, hosts in sets.items():
        noise = unit_rows(random.normal(size=(N_STRANGERS, hosts.shape[1])).astype(np.float32))
        planted = {"noise": noise}
        for other in ("digits", "garments", "stamps"):
            if not name.startswith(other) and hosts.shape[1] == sets[other].shape[1]:
                planted[other] = sets[other][random.choice(len(sets[other]), N_STRANGERS, replace=False)]
        n_far_out = count_far_out(hosts, hosts[:0])[0]
        found = ", ".join(f"{count_far_out(hosts, those)[1]} of {what}" for what, those in planted.items())
        share = n_far_out / len(hosts)
        print(f"{name:20} {n_far_out:3} of {len(hosts)} ({share:.2%}); of {N_STRANGERS} strangers: {found}")


if __name__ == "__main__":
    main()
