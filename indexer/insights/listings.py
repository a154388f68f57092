"""Entries of the lists that ``Groups`` answers with: values and whole points, without rounding or JSON."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.collection.snapshot import Ids
from indexer.domain import Point


@dataclass(frozen=True, slots=True)
class ListedCluster:
    """A cluster with its most typical points.

    Attributes:
        number: Its place among all clusters.
        name: Unique among the clusters, after the classes in it.
        size: How many points are in it.
        n_matching: How many of them fit what was asked for.
        dominant_class: The class that most of its labelled points have, None if none is labelled.
        purity: That class's share of the labelled points in 0..1, 0 if none is labelled.
        examples: The medoid first.
    """

    number: int
    name: str
    size: int
    n_matching: int
    dominant_class: str | None
    purity: float
    examples: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ClusterPoints:
    """The points of one cluster.

    Attributes:
        name: The cluster's name.
        ids: Ids of its points, ascending.
    """

    name: str
    ids: Ids


@dataclass(frozen=True, slots=True)
class ListedDuplicates:
    """Points that look the same.

    Attributes:
        size: How many there are.
        lowest_similarity: Cosine of the weakest link that holds the group together.
        is_exact: Whether all of them are exact copies.
        has_class_conflict: Whether they have several classes.
        is_leak: Whether they lie in several datasets.
        points: The first of them.
    """

    size: int
    lowest_similarity: float
    is_exact: bool
    has_class_conflict: bool
    is_leak: bool
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class DuplicateList:
    """Some groups of points that look the same.

    Attributes:
        groups: Those with a conflict or a leak first, then the largest.
        n_groups: How many there are.
    """

    groups: tuple[ListedDuplicates, ...]
    n_groups: int


@dataclass(frozen=True, slots=True)
class Outlier:
    """A point unlike all others.

    Attributes:
        point: The point.
        score: 0 to 1 by rank, 1 is the strangest.
        reason: What is strange about it, in words.
    """

    point: Point
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class ConfusedCell:
    """Points of one given class and one class of the neighborhood.

    Attributes:
        given: The given class.
        neighborhood: The class that most neighbors have.
        count: How many points there are.
        ids: Their ids; empty if both classes are the same.
    """

    given: str
    neighborhood: str
    count: int
    ids: tuple[str, ...]

    @property
    def is_confused(self) -> bool:
        """Whether the neighborhood contradicts the given class."""
        return self.given != self.neighborhood


@dataclass(frozen=True, slots=True)
class Confusion:
    """Given class against the class of the neighborhood.

    Attributes:
        classes: The class names, sorted.
        cells: The cells with points: confused ones first, then the fullest.
    """

    classes: tuple[str, ...]
    cells: tuple[ConfusedCell, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """A picked point.

    Attributes:
        point: The point.
        stands_for: How many points it represents; None if points that differ were picked.
    """

    point: Point
    stands_for: int | None = None
