"""Answers of many rows, and how they become tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from lookalike.errors import ConfigurationError
from lookalike.wire.groups import OutlierModel, Outliers

if TYPE_CHECKING:
    import pandas as pd

M = TypeVar("M", bound=BaseModel)


class Rows(list[M]):
    """A list of models.

    Attributes:
        total: How many there are with those that a limit cut off.
        why_empty: Why there are none, if there are none and the server knows.
    """

    def __init__(self, rows: Iterable[M], *, total: int | None = None, why_empty: str | None = None) -> None:
        super().__init__(rows)
        self.total = len(self) if total is None else total
        self.why_empty = why_empty

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas table, a column per field."""
        return to_pandas(self)


class OutlierRows(Rows[OutlierModel]):
    """Points, the strangest first.

    Attributes:
        n_outliers: How many points that fit stand apart from all others; those that are listed after them do not.
    """

    def __init__(self, found: Outliers) -> None:
        super().__init__(found.outliers, why_empty=found.why_empty)
        self.n_outliers = found.n_outliers


def to_pandas(rows: Sequence[BaseModel]) -> pd.DataFrame:
    """Models as a pandas table, a column per field; the fields of a point inside a model become columns, too.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise ConfigurationError("pandas is not installed; install it with 'pip install pandas'") from error
    return pd.DataFrame([_flatten(row.model_dump()) for row in rows])


def _flatten(record: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name == "point" and isinstance(value, dict):
            flat |= value
        else:
            flat[name] = value
    return flat
