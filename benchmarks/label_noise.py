"""How well are injected label errors found? ``python -m benchmarks.label_noise``.

Real pictures are embedded once with the real network. Labels are changed at random (uniform 5 % and 10 %) or to the
class that people would confuse (confusable 5 %), and every method ranks all points by how wrong their label seems.
cleanlab runs in the same process on the same embeddings, with out-of-sample probabilities of a five-fold logistic
regression; its inputs are centred and scaled to the length, among three, that predicts the labels best.

Printed: average precision and AUROC, means over the seeds, and the ratio to the better of cleanlab's two scores; then
how the points that ``lookalike check`` counts fare.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from benchmarks import fashion_mnist, stamps
from indexer.domain import Embeddings
from indexer.insights.gate import CLEAR_DISTANCE, CLEAR_MARGIN, find_clear_suspects
from indexer.insights.neighbor_graph import NeighborGraph, build_neighbor_graph
from indexer.insights.suspects import SuspectModel

Names = npt.NDArray[np.str_]
Wrong = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.floating]
Result = TypeVar("Result")

FASHION_CLASSES = np.array(
    ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
)
CONFUSABLE_FASHION = {
    "t-shirt": "shirt",
    "shirt": "t-shirt",
    "pullover": "coat",
    "coat": "pullover",
    "dress": "shirt",
    "trouser": "dress",
    "sandal": "sneaker",
    "sneaker": "boot",
    "boot": "sneaker",
    "bag": "sandal",
}
CLEANLAB = ("cleanlab, self-confidence", "cleanlab, normalized margin")


@dataclass(frozen=True)
class LabelledPictures:
    """Embedded pictures with their true classes, and for each class the one that people might write by mistake."""

    name: str
    embeddings: Embeddings
    class_names: Names
    confusable: Mapping[str, str]


@dataclass(frozen=True)
class Noise:
    """A kind of label error and its share of all labels."""

    kind: str
    share: float

    def __str__(self) -> str:
        return f"{self.kind} {self.share:.0%}"


NOISES = (Noise("uniform", 0.05), Noise("uniform", 0.10), Noise("confusable", 0.05))
CLEAN = Noise("clean", 0.0)


@dataclass(frozen=True)
class GateCount:
    """What the gate's thresholds counted in one run."""

    n_points: int
    n_wrong: int
    n_counted: int
    n_hits: int


def inject_noise(pictures: LabelledPictures, noise: Noise, seed: int) -> tuple[Names, Wrong]:
    """Change a share of the labels; returns the labels and bool (N,), which of them are wrong now."""
    rng = np.random.default_rng(seed)
    names = pictures.class_names.copy()
    classes = np.unique(names)
    rows = rng.choice(len(names), size=round(noise.share * len(names)), replace=False)
    if noise.kind == "confusable":
        names[rows] = [pictures.confusable[name] for name in names[rows]]
    else:
        places = np.searchsorted(classes, names[rows])
        names[rows] = classes[(places + rng.integers(1, len(classes), size=len(rows))) % len(classes)]
    is_wrong = np.zeros(len(names), dtype=bool)
    is_wrong[rows] = True
    return names, is_wrong


def score_by_neighbors(graph: NeighborGraph, names: Names) -> Scores:
    """The share of the 20 nearest neighbors that have another class."""
    return np.asarray((names[graph.indices] != names[:, None]).mean(axis=1))


