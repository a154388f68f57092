"""Benchmark of label errors found: ``python -m benchmarks.label_noise``, or a smaller one with ``--quick``.

Real pictures are embedded once with the real network, labels are made wrong in every way that `benchmarks.noise` knows,
and every method ranks all points by how wrong their label seems. The rivals of `benchmarks.rivals` get the same
embeddings in the same process. The score was tuned on all data sets but the clip art, which decided nothing.

Printed per data set: average precision with its spread over the seeds, precision at a budget of as many as are wrong,
AUROC, CPU seconds, where a method of cleanlab is ahead, and how the points that ``lookalike check`` counts fare.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks import clip_art, digits, fashion_mnist, stamps
from benchmarks.noise import CLEAN, KINDS, RARE, SIZES, LabelledPoints, Noise, Wrong, plant_errors
from benchmarks.rivals import CLEANLAB, Rows, Scores, score_rivals
from indexer.insights.gate import CLEAR_DISTANCE, CLEAR_MARGIN, find_clear_suspects
from indexer.insights.suspects import SuspectColumns, SuspectModel

OURS: Final = "ours"
BETTER: Final = "cleanlab, the better"
MEASURES: Final = ("average precision", "precision at budget", "AUROC")
_RARE_SEEDS: Final = 3  # times as many draws for rare classes: each has few errors
_QUICK: Final = (KINDS[0], KINDS[5], KINDS[6], KINDS[10], SIZES[0], RARE)
_FASHION_TRAIN: Final = slice(30_000, 35_000)

DATA: Final[Mapping[str, Callable[[], LabelledPoints]]] = {
    "stamps": lambda: _number("stamps", *stamps.read_embeddings()),
    "stamps twice": lambda: _number("stamps twice", *stamps.read_embeddings(is_twice=True)),
    "clip art": lambda: _number("clip art", *clip_art.read_embeddings()),
    "digits": lambda: _number("digits", *digits.read_embeddings()),
    "digits' pixels": lambda: _number("digits' pixels", *digits.read_pixels()),
    "fashion train": lambda: _read_fashion("fashion train", "train", _FASHION_TRAIN),
    "fashion test": lambda: _read_fashion("fashion test", "t10k", slice(0, 10_000)),
}


@dataclass
class Measured:
    """Results of the runs on one data set.

    Attributes:
        values: Method and noise -> one (average precision, precision at budget, AUROC) per run.
        seconds: Method -> CPU seconds of each run.
        counted: Noise -> per run how many points there are, are wrong, were counted by the gate, were hit by it.
    """

    values: dict[tuple[str, Noise], list[tuple[float, ...]]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counted: dict[Noise, list[tuple[int, ...]]] = field(default_factory=lambda: defaultdict(list))

    def mean(self, method: str, noise: Noise, measure: int = 0) -> float:
        """A measure's mean over the runs; of cleanlab's scores the one with the better average precision."""
        return float(self._runs(method, noise)[:, measure].mean())

    def spread(self, method: str, noise: Noise) -> float:
        """Standard deviation of the average precision over the runs."""
        return float(self._runs(method, noise)[:, 0].std(ddof=1)) if len(self._runs(method, noise)) > 1 else 0.0

    def _runs(self, method: str, noise: Noise) -> npt.NDArray[np.float64]:
        if method == BETTER:
            method = max(CLEANLAB, key=lambda one: self.mean(one, noise))
        return np.array(self.values[method, noise])


def measure(points: LabelledPoints, noises: Sequence[Noise], n_seeds: int) -> Measured:
    """Plant every noise under every seed and score it with every method."""
    measured = Measured()
    _ = points.confusable  # found once, in nobody's time
    for noise, seed in _list_runs(noises, n_seeds):
        taking_part, given, is_wrong = plant_errors(points, noise, seed)
        _ = taking_part.graph
        start = time.process_time()
        model = SuspectModel(taking_part.embeddings, _name(given), graph=taking_part.graph)
        columns = model.rank()
        measured.seconds[OURS].append(time.process_time() - start)
        measured.counted[noise].append(_count_clear(columns, is_wrong))
        if not is_wrong.any():
            continue
        scores = {OURS: columns.score, "ours, ridge alone": model.rank("ridge").score}
        for name, (found, seconds) in score_rivals(taking_part, given).items():
            scores[name] = found
            measured.seconds[name].append(seconds)
        for name, found in scores.items():
            measured.values[name, noise].append(evaluate(is_wrong, found))
    return measured


def evaluate(is_wrong: Wrong, scores: Scores) -> tuple[float, float, float]:
    """Average precision, precision among as many as are wrong, and AUROC."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    first = np.argsort(-scores, kind="stable")[: int(is_wrong.sum())]
    return (
        float(average_precision_score(is_wrong, scores)),
        float(is_wrong[first].mean()),
        float(roc_auc_score(is_wrong, scores)),
    )


