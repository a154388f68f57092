"""Other ways to find wrong labels, on the same embeddings; none has seen a true label. Higher is more suspect.

cleanlab is the package, given class probabilities of a logistic regression that has not seen the fold of each point.
The others are a few lines each. SimiFeat (Zhu, Dong and Liu, 2022) and the neural relation graph (Kim et al., 2023) are
written from the ideas of their papers, not from their code, and may be weaker than that.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.noise import LabelledPoints
from indexer.domain import Embeddings
from indexer.neighbors.graph import NeighborGraph

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.floating]

CLEANLAB: Final = ("cleanlab, self-confidence", "cleanlab, normalized margin")
N_VOTES: Final = 10
N_DIMENSIONS: Final = 256  # of the logistic regression; more take longer and predict no better
_LENGTHS: Final = (3, 10)  # of its inputs; the one that predicts the labels better is taken
_MOST_POINTS: Final = 3000  # the relation graph compares all points with all


def score_rivals(points: LabelledPoints, given: Rows) -> dict[str, tuple[Scores, float]]:
    """Scores (N,) and CPU seconds of every rival; both scores of cleanlab share one time."""
    methods: dict[str, Callable[[], Scores]] = {
        "class means": partial(compare_class_means, points.embeddings, given),
        "neighbor vote": partial(count_other_neighbors, points.graph, given),
        "SimiFeat's idea": partial(vote_with_thresholds, points.graph, given),
    }
    if len(given) <= _MOST_POINTS:
        methods["relation graph's idea"] = partial(relate_labels, points.embeddings, given)
    found = {}
    start = time.process_time()
    for name, scores in score_by_cleanlab(points.embeddings, given).items():
        found[name] = scores, time.process_time() - start
    for name, method in methods.items():
        start = time.process_time()
        found[name] = method(), time.process_time() - start
    return found


def compare_class_means(embeddings: Embeddings, given: Rows) -> Scores:
    """Cosine to the nearest other class mean less that to the own one, each without the point."""
    sums = np.zeros((int(given.max()) + 1, embeddings.shape[1]))
    np.add.at(sums, given, embeddings)
    points = np.arange(len(given))
    cosines = embeddings @ (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)).T
    own = sums[given] - embeddings
    nearness = (embeddings * own).sum(axis=1) / np.maximum(np.linalg.norm(own, axis=1), 1e-12)
    cosines[points, given] = -np.inf
    return np.asarray(cosines.max(axis=1) - nearness)


def count_other_neighbors(graph: NeighborGraph, given: Rows) -> Scores:
    """The share of the 20 nearest that have another class."""
    return np.asarray((given[graph.indices] != given[:, None]).mean(axis=1))


def vote_with_thresholds(graph: NeighborGraph, given: Rows) -> Scores:
    """Votes of the 10 nearest by cosine, above a threshold per class.

    Of SimiFeat: a label is right less often in a class whose nearest neighbors agree less; how often sets the threshold
    above which a member's votes are trusted.
    """
    n_points, n_classes = len(given), int(given.max()) + 1
    votes = np.zeros((n_points, n_classes))
    nearest = given[graph.indices[:, :N_VOTES]]
    np.add.at(votes, (np.arange(n_points)[:, None], nearest), np.maximum(graph.similarities[:, :N_VOTES], 0))
    votes /= np.maximum(votes.sum(axis=1, keepdims=True), 1e-12)
    points = np.arange(n_points)
    own = votes[points, given]
    votes[points, given] = -np.inf
    margins = votes.max(axis=1) - own
    agrees = (given[graph.indices[:, :2]] == given[:, None]).all(axis=1)
    for number in np.unique(given):
        members = np.flatnonzero(given == number)
        share_right = np.sqrt(agrees[members].mean())
        margins[members] -= np.quantile(margins[members], share_right)
    return np.asarray(margins)


def relate_labels(embeddings: Embeddings, given: Rows) -> Scores:
    """Of the relation graph: points speak for their class as far as they are alike, and against it when distrusted."""
    centred = embeddings - embeddings.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    alike = np.maximum(centred @ centred.T, 0) ** 4
    np.fill_diagonal(alike, 0)
    is_of = np.eye(int(given.max()) + 1, dtype=np.float32)[given]
    points, scores = np.arange(len(given)), np.zeros(len(given))
    for _ in range(5):
        trust = np.where(scores > 0, -1.0, 1.0).astype(np.float32)
        spoken = alike @ (is_of * trust[:, None]) / np.maximum(alike.sum(axis=1, keepdims=True), 1e-12)
        own = spoken[points, given]
        spoken[points, given] = -np.inf
        scores = spoken.max(axis=1) - own
    return np.asarray(scores)


def score_by_cleanlab(embeddings: Embeddings, given: Rows) -> dict[str, Scores]:
    """Both scores of cleanlab on the better of two cross-validated logistic regressions."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.decomposition import PCA
    from sklearn.metrics import log_loss

    centred = embeddings - embeddings.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    if min(centred.shape) > N_DIMENSIONS:
        centred = PCA(N_DIMENSIONS, random_state=0).fit_transform(centred)
    _, numbers = np.unique(given, return_inverse=True)
    tried = [_predict_out_of_sample(length * centred, numbers) for length in _LENGTHS]
    probabilities = min(tried, key=lambda predicted: log_loss(numbers, predicted))
    methods = ("self_confidence", "normalized_margin")
    return {
        title: -get_label_quality_scores(numbers, probabilities, method=method)
        for title, method in zip(CLEANLAB, methods, strict=True)
    }


def _predict_out_of_sample(inputs: Embeddings, numbers: npt.NDArray[np.integer]) -> Scores:
    """Class probabilities (N, C) of a logistic regression that has not seen the fold of each point."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class with fewer members than folds, and slow convergence
        predicted = cross_val_predict(
            LogisticRegression(max_iter=200), inputs, numbers, cv=folds, method="predict_proba"
        )
    return np.asarray(predicted)