def score_by_cleanlab(embeddings: Embeddings, names: Names) -> dict[str, Scores]:
    """Run cleanlab on the best of three cross-validated logistic regressions; higher is more suspect."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.metrics import log_loss

    centred = embeddings - embeddings.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    _, numbers = np.unique(names, return_inverse=True)
    tried = [predict_out_of_sample(length * centred, numbers) for length in (1, 3, 10)]
    probabilities = min(tried, key=lambda predicted: log_loss(numbers, predicted))
    methods = ("self_confidence", "normalized_margin")
    return {
        title: -get_label_quality_scores(numbers, probabilities, method=method)
        for title, method in zip(CLEANLAB, methods, strict=True)
    }


def predict_out_of_sample(inputs: Embeddings, numbers: npt.NDArray[np.integer]) -> Scores:
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


def run(pictures: LabelledPictures, *, n_seeds: int) -> None:
    """Score every noise with every method and print the tables."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    embeddings = pictures.embeddings
    graph = build_neighbor_graph(embeddings)
    measured: dict[tuple[str, Noise], list[tuple[float, float]]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    counts: dict[Noise, list[GateCount]] = defaultdict(list)
    for noise, seed in [(CLEAN, 0), *((noise, seed) for noise in NOISES for seed in range(n_seeds))]:
        names, is_wrong = inject_noise(pictures, noise, seed)
        ours, count = _score_ours(embeddings, graph, names, is_wrong, seconds)
        counts[noise].append(count)
        if noise == CLEAN:
            continue
        theirs = _timed(seconds, CLEANLAB[0], partial(score_by_cleanlab, embeddings, names))
        votes = {"neighbors that disagree": score_by_neighbors(graph, names)}
        for method, scores in (ours | theirs | votes).items():
            precision, auroc = average_precision_score(is_wrong, scores), roc_auc_score(is_wrong, scores)
            measured[method, noise].append((float(precision), float(auroc)))
    print(f"\n## {pictures.name}: {len(embeddings)} pictures, {len(np.unique(pictures.class_names))} classes")
    _print_methods(measured, seconds, n_seeds)
    _print_gate(counts)


def _score_ours(
    embeddings: Embeddings, graph: NeighborGraph, names: Names, is_wrong: Wrong, seconds: dict[str, list[float]]
) -> tuple[dict[str, Scores], GateCount]:
    model = _timed(seconds, "ours", partial(SuspectModel, embeddings, names, graph=graph))
    columns = model.rank()
    counted = find_clear_suspects(columns)
    count = GateCount(len(names), int(is_wrong.sum()), len(counted), int(is_wrong[counted].sum()))
    return {"ours": columns.score, "ours, ridge alone": model.rank("ridge").score}, count


def _timed(seconds: dict[str, list[float]], name: str, work: Callable[[], Result]) -> Result:
    start = time.process_time()
    result = work()
    seconds[name].append(time.process_time() - start)
    return result


def _print_methods(
    measured: dict[tuple[str, Noise], list[tuple[float, float]]], seconds: dict[str, list[float]], n_seeds: int
) -> None:
    means = {key: np.mean(values, axis=0) for key, values in measured.items()}
    best_of_cleanlab = {noise: max(means[method, noise][0] for method in CLEANLAB) for noise in NOISES}
    print(f"\nAverage precision (AUROC), x ratio to cleanlab's better score; {n_seeds} seeds; CPU seconds a run\n")
    print("| method | " + " | ".join(str(noise) for noise in NOISES) + " | s |")
    print("|---|" + "---|" * (len(NOISES) + 1))
    for method in dict.fromkeys(method for method, _ in measured):
        cells = [
            f"{means[method, noise][0]:.3f} ({means[method, noise][1]:.3f}) "
            f"x{means[method, noise][0] / best_of_cleanlab[noise]:.2f}"
            for noise in NOISES
        ]
        spent = f"{np.mean(seconds[method]):.1f}" if method in seconds else ""
        print(f"| {method} | " + " | ".join(cells) + f" | {spent} |")


def _print_gate(counts: dict[Noise, list[GateCount]]) -> None:
    print(f"\nCounted by the gate: ridge margin > {CLEAR_MARGIN:g} and relative distance > {CLEAR_DISTANCE:g}\n")
    print("| noise | counted of all points | precision | recall |\n|---|---|---|---|")
    for noise, runs in counts.items():
        n_points, n_wrong, n_counted, n_hits = (
            sum(getattr(run, field) for run in runs) for field in ("n_points", "n_wrong", "n_counted", "n_hits")
        )
        precision = f"{n_hits / n_counted:.3f}" if n_wrong and n_counted else "-"
        recall = f"{n_hits / n_wrong:.3f}" if n_wrong else "-"
        print(f"| {noise.kind if noise == CLEAN else noise} | {n_counted / n_points:.2%} | {precision} | {recall} |")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.label_noise", description=__doc__.splitlines()[0])
    parser.add_argument("--data", choices=["stamps", "fashion", "both"], default="both")
    parser.add_argument("--seeds", type=int, default=3, help="how often each noise is drawn")
    parser.add_argument("--limit", type=int, default=5000, help="how many pictures of Fashion-MNIST")
    options = parser.parse_args(arguments)
    if options.data in ("stamps", "both"):
        run(LabelledPictures("stamps", *stamps.read_embeddings(), stamps.CONFUSABLE), n_seeds=options.seeds)
    if options.data in ("fashion", "both"):
        embeddings = fashion_mnist.read_embeddings(options.limit)
        names = FASHION_CLASSES[fashion_mnist.read_classes(options.limit)]
        run(LabelledPictures("Fashion-MNIST", embeddings, names, CONFUSABLE_FASHION), n_seeds=options.seeds)


if __name__ == "__main__":
    main()
