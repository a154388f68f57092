"""Columns of a snapshot as numbers, so that a condition on a million points costs milliseconds."""

from __future__ import annotations

from collections.abc import Collection as AnyCollection
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Column = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class ValueColumn:
    """The values of a payload field; a point may have several of them.

    Attributes:
        n_rows: How many points N there are.
        values: The distinct values, sorted. The empty text stands for points without the field; a point with an empty
            list has no value at all.
        numbers: int32 (M,), positions in ``values``.
        rows: int64 (M,), the point of each number; None if every point has exactly one.
    """

    n_rows: int
    values: tuple[str, ...]
    numbers: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int64] | None = None

    @classmethod
    def of(cls, column: Column) -> ValueColumn:
        """Number the values of a column of texts, object (N,), None for no text."""
        return cls(len(column), *_number(column))

    @classmethod
    def of_lists(cls, column: Column) -> ValueColumn:
        """Number the values of a column of lists of texts, object (N,), None for no list."""
        lengths = np.fromiter((len(value or ()) for value in column), np.int64, len(column))
        flat = np.fromiter((one for value in column for one in value or ()), object, int(lengths.sum()))
        return cls(len(column), *_number(flat), rows=np.repeat(np.arange(len(column)), lengths))

    def mark(self, wanted: AnyCollection[str]) -> Mask:
        """Which points have one of the values; bool (N,)."""
        known = frozenset(wanted)
        is_wanted = np.fromiter((value in known for value in self.values), np.bool_, len(self.values))
        if self.rows is None:
            return is_wanted[self.numbers]
        marked = np.zeros(self.n_rows, np.bool_)
        marked[self.rows[is_wanted[self.numbers]]] = True
        return marked

    def count(self, is_counted: Mask | None = None) -> dict[str, int]:
        """Value -> how many of some points have it, also none; most frequent first, equal counts by value.

        Args:
            is_counted: bool (N,); all points if None.
        """
        numbers = self.numbers
        if is_counted is not None:
            numbers = numbers[is_counted if self.rows is None else is_counted[self.rows]]
        counts = np.bincount(numbers, minlength=len(self.values))
        order = np.argsort(-counts, kind="stable")
        return {self.values[number]: int(counts[number]) for number in order}


def read_moments(column: Column) -> npt.NDArray[np.float64]:
    """Seconds since 1970 of texts in ISO format, float64 (N,); nan for None."""
    known: dict[str | None, float] = {None: np.nan}

    def read(text: str | None) -> float:
        if text not in known:
            moment = datetime.fromisoformat(str(text))
            known[text] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return known[text]

    return np.fromiter((read(text) for text in column), np.float64, len(column))


def _number(column: Column) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """The distinct texts, sorted, and the position of each row's in them."""
    found: dict[str, int] = {}
    numbers = np.fromiter((found.setdefault(text or "", len(found)) for text in column), np.int32, len(column))
    values = tuple(sorted(found))
    places = np.empty(len(found), np.int32)
    places[[found[value] for value in values]] = np.arange(len(values))
    return values, places[numbers]
