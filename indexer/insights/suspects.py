"""Points whose class their neighborhood contradicts, ranked.

Two scores speak against a class, both above 0 when they do. The *ridge margin* is what least squares, fitted without
the point, predicts for the best other class less what it predicts for the given class (`leave_out_ridge`). The
*relative distance* compares the nearest points of the given class with the nearest of the others
(`relative_distance`); points whose class the ridge clearly contradicts do not vote in it, so that two wrong labels
side by side do not vouch for each other. The ranking is by their sum.

It is a ranking to review from the top, not a verdict: one clean object in ten has a margin above 0. What was measured
is printed by ``python -m benchmarks.label_noise``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import InvalidOptionsError
from indexer.insights.class_numbers import Names, number_names
from indexer.insights.leave_out_ridge import LeaveOutRidge
from indexer.insights.neighbor_graph import NeighborGraph, build_neighbor_graph
from indexer.insights.ranks import rank_to_unit
from indexer.insights.relative_distance import RelativeDistance
from indexer.insights.shared_origin import SharedOrigin

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Method = Literal["combined", "ridge"]

CONTRADICTED = 0.4  # ridge margin from which a point has no vote; .3 to .5 measure alike
SMALL_CLASS = 3  # members; up to this many are compared with each other


@dataclass(frozen=True)
class SuspectColumns:
    """One row a point.

    Attributes:
        classes: The class names, sorted; numbers below point into it.
        given: int32 (N,), the class that each point has, -1 where it has none.
        score: float32 (N,), 0..1 by rank, 1 is the most suspect; nan where the point cannot be ranked.
        ridge_margin: float32 (N,), above 0 where the ridge prefers another class; nan as above.
        relative_distance: float32 (N,), above 0 where another class is nearer; nan as above.
        suggested: int32 (N,), the class that the ridge prefers, -1 where nothing speaks against the given one.
        evidence: int32 (N, 10), the nearest points that have a say, nearest first, padded with -1; where none of the
            neighbors has one, those that share the point's pixels or image.
        has_witness: bool (N,), whether the evidence has a say.
        why_empty: Why no point is ranked, or None.
    """

    classes: tuple[str, ...]
    given: npt.NDArray[np.int32]
    score: Floats
    ridge_margin: Floats
    relative_distance: Floats
    suggested: npt.NDArray[np.int32]
    evidence: npt.NDArray[np.int32]
    has_witness: npt.NDArray[np.bool_]
    why_empty: str | None = None

    def top(self, n_suspects: int) -> Rows:
        """The most suspect points against which something speaks, int64 (at most ``n_suspects``,), worst first."""
        order = np.argsort(-self.score, kind="stable")  # nan sorts last
        return order[self.suggested[order] >= 0][:n_suspects]


def rank_suspects(
    embeddings: Embeddings,
    class_names: Names,
    *,
    image_index: npt.NDArray[np.integer] | None = None,
    graph: NeighborGraph | None = None,
    method: Method = "combined",
    on_progress: Progress = ignore_progress,
) -> SuspectColumns:
    """Rank all points by how strongly their neighborhood contradicts their class.

    Args:
        embeddings: float32 (N, D).
        class_names: str or object (N,), None or empty where a point has no class.
        image_index: int (N,), equal for points of one source image, which do not vote on each other.
        graph: The neighbor graph of the same points; built when not given.
        method: ``combined`` as described above; ``ridge`` ranks by the ridge margin alone.
        on_progress: Called with the stages "neighbor graph" and "suspects: fit".

    Returns:
        The columns; when no point can be ranked they say why.

    Raises:
        InvalidOptionsError: Columns differ in length, or the method is unknown.
        EmbeddingError: An embedding is not finite.
    """
    origin = SharedOrigin.of(len(embeddings), image_index=image_index)
    model = SuspectModel(embeddings, class_names, origin=origin, graph=graph, on_progress=on_progress)
    return model.rank(method)


class SuspectModel:
    """The fitted scores, kept so that a relabel or a dismissal costs one product instead of everything.

    Args:
        embeddings: float32 (N, D); kept, not copied.
        class_names: str or object (N,), None or empty where a point has no class.
        origin: Which points share an image or pixels; every point its own when not given.
        graph: The neighbor graph of the same points; built when not given.
        on_progress: As in `rank_suspects`.

    Raises:
        InvalidOptionsError: Columns differ in length.
        EmbeddingError: An embedding is not finite.
    """

    def __init__(
        self,
        embeddings: Embeddings,
        class_names: Names,
        *,
        origin: SharedOrigin | None = None,
        graph: NeighborGraph | None = None,
        on_progress: Progress = ignore_progress,
    ) -> None:
        graph = graph or build_neighbor_graph(embeddings, on_progress=on_progress)
        if not len(embeddings) == len(class_names) == graph.n_points:
            raise InvalidOptionsError(
                f"{len(embeddings)} embeddings, {len(class_names)} class names and a graph of {graph.n_points} points "
                "do not belong together"
            )
        self._classes, self._given = number_names(class_names)
        self._confirmed = np.zeros(len(embeddings), dtype=bool)
        self._labelled = np.flatnonzero(self._given >= 0)
        self._why_empty = _explain_emptiness(self._classes, self._given)
        if self._why_empty is None:
            origin = origin or SharedOrigin()
            groups = origin.group(graph)[self._labelled]
            given = self._given[self._labelled]
            self._ridge = LeaveOutRidge(embeddings, self._labelled, given, groups=groups, on_progress=on_progress)
            self._margin, self._other = self._read_ridge()
            self._distance = RelativeDistance(embeddings, graph, origin, classes=self._given, votes=self._find_voters())

    def relabel(self, rows: npt.NDArray[np.integer], class_names: Sequence[str]) -> None:
        """Give points other classes, as if the model had been made with them (the ridge's penalty stays).

        Args:
            rows: int (b,), labelled points.
            class_names: Their new classes, known or new.

        Raises:
            InvalidOptionsError: A point has no class yet or shall have none; make a new model then.
        """
        rows = np.asarray(rows, dtype=np.int64)
        if self._why_empty is not None or (self._given[rows] < 0).any() or not all(class_names):
            raise InvalidOptionsError("only a point that has a class can be given another; make a new SuspectModel")
        self._classes += tuple(sorted(set(class_names) - set(self._classes)))
        number_of = {name: number for number, name in enumerate(self._classes)}
        numbers = np.array([number_of[name] for name in class_names], dtype=np.int64)
        self._given[rows] = numbers
        self._ridge.relabel(np.searchsorted(self._labelled, rows), numbers)
        self._margin, self._other = self._read_ridge()
        self._distance.update(self._given, self._find_voters())

    def confirm(self, rows: npt.NDArray[np.integer]) -> None:
        """Take note that a person dismissed the suspicion: the points leave the ranking and keep their votes."""
        self._set_confirmed(rows, np.True_)

    def reopen(self, rows: npt.NDArray[np.integer]) -> None:
        """Take back what ``confirm`` noted: the points are ranked again."""
        self._set_confirmed(rows, np.False_)

    def _set_confirmed(self, rows: npt.NDArray[np.integer], value: np.bool_) -> None:
        self._confirmed[rows] = value
        if self._why_empty is None:
            self._distance.update(self._given, self._find_voters())

    def rank(self, method: Method = "combined") -> SuspectColumns:
        """The ranking as it stands.

        Raises:
            InvalidOptionsError: The method is unknown.
        """
        if method not in get_args(Method):
            raise InvalidOptionsError(f"unknown suspects method '{method}'; known: {', '.join(get_args(Method))}")
        if self._why_empty is not None:
            return _empty_columns(self._classes, self._given, self._why_empty)
        margin, distance = self._margin, self._distance.scores()
        is_ranked = (self._given >= 0) & ~self._confirmed
        strength = margin + distance if method == "combined" else margin
        score = np.full(len(margin), np.nan, dtype=np.float32)
        score[is_ranked] = rank_to_unit(_judge_small_classes(strength, self._given)[is_ranked])
        is_contradicted = is_ranked & ((margin > 0) | (distance > 0))
        return SuspectColumns(
            classes=self._classes,
            given=self._given.astype(np.int32),
            score=score,
            ridge_margin=np.where(is_ranked, margin, np.float32(np.nan)),
            relative_distance=np.where(is_ranked, distance, np.float32(np.nan)),
            suggested=np.where(is_contradicted, self._other, -1).astype(np.int32),
            evidence=self._distance.evidence.copy(),
            has_witness=self._distance.has_witness.copy(),
        )

    def _read_ridge(self) -> tuple[Floats, Rows]:
        """Margins and best other classes of all points; nan and -1 where unlabelled."""
        margin = np.full(len(self._given), np.nan, dtype=np.float32)
        other = np.full(len(self._given), -1, dtype=np.int64)
        margin[self._labelled], other[self._labelled] = self._ridge.margins()
        return margin, other

    def _find_voters(self) -> npt.NDArray[np.bool_]:
        """Labelled points that the ridge does not clearly contradict, and all of a class that would have none."""
        votes = (self._given >= 0) & (self._confirmed | ~(self._margin > CONTRADICTED))
        n_votes = np.bincount(self._given[votes], minlength=len(self._classes))
        return np.asarray(votes | ((self._given >= 0) & (n_votes[self._given] == 0)))


def describe_suspect(columns: SuspectColumns, i: int) -> str:
    """Say in words what speaks against the class of point ``i``, for example "9 of its 10 nearest are 3"."""
    if columns.why_empty is not None:
        return columns.why_empty
    if columns.given[i] < 0:
        return "it has no class"
    if np.isnan(columns.score[i]):
        return "a person confirmed its class"
    spoken = columns.given[columns.evidence[i][columns.evidence[i] >= 0]]
    if not len(spoken):
        return "none of its nearest has a say about it"
    return _count_votes(columns, i, spoken) if columns.has_witness[i] else _count_copies(columns, spoken)


def _count_votes(columns: SuspectColumns, i: int, spoken: npt.NDArray[np.int32]) -> str:
    own, suggested = columns.given[i], columns.suggested[i]
    n_own, n_suggested = int((spoken == own).sum()), int((spoken == suggested).sum())
    if suggested < 0 or n_own > n_suggested:
        told = _count_nearest(n_own, len(spoken), columns.classes[own])
        return told if suggested < 0 else f"{told}, but all points together say {columns.classes[suggested]}"
    return _count_nearest(n_suggested, len(spoken), columns.classes[suggested])


def _count_copies(columns: SuspectColumns, spoken: npt.NDArray[np.int32]) -> str:
    most = int(np.bincount(spoken).argmax())
    told = _count_nearest(int((spoken == most).sum()), len(spoken), columns.classes[most])
    return f"{told}, but {'it is a copy' if len(spoken) == 1 else 'they are copies'} of it or from its image"


def _count_nearest(n_counted: int, n_nearest: int, name: str) -> str:
    if n_nearest == 1:
        return f"its nearest is {'' if n_counted else 'not '}{name}"
    counted = "none" if n_counted == 0 else str(n_counted)
    return f"{counted} of its {n_nearest} nearest {'is' if n_counted == 1 else 'are'} {name}"


def _explain_emptiness(classes: tuple[str, ...], given: Rows) -> str | None:
    if not classes:
        return f"none of the {len(given)} points has a class" if len(given) else "there are no points"
    n_labelled = int((given >= 0).sum())
    if n_labelled == 1:
        return f"only one point has a class, '{classes[0]}'; a suspect takes two classes"
    if len(classes) == 1:
        return f"all {n_labelled} points with a class are '{classes[0]}'; a suspect takes two classes"
    if n_labelled == len(classes):
        return f"each of the {n_labelled} classes has one member; none can be compared with its own class"
    return None


def _empty_columns(classes: tuple[str, ...], given: Rows, why_empty: str) -> SuspectColumns:
    unknown = np.full(len(given), np.nan, dtype=np.float32)
    nobody = np.full(len(given), -1, dtype=np.int32)
    no_evidence = np.full((len(given), 10), -1, dtype=np.int32)
    return SuspectColumns(
        classes=classes,
        given=given.astype(np.int32),
        score=unknown,
        ridge_margin=unknown.copy(),
        relative_distance=unknown.copy(),
        suggested=nobody,
        evidence=no_evidence,
        has_witness=np.zeros(len(given), dtype=bool),
        why_empty=why_empty,
    )


def _judge_small_classes(strength: Floats, given: Rows) -> Floats:
    """Judge the members of a class of one to three against each other.

    So few cannot testify for one another: left out, a member finds nothing of its class, whatever its picture shows,
    and every rare class would be on top whole. What singles one out is how much more suspect it is than the least
    suspect member; that one is set to the median of all points, and the others keep their distance above it.
    """
    sizes = np.bincount(given[given >= 0])
    middle = np.nanmedian(strength)
    judged = strength.copy()
    small = np.flatnonzero((given >= 0) & (sizes[given] <= SMALL_CLASS))
    least = np.full(len(sizes), np.inf, dtype=np.float32)
    np.minimum.at(least, given[small], strength[small])
    judged[small] -= np.maximum(least[given[small]] - middle, 0)
    return judged