def _list_runs(noises: Sequence[Noise], n_seeds: int) -> Iterator[tuple[Noise, int]]:
    yield CLEAN, 0
    for noise in noises:
        for seed in range(n_seeds * (_RARE_SEEDS if noise == RARE else 1)):
            yield noise, seed


def _name(given: Rows) -> npt.NDArray[np.str_]:
    return np.array([f"{number:04}" for number in given])


def _number(name: str, embeddings: npt.NDArray[np.float32], classes: npt.NDArray[np.generic]) -> LabelledPoints:
    return LabelledPoints(name, embeddings, np.unique(classes, return_inverse=True)[1].astype(np.int64))


def _read_fashion(name: str, part: fashion_mnist.Part, rows: slice) -> LabelledPoints:
    embeddings = fashion_mnist.read_embeddings(rows.stop, part=part, start=rows.start)
    return _number(name, embeddings, fashion_mnist.read_classes(rows.stop, part=part)[rows.start :])


def _count_clear(columns: SuspectColumns, is_wrong: Wrong) -> tuple[int, ...]:
    counted = find_clear_suspects(columns)
    return len(is_wrong), int(is_wrong.sum()), len(counted), int(is_wrong[counted].sum())


def print_tables(points: LabelledPoints, measured: Measured, noises: Sequence[Noise]) -> None:
    """Print what was measured on one data set as Markdown."""
    print(f"\n## {points.name}: {len(points.classes)} points, {points.n_classes} classes")
    methods = [OURS, BETTER, *dict.fromkeys(method for method, _ in measured.values if method != OURS)]
    print("\nAverage precision (standard deviation in thousandths); CPU seconds per run\n")
    _print_row("method", [*map(str, noises), "mean", "s"])
    _print_row("---", ["---"] * (len(noises) + 2))
    for method in methods:
        means = [measured.mean(method, noise) for noise in noises]
        cells = [
            f"{mean:.3f} ({1000 * measured.spread(method, noise):.0f})"
            for mean, noise in zip(means, noises, strict=True)
        ]
        spent = measured.seconds.get(CLEANLAB[0] if method == BETTER else method)
        _print_row(method, [*cells, f"{np.mean(means):.3f}", f"{np.mean(spent):.2f}" if spent else ""])
    print("\nPrecision at budget, AUROC\n")
    _print_row("method", list(map(str, noises)))
    _print_row("---", ["---"] * len(noises))
    for method in (OURS, BETTER):
        values = [[measured.mean(method, noise, number) for number in (1, 2)] for noise in noises]
        _print_row(method, [f"{budget:.3f}, {auroc:.3f}" for budget, auroc in values])
    behind = {noise: measured.mean(OURS, noise) - measured.mean(BETTER, noise) for noise in noises}
    lost = [f"{noise} by {-gain:.3f}" for noise, gain in behind.items() if gain < 0]
    print(f"\nBehind the better of cleanlab's scores: {'; '.join(lost) or 'nowhere'}")
    _print_gate(measured)


def _print_row(name: str, cells: Sequence[str]) -> None:
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _print_gate(measured: Measured) -> None:
    print(f"\nCounted by the gate: ridge margin > {CLEAR_MARGIN:g} and relative distance > {CLEAR_DISTANCE:g}\n")
    _print_row("noise", ["counted of all points", "precision", "recall"])
    _print_row("---", ["---"] * 3)
    for noise, runs in measured.counted.items():
        n_points, n_wrong, n_counted, n_hits = np.sum(runs, axis=0)
        precision = f"{n_hits / n_counted:.3f}" if n_wrong and n_counted else "-"
        recall = f"{n_hits / n_wrong:.3f}" if n_wrong else "-"
        _print_row(noise.kind if noise == CLEAN else str(noise), [f"{n_counted / n_points:.2%}", precision, recall])


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.label_noise", description=__doc__.splitlines()[0])
    parser.add_argument("--data", choices=DATA, nargs="*", default=list(DATA), help="which data sets")
    parser.add_argument("--seeds", type=int, default=3, help="how often each noise is drawn")
    parser.add_argument("--quick", action="store_true", help="six kinds of noise, one seed, without Fashion-MNIST")
    options = parser.parse_args(arguments)
    noises = _QUICK if options.quick else (*KINDS, *SIZES, RARE)
    names = [name for name in options.data if not options.quick or "fashion" not in name]
    for name in names:
        points = DATA[name]()
        print_tables(points, measure(points, noises, 1 if options.quick else options.seeds), noises)


if __name__ == "__main__":
    main()
