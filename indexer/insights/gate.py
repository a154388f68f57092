"""The decision behind ``lookalike check``: does a collection hold its limits?

A suspect counts only where both scores speak clearly against its class, a copy only where its similarity does. Measured
by ``python -m benchmarks.label_noise``: at 5 % injected noise 95 to 98 of 100 suspects that count are errors and 36 to
69 % of the errors count (fewest where classes are confusable); of clean labels 1 to 3 in 1000 count. The similarity is
measured by ``python -m benchmarks.duplicates``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from indexer.errors import InvalidOptionsError
from indexer.insights.duplicates import DuplicateColumns
from indexer.insights.suspects import SuspectColumns

Rows = npt.NDArray[np.int64]

CLEAR_MARGIN = 0.5  # ridge margin: the best other class is half a vote ahead
CLEAR_DISTANCE = 0.5  # relative distance: the own class is 1.65 times as far away as the nearest other

CLEAR_SIMILARITY = 0.985  # a gate must not fail on mere likeness: no two different digits of 1,797 reach it

_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*")


class Outcome(StrEnum):
    """What a check found."""

    HOLDS = "holds"
    EXCEEDED = "exceeded"
    CANNOT_TELL = "cannot tell"


EXIT_CODES = {Outcome.HOLDS: 0, Outcome.EXCEEDED: 1, Outcome.CANNOT_TELL: 2}


@dataclass(frozen=True)
class Limit:
    """How many are allowed: a count, or a share of the points that were looked at.

    Attributes:
        value: The count, or the share in percent.
        is_share: Whether ``value`` is in percent.
    """

    value: float
    is_share: bool = False

    def __str__(self) -> str:
        return f"{self.value:g} %" if self.is_share else f"{self.value:g}"

    def is_exceeded(self, n_found: int, n_points: int) -> bool:
        """Whether ``n_found`` of ``n_points`` are too many."""
        return 100 * n_found > self.value * n_points if self.is_share else n_found > self.value


@dataclass(frozen=True)
class Limits:
    """What `decide` checks; None leaves a check out."""

    suspects: Limit | None = Limit(0.5, is_share=True)
    duplicate_conflicts: Limit | None = Limit(0)
    leaks: Limit | None = Limit(0)

    @classmethod
    def parse(
        cls,
        *,
        suspects: str | None = None,
        duplicate_conflicts: str | None = None,
        leaks: str | None = None,
        n_datasets: int,
    ) -> Self:
        """The limits that people set, each as `parse_limit` reads it; None stands for the default.

        By default leaks are checked only where there are several datasets to leak between.

        Args:
            suspects: Clear suspects allowed.
            duplicate_conflicts: Groups of copies with several classes allowed.
            leaks: Groups of copies across datasets allowed.
            n_datasets: How many datasets there are.

        Raises:
            InvalidOptionsError: A text is no limit.
        """
        default = cls() if n_datasets > 1 else cls(leaks=None)
        return cls(
            default.suspects if suspects is None else parse_limit(suspects),
            default.duplicate_conflicts if duplicate_conflicts is None else parse_limit(duplicate_conflicts),
            default.leaks if leaks is None else parse_limit(leaks),
        )


@dataclass(frozen=True)
class Check:
    """One limit and what was found.

    Attributes:
        name: ``suspects``, ``duplicate conflicts`` or ``leaks``.
        outcome: Whether the limit holds.
        n_found: How many were found.
        n_points: Of how many points; groups are counted among points too.
        limit: How many are allowed.
        rows: int64, the points behind it, worst first; for groups one row a group.
        why: Why it cannot be told, else empty.
    """

    name: str
    outcome: Outcome
    n_found: int
    n_points: int
    limit: Limit
    rows: Rows
    why: str = ""


@dataclass(frozen=True)
class GateReport:
    """All checks."""

    checks: tuple[Check, ...]

    @property
    def outcome(self) -> Outcome:
        """Exceeded when one check is, else "cannot tell" when one cannot or there is none."""
        outcomes = {check.outcome for check in self.checks}
        if Outcome.EXCEEDED in outcomes:
            return Outcome.EXCEEDED
        return Outcome.HOLDS if outcomes == {Outcome.HOLDS} else Outcome.CANNOT_TELL

    @property
    def exit_code(self) -> int:
        """0 holds, 1 exceeded, 2 cannot tell."""
        return EXIT_CODES[self.outcome]


def parse_limit(text: str) -> Limit:
    """Read a limit such as ``"0.5%"`` (of the points) or ``"3"``.

    Raises:
        InvalidOptionsError: The text is neither.
    """
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise InvalidOptionsError(f"cannot read the limit '{text}'; write a count such as 3 or a share such as 0.5%")
    return Limit(float(found[1]), is_share=bool(found[2]))


def find_clear_suspects(suspects: SuspectColumns) -> Rows:
    """The points against which both scores speak clearly, int64, most suspect first."""
    is_clear = (suspects.ridge_margin > CLEAR_MARGIN) & (suspects.relative_distance > CLEAR_DISTANCE)
    rows = np.flatnonzero(is_clear)
    return rows[np.argsort(-suspects.score[rows], kind="stable")]


def decide(
    suspects: SuspectColumns, duplicates: DuplicateColumns, limits: Limits, *, n_datasets: int = 1
) -> GateReport:
    """Compare what was found with the limits.

    Args:
        suspects: The ranking of all points.
        duplicates: The groups from ``CLEAR_SIMILARITY``, made with class names and datasets.
        limits: What is allowed.
        n_datasets: How many datasets the points come from; with fewer than two a leak cannot be told.

    Returns:
        One check for each limit that is set.
    """
    checks = []
    if limits.suspects is not None:
        n_ranked = int(np.isfinite(suspects.score).sum())
        why = suspects.why_empty or ""
        checks.append(_check("suspects", find_clear_suspects(suspects), n_ranked, limits.suspects, why))
    n_points = len(duplicates.group)
    if limits.duplicate_conflicts is not None:
        rows = _first_rows(duplicates, duplicates.has_class_conflict)
        why = "no point has a class" if not suspects.classes else ""
        checks.append(_check("duplicate conflicts", rows, n_points, limits.duplicate_conflicts, why))
    if limits.leaks is not None:
        why = "" if n_datasets > 1 else "all points lie in one dataset; a leak takes two"
        checks.append(_check("leaks", _first_rows(duplicates, duplicates.is_leak), n_points, limits.leaks, why))
    return GateReport(tuple(checks))


def _check(name: str, rows: Rows, n_points: int, limit: Limit, why: str) -> Check:
    if why:
        outcome = Outcome.CANNOT_TELL
    else:
        outcome = Outcome.EXCEEDED if limit.is_exceeded(len(rows), n_points) else Outcome.HOLDS
    return Check(name, outcome, len(rows), n_points, limit, rows, why)


def _first_rows(duplicates: DuplicateColumns, is_wanted: npt.NDArray[np.bool_]) -> Rows:
    """The lowest row of each wanted group, largest group first."""
    groups, first = np.unique(duplicates.group, return_index=True)
    is_group = groups >= 0
    return first[is_group][is_wanted[groups[is_group]]]
