"""Objects of a Supervisely server with everything that has to be written again if one is made anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from indexer.domain import SourceObject
from indexer.errors import SourceUnavailableError
from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_labels import make_objects
from indexer.sources.supervisely_pixels import to_pixels
from indexer.sources.supervisely_server import SuperviselyServer, in_batches

ALPHA_MASK: Final = "alpha_mask"
IDS_PER_FILTER: Final = 100
_MASKS_PER_REQUEST: Final = 50

_FIGURES_PER_PAGE: Final = 20_000
_KEPT_FACTS: Final = ("meta", "description", "customData", "priority", "nnCreated", "nnUpdated")
_FIELDS: Final = (
    *("id", "createdAt", "updatedAt", "imageId", "classId", "datasetId", "geometry", "geometryType", "geometryMeta"),
    *("tags", *_KEPT_FACTS),
)
_DECIMALS: Final = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """An object as the server has it.

    Attributes:
        id: The server's id.
        image_id: Its image.
        class_id: Its class.
        kind: Its geometry type.
        geometry: As the server stores it, in edges; of an alpha mask the mask.
        tags: Id and value of each tag; one may be there twice.
        updated_at: When it was last edited, as the server writes it.
        facts: What else a copy needs.
    """

    id: int
    image_id: int
    class_id: int
    kind: str
    geometry: Mapping[str, Any]
    tags: tuple[tuple[int, Any], ...]
    updated_at: str | None
    facts: Mapping[str, Any]

    @property
    def shape_key(self) -> tuple[str, str]:
        """Equal for objects of the same geometry, whatever the order of its members; numbers to a thousandth."""
        if "bitmap" in self.geometry:
            found = self.to_object()
            return self.kind, repr((found.box, found.shape))
        return self.kind, json.dumps(_rounded(self.geometry), sort_keys=True)

    def to_object(self, size_hw: tuple[int, int] | None = None) -> SourceObject:
        """The object as the source reads it; class and tags are left out."""
        label = {"id": self.id, "geometryType": self.kind, "classTitle": "?", **self.geometry}
        (found,) = make_objects([to_pixels(label, size_hw)], {}, _ignore)
        return found


def read_figures(server: SuperviselyServer, dataset_id: int, image_ids: Iterable[int]) -> dict[int, Figure]:
    """The objects of images of one data set, by id, with geometry.

    Raises:
        SourceUnavailableError: The server does not answer, or its list changed again and again while it was read.
        AnnotationFormatError: A row is none of an object.
    """
    figures: dict[int, Figure] = {}
    for ids in in_batches(sorted(set(image_ids)), IDS_PER_FILTER):
        condition = {"field": "entityId", "operator": "in", "value": list(ids)}
        body = {"datasetId": dataset_id, "fields": list(_FIELDS), "filter": [condition], "integerCoords": False}
        found = server.list_rows("figures.list", body, per_page=_FIGURES_PER_PAGE, reduce=_read_row)
        if not found.is_whole:
            raise SourceUnavailableError(f"the objects on {server.address} changed while they were read; try again")
        figures |= found.rows
    return figures


def read_masks(server: SuperviselyServer, figures: Iterable[Figure]) -> dict[int, Mapping[str, Any]]:
    """The masks of those objects that are alpha masks, by id; what the server does not give is missing.

    Raises:
        SourceUnavailableError: The server does not answer.
    """
    masks: dict[int, Mapping[str, Any]] = {}
    for ids in in_batches([one.id for one in figures if one.kind == ALPHA_MASK], _MASKS_PER_REQUEST):
        for figure_id, data in server.ask_parts("figures.bulk.download.geometry", {"ids": list(ids)}).items():
            try:
                masks[figure_id] = json.loads(data)
            except ValueError:
                continue
    return masks


def to_tag(tag: Mapping[str, Any]) -> tuple[int, Any]:
    """Id and value of a tag of an object or an image."""
    return int(tag["tagId"]), tag.get("value")


def _read_row(row: Row) -> Figure:
    image_id = row.get("entityId")
    geometry = row.get("geometry") or {}
    return Figure(
        int(row["id"]),
        int(row["imageId"] if image_id is None else image_id),
        int(row["classId"]),
        str(row.get("geometryType")),
        geometry if isinstance(geometry, dict) else json.loads(geometry),
        tuple(to_tag(tag) for tag in row.get("tags") or ()),
        row.get("updatedAt"),
        {name: row[name] for name in _KEPT_FACTS if row.get(name)},
    )


def _ignore(reason: str) -> None:
    del reason


def _rounded(value: Any) -> Any:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return round(float(value), _DECIMALS)
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items() if one not in (None, [])}
    return [_rounded(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
