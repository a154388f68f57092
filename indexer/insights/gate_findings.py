"""The gate for continuous integration: what the insights find in one snapshot, compared with limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from indexer.collection.collections import Collections, count_values
from indexer.collection.snapshot import Rows, Snapshot
from indexer.domain import Point, Progress, ignore_progress
from indexer.insights.duplicates import duplicate_columns
from indexer.insights.gate import CLEAR_SIMILARITY, GateReport, Limits, decide
from indexer.insights.gate_reports import N_EXAMPLES
from indexer.insights.insights import Insights
from indexer.insights.suspects.suspects import Ranking, Suspects
from indexer.payload import PayloadField
from indexer.reviews.review import Review, ReviewVerdict

_MAX_NAMED = 5  # members of one group in a line


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings of a check.

    Attributes:
        report: The checks.
        examples: Check -> its first findings as people would name them.
    """

    report: GateReport
    examples: dict[str, list[str]]


class Gate:
    """Checks the collections of a workspace against limits.

    Args:
        collections: Where snapshots come from.
        insights: Finds copies.
        suspects: Finds wrong labels.
    """

    def __init__(self, collections: Collections, insights: Insights, suspects: Suspects) -> None:
        self._collections, self._insights, self._suspects = collections, insights, suspects

    def check(
        self, name: str | None, find_limits: Callable[[int], Limits], *, on_progress: Progress = ignore_progress
    ) -> Checked:
        """Compare what the insights find with limits.

        The labels of the source count: what a person accepted there is wrong until the source has the right class.

        Args:
            name: Name of the collection, None for the only one.
            find_limits: Gives what is allowed, told how many datasets the collection has.
            on_progress: Told of the neighbor graph and the suspects.
        """

        def answer(snapshot: Snapshot) -> Checked:
            n_datasets = len(count_values(snapshot.fields[PayloadField.DATASET]))
            limits = find_limits(n_datasets)
            ranking = self._suspects.rank(snapshot, on_progress=on_progress)
            moment = self._insights.moment(snapshot, on_progress=on_progress)
            duplicates = duplicate_columns(moment, CLEAR_SIMILARITY)
            report = decide(
                ranking.columns,
                duplicates,
                limits,
                known_wrong=_find_known_wrong(snapshot, ranking),
                n_datasets=n_datasets,
            )
            return Checked(report, _name_findings(snapshot, ranking, report))

        return self._collections.ask(name, answer, with_embeddings=not self._suspects.has_model(name))


def _find_known_wrong(snapshot: Snapshot, ranking: Ranking) -> Rows:
    """The points whose class a person found wrong and whose source still gives it, int64, ascending."""
    accepted = {
        point_id: review.class_name
        for point_id, review in ranking.reviews.items()
        if review.verdict is ReviewVerdict.ACCEPT
    }
    rows = snapshot.rows_of(list(accepted))
    names = snapshot.fields[PayloadField.CLASS_NAME]
    undone = [
        int(row) for row, wanted in zip(rows, accepted.values(), strict=True) if row >= 0 and names[row] != wanted
    ]
    return np.array(sorted(undone), dtype=np.int64)


def _name_findings(snapshot: Snapshot, ranking: Ranking, report: GateReport) -> dict[str, list[str]]:
    """The first findings of each check as people would name them; the copies of a group are joined by " = "."""
    return {
        check.name: [_name_finding(snapshot, ranking, rows) for rows in check.findings[:N_EXAMPLES]]
        for check in report.checks
    }


def _name_finding(snapshot: Snapshot, ranking: Ranking, rows: Rows) -> str:
    # One of each class and dataset comes first: two points that differ are what makes a conflict or a leak.
    fields = snapshot.fields
    kinds = zip(fields[PayloadField.CLASS_NAME][rows], fields[PayloadField.DATASET][rows], strict=True)
    first: dict[tuple[str, str], int] = {}
    for kind, row in zip(kinds, rows.tolist(), strict=True):
        first.setdefault(kind, row)
    shown = list(dict.fromkeys([*first.values(), *rows.tolist()]))[:_MAX_NAMED]
    names = [_name_point(point, ranking.reviews.get(point.id)) for point in snapshot.show(shown)]
    n_more = len(rows) - len(shown)
    return " = ".join(names) + (f" and {n_more} more" if n_more else "")


def _name_point(point: Point, review: Review | None) -> str:
    """Dataset, image, object and class of a point, and what a person said about it that the source does not know."""
    keys = (PayloadField.DATASET, PayloadField.IMAGE_NAME, PayloadField.OBJECT_KEY)
    place = " / ".join(str(point.payload[key]) for key in keys if point.payload.get(key))
    class_name = point.payload.get(PayloadField.CLASS_NAME)
    name = f"{place} ({class_name})"
    if review is None or review.verdict is not ReviewVerdict.ACCEPT or review.class_name == class_name:
        return name
    return f"{name}, accepted as {review.class_name} by {review.who}, not yet in the source"
