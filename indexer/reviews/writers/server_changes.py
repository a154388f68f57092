"""Relabels of objects on a server, as a run's manifest holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from indexer.sources.supervisely_relabels import ObjectRelabel


@dataclass(frozen=True, slots=True)
class FigureState:
    """Class and time of edit in which a run left an object.

    Attributes:
        class_id: Its class.
        updated_at: When it was last edited, as the server writes it.
        noted_at: When the run noted it (UTC, ISO 8601); it tells the newest of several and makes no difference.
    """

    class_id: int
    updated_at: str | None
    noted_at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ServerChange:
    """An object that a run relabels.

    Attributes:
        source_key: The source.
        project: The project, by the server's name and its id.
        point_id: The point of the object.
        review_id: The review that says so.
        place: Address of the image.
        image: The image as people name it.
        relabel: What is to be done.
    """

    source_key: str
    project: str
    point_id: str
    review_id: str
    place: str
    image: str
    relabel: ObjectRelabel

    def place_of(self, figure_id: int) -> str:
        """Address of the object."""
        return f"{self.place}/{figure_id}"

    def to_json(self) -> dict[str, Any]:
        """The change as a run's manifest has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The change that ``to_json`` wrote."""
        return cls(**{**record, "relabel": ObjectRelabel.from_json(record["relabel"])})
