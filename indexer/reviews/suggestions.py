"""Suggestions: the class that a point should rather have, found before a person accepts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from indexer.domain import Point, Progress, ignore_progress
from indexer.payload import PayloadField


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The class that a point should rather have, and what the point was when that was found.

    Attributes:
        class_name: The class suggested.
        given_class: The class that the point had.
        embedded_at: When the embedding that it had was made.
    """

    class_name: str
    given_class: str | None
    embedded_at: str | None

    def is_about(self, point: Point) -> bool:
        """Whether a point still is what the suggestion was made for."""
        now = point.payload.get(PayloadField.CLASS_NAME), point.payload.get(PayloadField.EMBEDDED_AT)
        return now == (self.given_class, self.embedded_at)


class Suggest(Protocol):
    """Finds the class that each of some points should rather have; see ``Suspects.suggest``."""

    def __call__(
        self, name: str | None, point_ids: Sequence[str], *, on_progress: Progress = ignore_progress
    ) -> Mapping[str, Suggestion]:
        """A suggestion per point id."""
        ...
