"""The decision behind ``lookalike check``: does a collection hold its limits?

A suspect counts only where both scores speak clearly against its class, a copy only where its similarity does. Measured
by ``python -m benchmarks.label_noise``: with 5 % of the labels wrong, 97 to 100 of 100 suspects that count are errors,
and 33 to 66 % of the errors count. They were wrong at random or between classes that people confuse. Of clean labels 1
in 1000 counts. Wrong labels in clumps count if the clump stands out. The similarity is measured by ``python -m
benchmarks.duplicates``.

A class of one to three cannot speak for itself. Both scores are high for its members however right their label is, so
they are not judged. What a person found wrong counts, whatever the scores say, until the source has the right class.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from indexer.errors import InvalidOptionsError
from indexer.insights.duplicates import DuplicateColumns
from indexer.insights.suspects import SMALL_CLASS, SuspectColumns

Rows = npt.NDArray[np.int64]
NOBODY: Rows = np.empty(0, dtype=np.int64)

CLEAR_MARGIN = 0.5  # ridge margin: the best other class is half a vote ahead
CLEAR_DISTANCE = 0.4  # relative distance: the own class is 1.5 times as far away as the nearest other

CLEAR_SIMILARITY = 0.985  # a gate must not fail on mere likeness: no two different digits of 1,797 reach it

_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*")


class Outcome(StrEnum):
    """The findings of a check."""

    HOLDS = "holds"
    EXCEEDED = "exceeded"
    CANNOT_TELL = "cannot tell"


EXIT_CODES = {Outcome.HOLDS: 0, Outcome.EXCEEDED: 1, Outcome.CANNOT_TELL: 2}


@dataclass(frozen=True)
class Limit:
    """Limit of what is allowed: a count, or a share of the points that were looked at.

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
    """The limits that `decide` checks; None leaves a check out."""

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

        By default leaks are checked only if there are several datasets to leak between.

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
        n_points: Among how many points was looked; groups are counted among points too.
        limit: How many are allowed.
        findings: int64 (m,) each, the rows of one suspect or one group of copies, worst first.
        why: Why it cannot be told, else empty.
    """

    name: str
    outcome: Outcome
    n_points: int
    limit: Limit
    findings: tuple[Rows, ...]
    why: str = ""

    @property
    def n_found(self) -> int:
        """Number of findings."""
        return len(self.findings)


@dataclass(frozen=True)
class GateReport:
    """All checks.

    Attributes:
        checks: One for each limit that was set.
        why: Why nothing could be checked, else empty.
    """

    checks: tuple[Check, ...]
    why: str = ""

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
    """The points of judged classes against which both scores speak clearly, int64, most suspect first."""
    is_clear = (suspects.ridge_margin > CLEAR_MARGIN) & (suspects.relative_distance > CLEAR_DISTANCE)
    rows = np.flatnonzero(is_clear & _find_judged(suspects))
    return rows[np.argsort(-suspects.score[rows], kind="stable")]


def decide(
    suspects: SuspectColumns,
    duplicates: DuplicateColumns,
    limits: Limits,
    *,
    known_wrong: Rows = NOBODY,
    n_datasets: int = 1,
) -> GateReport:
    """Compare what was found with the limits.

    Args:
        suspects: The ranking of all points.
        duplicates: The groups from ``CLEAR_SIMILARITY``, made with class names and datasets.
        limits: What is allowed.
        known_wrong: int64, points whose class a person found wrong and whose source still gives it: certain suspects.
        n_datasets: How many datasets the points come from; with fewer than two a leak cannot be told.

    Returns:
        One check for each limit that is set.
    """
    checks = []
    if limits.suspects is not None:
        checks.append(_check_suspects(suspects, limits.suspects, known_wrong))
    n_points = len(duplicates.group)
    if limits.duplicate_conflicts is not None:
        groups = _list_groups(duplicates, duplicates.has_class_conflict)
        why = "no point has a class" if not suspects.classes else ""
        checks.append(_check("duplicate conflicts", groups, n_points, limits.duplicate_conflicts, why))
    if limits.leaks is not None:
        why = "" if n_datasets > 1 else "all points lie in one dataset; a leak takes two"
        checks.append(_check("leaks", _list_groups(duplicates, duplicates.is_leak), n_points, limits.leaks, why))
    return GateReport(tuple(checks))


def _check_suspects(suspects: SuspectColumns, limit: Limit, known_wrong: Rows) -> Check:
    """Certain suspects first; what a person found wrong can be told where nothing can be ranked too."""
    clear = find_clear_suspects(suspects)
    found = np.concatenate([known_wrong, clear[~np.isin(clear, known_wrong)]])
    is_looked_at = _find_judged(suspects)
    is_looked_at[known_wrong] = True
    n_points = int(is_looked_at.sum())
    why = suspects.why_empty or ("" if n_points else f"no class has more than {SMALL_CLASS} members")
    if why and limit.is_exceeded(len(known_wrong), n_points):
        why = ""
    return _check("suspects", [found[i : i + 1] for i in range(len(found))], n_points, limit, why)


def _find_judged(suspects: SuspectColumns) -> npt.NDArray[np.bool_]:
    """Whose class has enough members to be judged by scores or by a person, bool (N,)."""
    is_labelled = (suspects.given >= 0) & (suspects.why_empty is None)
    sizes = np.bincount(suspects.given[is_labelled], minlength=len(suspects.classes) + 1)
    return np.asarray(is_labelled & (sizes[suspects.given] > SMALL_CLASS))


def _check(name: str, findings: Sequence[Rows], n_points: int, limit: Limit, why: str) -> Check:
    if why:
        outcome = Outcome.CANNOT_TELL
    else:
        outcome = Outcome.EXCEEDED if limit.is_exceeded(len(findings), n_points) else Outcome.HOLDS
    return Check(name, outcome, n_points, limit, tuple(findings), why)


def _list_groups(duplicates: DuplicateColumns, is_wanted: npt.NDArray[np.bool_]) -> list[Rows]:
    """The rows of each wanted group, largest group first."""
    order = np.argsort(duplicates.group, kind="stable")
    ends = np.cumsum(duplicates.size)
    order = order[len(order) - int(duplicates.size.sum()) :]  # points without a group have number -1
    return [order[ends[group] - duplicates.size[group] : ends[group]] for group in np.flatnonzero(is_wanted)]
