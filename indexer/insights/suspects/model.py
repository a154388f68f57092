"""Points whose class their neighborhood contradicts, ranked.

Two scores speak against a class, both above 0 when they do. The *ridge margin* is what least squares, fitted without
the point, predicts for the best other class less what it predicts for the given class (`leave_out_ridge`). The
*relative distance* compares the nearest points of the given class with the nearest of the others
(`relative_distance`). Points whose class the ridge contradicts do not vote in it, so that two wrong labels side by side
do not vouch for each other. The ranking is by their sum.

Both are taken twice. The reading for scattered errors follows the labels closely and trusts near neighbors. The reading
for clumps asks what the classes at large look like (`label_readings`). How many contradicted points sit together
decides for each point how much of which counts (`clumps`).

It is a ranking to review from the top, not a verdict: one clean object in ten has a margin above 0. What was measured
is printed by ``python -m benchmarks.label_noise``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from indexer.collection.class_numbers import Names, number_names
from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import InvalidOptionsError
from indexer.insights.ranks import class_medians, rank_to_unit
from indexer.insights.suspects.clumps import find_groups, weigh_clumps
from indexer.insights.suspects.columns import SuspectColumns
from indexer.insights.suspects.label_readings import LabelReader, LabelReadings
from indexer.insights.suspects.leave_out_ridge import LeaveOutRidge
from indexer.insights.suspects.relative_distance import RelativeDistance
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph
from indexer.neighbors.shared_origin import SharedOrigin

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Method = Literal["combined", "ridge"]

Mask = npt.NDArray[np.bool_]

NO_VOTE_MARGIN = 0.4  # margin of the scattered reading from which a point has no vote; .3 to .5 measure alike
VOTE_SHARE = 0.5  # of its class's median margin that a point needs for a vote at large; .5 to 1 measure alike
CONTRADICTED_MARGIN = 0.1  # margin from which the classes at large contradict a label
CLUMPED = 0.5  # weight of the reading for clumps from which it is the one that is told
GROUP_STRENGTH = 0.5  # score from which a point of a clump is told as one of a group
SMALL_CLASS = 3  # members; up to this many are compared with each other


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
    return model.rank(method, on_progress=on_progress)


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
        self._embeddings, self._graph, self._origin = embeddings, graph, origin or SharedOrigin()
        self._confirmed = np.zeros(len(embeddings), dtype=bool)
        self._labelled = np.flatnonzero(self._given >= 0)
        self._why_empty = _explain_emptiness(self._classes, self._given)
        self._reading: _Reading | None = None
        self._distances: tuple[RelativeDistance, RelativeDistance] | None = None
        if self._why_empty is None:
            groups = self._origin.group(graph)[self._labelled]
            ridge = LeaveOutRidge(embeddings, self._labelled, groups=groups, on_progress=on_progress)
            self._reader = LabelReader(ridge)

    def relabel(self, rows: npt.NDArray[np.integer], class_names: Sequence[str]) -> None:
        """Give points other classes, as if the model had been made with them.

        Args:
            rows: int (b,), labelled points.
            class_names: Their new classes, known or new.

        Raises:
            InvalidOptionsError: A point has no class yet or shall have none, or all would have one or each its own;
                make a new model then.
        """
        rows = np.asarray(rows, dtype=np.int64)
        if self._why_empty is not None or (self._given[rows] < 0).any() or not all(class_names):
            raise InvalidOptionsError("only a point that has a class can be given another; make a new SuspectModel")
        classes = self._classes + tuple(sorted(set(class_names) - set(self._classes)))
        number_of, given = {name: number for number, name in enumerate(classes)}, self._given.copy()
        given[rows] = [number_of[name] for name in class_names]
        n_called = np.count_nonzero(np.bincount(given[self._labelled]))
        if not len(self._labelled) > n_called > 1:
            raise InvalidOptionsError("nothing is left to compare with; make a new SuspectModel, which says why")
        self._classes, self._given, self._reading = classes, given, None

    def confirm(self, rows: npt.NDArray[np.integer]) -> None:
        """Accept that a person found the labels right: the points leave the ranking and keep their votes."""
        self._confirmed[rows] = True
        self._reading = None

    def reopen(self, rows: npt.NDArray[np.integer]) -> None:
        """Take back what ``confirm`` said: the points are ranked again."""
        self._confirmed[rows] = False
        self._reading = None

    def rank(self, method: Method = "combined", *, on_progress: Progress = ignore_progress) -> SuspectColumns:
        """The ranking as it stands.

        Args:
            method: As in `rank_suspects`.
            on_progress: Called with the stage "suspects: fit" if labels changed much.

        Raises:
            InvalidOptionsError: The method is unknown.
        """
        if method not in get_args(Method):
            raise InvalidOptionsError(f"unknown suspects method '{method}'; known: {', '.join(get_args(Method))}")
        if self._why_empty is not None:
            return SuspectColumns.empty(self._classes, self._given, self._why_empty)
        if self._reading is None:
            self._reading = self._read(on_progress)
        reading = self._reading
        is_ranked = (self._given >= 0) & ~self._confirmed
        strength = reading.margin + reading.distance if method == "combined" else reading.margin
        score = np.full(len(strength), np.nan, dtype=np.float32)
        score[is_ranked] = rank_to_unit(_judge_small_classes(strength, self._given)[is_ranked])
        is_contradicted = is_ranked & ((reading.margin > 0) | (reading.distance > 0))
        is_clumped = is_contradicted & reading.has_mates
        is_member = is_clumped & (reading.margin + reading.distance >= GROUP_STRENGTH)
        suggested = np.where(is_contradicted, reading.other, -1)
        return SuspectColumns(
            classes=self._classes,
            given=self._given.astype(np.int32),
            score=score,
            ridge_margin=np.where(is_ranked, reading.margin, np.float32(np.nan)),
            relative_distance=np.where(is_ranked, reading.distance, np.float32(np.nan)),
            suggested=suggested.astype(np.int32),
            evidence=reading.evidence,
            has_witness=reading.has_witness,
            is_clumped=is_clumped,
            group=find_groups(self._graph, given=self._given, suggested=suggested, is_member=is_member),
        )

    def _read(self, on_progress: Progress) -> _Reading:
        """Judge all labels as they are now."""
        labelled, given, n_classes = self._labelled, self._given, len(self._classes)
        certain = self._confirmed[labelled]
        labels = self._reader.read(given[labelled], n_classes, certain=certain, on_progress=on_progress)
        clumps = weigh_clumps(
            self._graph,
            self._origin,
            given=given,
            is_contradicted=self._find_contradicted(labels) & ~self._confirmed,
            predicted=self._spread(labels.replaced.others),
        )
        weight = clumps.weight
        scattered, clumped = self._measure_distances(labels, weight)
        is_clumped = weight >= CLUMPED
        of_clump = np.where(weight > 0, clumped.scores(), np.float32(0))
        return _Reading(
            margin=_mix(weight, self._spread(labels.scattered.margins), self._spread(labels.clumped.margins)),
            distance=_mix(weight, scattered.scores(), of_clump),
            other=np.where(is_clumped, self._spread(labels.clumped.others), self._spread(labels.scattered.others)),
            has_mates=clumps.local >= CLUMPED,
            evidence=np.where(is_clumped[:, None], clumped.evidence, scattered.evidence),
            has_witness=np.where(is_clumped, clumped.has_witness, scattered.has_witness),
        )

    def _find_contradicted(self, labels: LabelReadings) -> Mask:
        """Points that the classes at large contradict, as their labels say it and more so with the wrong ones replaced.

        Half of each class is never among them, so that a class keeps witnesses.
        """
        plain, replaced = self._spread(labels.plain.margins), self._spread(labels.replaced.margins)
        with np.errstate(invalid="ignore"):
            bound = np.maximum(CONTRADICTED_MARGIN, self._class_medians(replaced))
            return np.asarray((plain > 0) & (replaced > bound))

    def _measure_distances(self, labels: LabelReadings, weight: Floats) -> tuple[RelativeDistance, RelativeDistance]:
        """The relative distances of both readings, of the second only if it counts."""
        margins = self._spread(labels.scattered.margins)
        at_large = self._spread(labels.clumped.margins)
        votes = self._find_voters(~(margins > NO_VOTE_MARGIN))
        usual = self._class_medians(at_large)
        votes_at_large = self._find_voters(at_large <= np.maximum(VOTE_SHARE * usual, usual))
        if self._distances is None:
            points = self._embeddings, self._graph, self._origin
            self._distances = (
                RelativeDistance(*points, classes=self._given, votes=votes),
                RelativeDistance(*points, classes=self._given, votes=votes_at_large, wanted=weight > 0),
            )
        else:
            self._distances[0].update(self._given, votes)
            self._distances[1].update(self._given, votes_at_large, weight > 0)
        return self._distances

    def _find_voters(self, is_credible: Mask) -> Mask:
        """Labelled points that are credible or confirmed, and all of a class that would have none."""
        votes = (self._given >= 0) & (self._confirmed | is_credible)
        n_votes = np.bincount(self._given[votes], minlength=len(self._classes))
        return np.asarray(votes | ((self._given >= 0) & (n_votes[self._given] == 0)))

    def _class_medians(self, values: Floats) -> Floats:
        """The median of each point's class, float32 (N,); nan where unlabelled."""
        labelled = self._labelled
        return self._spread(class_medians(values[labelled], self._given[labelled]))

    def _spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values of the labelled points (n,) as those of all points (N,); nan, or -1 for numbers, where unlabelled."""
        missing = np.nan if values.dtype.kind == "f" else -1
        spread = np.full(len(self._given), missing, dtype=values.dtype)
        spread[self._labelled] = values
        return spread


@dataclass(frozen=True)
class _Reading:
    """Compute what is known of all points as they are labelled now; the columns are those of `SuspectColumns`."""

    margin: Floats
    distance: Floats
    other: Rows
    has_mates: Mask
    evidence: npt.NDArray[np.int32]
    has_witness: Mask


def _mix(weight: Floats, scattered: Floats, clumped: Floats) -> Floats:
    return np.asarray((1 - weight) * scattered + weight * clumped, dtype=np.float32)


def _explain_emptiness(classes: tuple[str, ...], given: Rows) -> str | None:
    if not classes:
        if len(given) == 1:
            return "the only point has no class"
        return f"none of the {len(given):,} points has a class" if len(given) else "there are no points"
    n_labelled = int((given >= 0).sum())
    if n_labelled == 1:
        return f"only one point has a class, '{classes[0]}'; a suspect takes two classes"
    if len(classes) == 1:
        return f"all {n_labelled} points with a class are '{classes[0]}'; a suspect takes two classes"
    if n_labelled == len(classes):
        return f"each of the {n_labelled} classes has one member; none can be compared with its own class"
    return None


def _judge_small_classes(strength: Floats, given: Rows) -> Floats:
    """Judge the members of a class of one to three against each other.

    So few cannot testify for one another. Left out, a member finds nothing of its class, whatever its picture shows,
    and every rare class would be on top whole. What singles one out is how much more suspect it is than the least
    suspect member. That one is set to the median of all points, and the others keep their distance above it.
    """
    sizes = np.bincount(given[given >= 0])
    middle = np.nanmedian(strength)
    judged = strength.copy()
    small = np.flatnonzero((given >= 0) & (sizes[given] <= SMALL_CLASS))
    least = np.full(len(sizes), np.inf, dtype=np.float32)
    np.minimum.at(least, given[small], strength[small])
    judged[small] -= np.maximum(least[given[small]] - middle, 0)
    return judged
