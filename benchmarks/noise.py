"""Label errors of the kinds that people make, planted in true labels.

*uniform*: a share of all labels becomes another class. *pair*: it becomes the class that its own is most often mistaken
for. *cluster*: points with their nearest of the same class become one other class together. *near*: the same, but they
become the class next door, which is how people err. *rare*: one class is cut to 1 % of the points, and a tenth of it
leaves while as many enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph

Rows = npt.NDArray[np.int64]
Wrong = npt.NDArray[np.bool_]

N_NEAREST: Final = 20
USUAL_SIZE: Final = 20
SMALLEST_RARE_CLASS: Final = 8


@dataclass(frozen=True)
class LabelledPoints:
    """Embedded pictures with their true classes.

    Attributes:
        name: Of the data.
        embeddings: float32 (N, D), rows of length 1.
        classes: int64 (N,), true class numbers in 0..C-1.
    """

    name: str
    embeddings: Embeddings
    classes: Rows

    @property
    def n_classes(self) -> int:
        """C."""
        return int(self.classes.max()) + 1

    @cached_property
    def graph(self) -> NeighborGraph:
        """The 20 nearest of every point."""
        return build_neighbor_graph(self.embeddings, n_neighbors=N_NEAREST)

    @cached_property
    def confusable(self) -> Rows:
        """For each class the other that most of its neighbors have, int64 (C,)."""
        counts = np.zeros((self.n_classes, self.n_classes))
        np.add.at(counts, (np.repeat(self.classes, N_NEAREST), self.classes[self.graph.indices].ravel()), 1)
        np.fill_diagonal(counts, -1)
        return counts.argmax(axis=1)

    def take(self, rows: Rows) -> LabelledPoints:
        """Some of the points."""
        return LabelledPoints(self.name, self.embeddings[rows], self.classes[rows])


@dataclass(frozen=True)
class Noise:
    """A kind of label error.

    Attributes:
        kind: ``uniform``, ``pair``, ``cluster``, ``near`` or ``rare``; ``clean`` for none.
        share: Of all labels, or of the rare class.
        size: Points per clump.
    """

    kind: str
    share: float
    size: int = USUAL_SIZE

    def __str__(self) -> str:
        size = f" of {self.size}" if self.size != USUAL_SIZE else ""
        return f"{self.kind} {self.share:.0%}{size}".replace("%", " %")


CLEAN: Final = Noise("clean", 0.0)
KINDS: Final = tuple(
    Noise(kind, share) for kind in ("uniform", "pair", "cluster", "near") for share in (0.05, 0.1, 0.3)
)
SIZES: Final = tuple(Noise(kind, 0.1, size) for kind in ("cluster", "near") for size in (5, 50))
RARE: Final = Noise("rare", 0.1)


def plant_errors(points: LabelledPoints, noise: Noise, seed: int) -> tuple[LabelledPoints, Rows, Wrong]:
    """Make some labels wrong.

    Returns:
        The points that take part, int64 (n,), their labels, and bool (n,), which of these are wrong.
    """
    rng = np.random.default_rng(seed)
    if noise.kind == "rare":
        points = _make_rare(points, rng)
    given = points.classes.copy()
    if noise.kind in ("uniform", "pair"):
        rows = rng.choice(len(given), size=round(noise.share * len(given)), replace=False)
        given[rows] = points.confusable[given[rows]] if noise.kind == "pair" else _another(given[rows], points, rng)
    elif noise.kind in ("cluster", "near"):
        _plant_clumps(points, given, noise, rng)
    elif noise.kind == "rare":
        rare = int(np.bincount(given, minlength=points.n_classes).argmin())
        members, others = np.flatnonzero(given == rare), np.flatnonzero(given != rare)
        n_swapped = max(1, round(noise.share * len(members)))
        leaving, entering = (rng.choice(rows, n_swapped, replace=False) for rows in (members, others))
        given[leaving] = _another(given[leaving], points, rng)
        given[entering] = rare
    return points, given, given != points.classes


def _make_rare(points: LabelledPoints, rng: np.random.Generator) -> LabelledPoints:
    sizes = np.bincount(points.classes)
    wanted = min(max(SMALLEST_RARE_CLASS, round(0.01 * len(points.classes))), int(sizes.min()))
    members = np.flatnonzero(points.classes == rng.integers(points.n_classes))
    dropped = rng.choice(members, len(members) - wanted, replace=False)
    return points.take(np.setdiff1d(np.arange(len(points.classes)), dropped))


def _another(classes: Rows, points: LabelledPoints, rng: np.random.Generator) -> Rows:
    """Any other class for each, at random."""
    return (classes + rng.integers(1, points.n_classes, size=len(classes))) % points.n_classes


def _plant_clumps(points: LabelledPoints, given: Rows, noise: Noise, rng: np.random.Generator) -> None:
    """Relabel random points with their nearest of the same class, in place, until enough are wrong."""
    classes, n_wrong = points.classes, 0
    for center in rng.permutation(len(classes)):
        if n_wrong >= round(noise.share * len(classes)):
            return
        if given[center] != classes[center]:
            continue
        order = np.argsort(-(points.embeddings @ points.embeddings[center]), kind="stable")
        order = order[order != center]
        clump = order[(classes[order] == classes[center]) & (given[order] == classes[order])][: noise.size - 1]
        clump = np.append(clump, center)
        if noise.kind == "near":
            given[clump] = classes[order[np.argmax(classes[order] != classes[center])]]
        else:
            given[clump] = _another(classes[[center]], points, rng)[0]
        n_wrong += len(clump)
