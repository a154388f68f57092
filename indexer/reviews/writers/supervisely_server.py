"""Accepted classes for objects on a Supervisely server. Decides everything, writes nothing.

A class is never created: the platform has no safe call for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.payload import PayloadField
from indexer.reviews.review import Review
from indexer.reviews.writers.base import GONE, STALE, WHOLE_IMAGE, Outcome, RelabelOutcome, WritePlan
from indexer.reviews.writers.server_changes import FigureState, ServerChange
from indexer.sources.geometry import round_places
from indexer.sources.supervisely_address import ADDRESS_VARIABLE, SCHEME, ProjectAddress, parse_project_address
from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_datasets import read_datasets, select_below
from indexer.sources.supervisely_figures import ALPHA_MASK, IDS_PER_FILTER, Figure, read_figures
from indexer.sources.supervisely_images import make_locator
from indexer.sources.supervisely_labels import parse_time
from indexer.sources.supervisely_listing import ImageRow, read_image_row
from indexer.sources.supervisely_relabels import ObjectRelabel
from indexer.sources.supervisely_server import SuperviselyServer, in_batches

_ANY: Final = "any"
_GRAPH: Final = "graph"
_SHOWN_NAMES: Final = 10
_PER_PAGE: Final = 1_000
_KEY: Final = re.compile(rf"{SCHEME}://([^/]+)/([0-9]+)", re.ASCII)

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewedPoint:
    """An accepted review with what the collection holds of its object.

    Attributes:
        review: The review.
        point: Payload of its point.
        record: Payload of its image's own point.
    """

    review: Review
    point: Payload
    record: Payload


class SuperviselyServerWriter:
    """Plans the relabels of one project on a server.

    Args:
        server: The server.
        address: The project, and the data set that alone is meant.
        source_key: Identity of the source.

    Attributes:
        source_key: Identity of the source.
        project: The project, by the server's name and its id.
    """

    def __init__(self, server: SuperviselyServer, address: ProjectAddress, source_key: str) -> None:
        self._server, self._address, self.source_key = server, address, source_key
        self.project = f"{SCHEME}://{server.host}/{address.project_id}"
        self._own_states: Mapping[int, FigureState] = {}
        meta = server.ask("projects.meta", {"id": address.project_id})
        try:
            self._classes: dict[int, Row] = {int(one["id"]): one for one in meta["classes"]}
            self._ids = {str(one["title"]): class_id for class_id, one in self._classes.items()}
            self._tags = {int(one["id"]): str(one["name"]) for one in meta["tags"]}
        except (KeyError, TypeError, ValueError) as error:
            message = f"{server.address} answers projects.meta with something that describes no classes"
            raise AnnotationFormatError(message) from error

    @classmethod
    def open(cls, address: str, *, source_key: str | None = None) -> Self:
        """Open the project of an address as users write it.

        Raises:
            ConfigurationError: The address or the environment is wrong.
            SourceUnavailableError: The server does not answer, or has no such project.
        """
        parsed, server = parse_project_address(address), SuperviselyServer.connect()
        return cls(server, parsed, source_key or f"{SCHEME}://{server.host}/{parsed.project_id}")

    @classmethod
    def open_key(cls, source_key: str) -> Self:
        """Open the project of a source's key.

        Raises:
            ConfigurationError: The environment is wrong.
            SourceUnavailableError: The key is of another server, or the server does not answer.
        """
        server, project_id = connect_for(source_key)
        return cls(server, ProjectAddress(project_id), source_key)

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def plan(self, reviewed: Iterable[ReviewedPoint], own_states: Mapping[int, FigureState]) -> WritePlan:
        """Decide about every review; an object that has its class already is left, whatever else changed.

        Args:
            reviewed: The reviews with what was indexed.
            own_states: State in which earlier runs left objects, by id.

        Raises:
            SourceUnavailableError: The server does not answer.
        """
        plan, self._own_states = WritePlan(), own_states
        by_dataset: dict[int | None, list[tuple[ReviewedPoint, ImageRow | None]]] = {}
        points = list(reviewed)
        rows, covered = self._list_images(points), self._list_covered()
        for one in points:
            row = rows.get(one.review.subject[PayloadField.IMAGE_KEY])
            if covered is not None and (row is None or row.dataset_id not in covered):
                continue
            by_dataset.setdefault(None if row is None else row.dataset_id, []).append((one, row))
        for dataset_id, found in by_dataset.items():
            image_ids = {row.id for _, row in found if row is not None}
            figures = {} if dataset_id is None else read_figures(self._server, dataset_id, image_ids)
            for one, row in found:
                self._plan_one(plan, one, row, figures)
        return plan

    def _list_images(self, points: Sequence[ReviewedPoint]) -> dict[str, ImageRow]:
        """The images of the points as the server has them, by key."""
        keys = {one.review.subject[PayloadField.IMAGE_KEY] for one in points}
        ids = sorted(int(key) for key in keys if key.isdecimal())
        rows: dict[str, ImageRow] = {}
        for batch in in_batches(ids, IDS_PER_FILTER):
            condition = {"field": "id", "operator": "in", "value": list(batch)}
            body = {"projectId": self._address.project_id, "filter": [condition], "recursive": True}
            body["forceMetadataForLinks"] = False
            found = self._server.list_rows("images.list", body, per_page=_PER_PAGE, reduce=read_image_row)
            rows |= {str(row.id): row for row in found.rows.values()}
        return rows

    def _list_covered(self) -> set[int] | None:
        """The data sets that are meant; None for all."""
        if self._address.dataset_id is None:
            return None
        body = {"projectId": self._address.project_id, "filter": [], "recursive": True}
        datasets = read_datasets(self._server.list_rows("datasets.list", body, per_page=_PER_PAGE).rows)
        if self._address.dataset_id not in datasets:
            known = ", ".join(f"{one.id} ({one.path})" for one in list(datasets.values())[:_SHOWN_NAMES]) or "none"
            raise SourceUnavailableError(
                f"project {self._address.project_id} has no data set {self._address.dataset_id}; known: {known}"
            )
        return set(select_below(datasets, self._address.dataset_id))

    def _plan_one(
        self, plan: WritePlan, one: ReviewedPoint, row: ImageRow | None, figures: Mapping[int, Figure]
    ) -> None:
        review, key = one.review, one.review.subject.get(PayloadField.OBJECT_KEY)
        figure = None if key is None or not key.isdecimal() else figures.get(int(key))
        reason = place = ""
        if row is not None:
            place = make_locator(self._server.host, self._address.project_id, row.dataset_id, row.id)
        if key is None:
            reason = WHOLE_IMAGE
        elif row is None or figure is None:
            reason = GONE
        elif self._title(figure.class_id) == review.class_name:
            plan.outcomes.append(RelabelOutcome(review, Outcome.ALREADY, f"{place}/{figure.id}"))
            return
        elif self._is_stale(one, row, figure):
            reason = STALE
        else:
            reason = self._find_reason(review.class_name or "", figure)
        if reason or figure is None or row is None:
            plan.outcomes.append(RelabelOutcome(review, Outcome.REFUSED, reason=reason))
            return
        known = tuple(sorted(other.id for other in figures.values() if other.image_id == row.id))
        after = self._ids[review.class_name or ""]
        relabel = ObjectRelabel(row.dataset_id, row.id, figure.id, figure.class_id, after, known)
        change = ServerChange(self.source_key, self.project, review.point_id, review.id, place, review.image, relabel)
        plan.server_changes.append(change)
        plan.outcomes.append(RelabelOutcome(review, Outcome.WRITTEN, change.place_of(figure.id)))

    def _is_stale(self, one: ReviewedPoint, row: ImageRow, figure: Figure) -> bool:
        """Whether an object is not what was judged; edits of its tags, and those of earlier runs, leave it so."""
        point = one.point
        if row.pixels != one.record.get(PayloadField.PIXELS_STAMP) or self._is_moved(point, figure):
            return True
        if self._own_states.get(figure.id) == FigureState(figure.class_id, figure.updated_at):
            return False
        if self._title(figure.class_id) != point.get(PayloadField.CLASS_NAME):
            return True
        edited_at = parse_time(figure.updated_at)
        is_edited = edited_at is not None and edited_at.isoformat() != point.get(PayloadField.OBJECT_UPDATED_AT)
        return is_edited and not self._has_other_tags(point, figure)

    def _is_moved(self, point: Payload, figure: Figure) -> bool:
        if figure.kind == ALPHA_MASK:
            return False  # its mask has a method of its own; its time stamp tells
        size_hw = point.get(PayloadField.IMAGE_SIZE_HW)
        found = figure.to_object(None if size_hw is None else tuple(size_hw))
        if found.box is None or size_hw is None:
            return True
        box, shape = list(found.box.clipped_to(tuple(size_hw))), round_places(found.shape) or None
        return box != point.get(PayloadField.BOX) or shape != point.get(PayloadField.SHAPE)

    def _has_other_tags(self, point: Payload, figure: Figure) -> bool:
        named = [(self._tags.get(tag, str(tag)), value) for tag, value in figure.tags]
        texts = sorted(name if value in (None, "") else f"{name}={value}" for name, value in named)
        return texts != sorted(point.get(PayloadField.TAGS) or ())

    def _title(self, class_id: int) -> str | None:
        found = self._classes.get(class_id)
        return None if found is None else str(found["title"])

    def _find_reason(self, class_name: str, figure: Figure) -> str:
        """Why an object cannot have a class; empty if it can."""
        where = f"project {self._address.project_id} on {self._server.address}"
        if class_name not in self._ids:
            known = ", ".join(sorted(self._ids)[:_SHOWN_NAMES])
            return f"{where} has no class '{class_name}'; make it there, or accept one of: {known}"
        wanted = self._classes[self._ids[class_name]]
        shape = wanted.get("shape") or _ANY
        if shape not in (_ANY, figure.kind):
            return f"class '{class_name}' takes {shape}, not {figure.kind}; accept another class"
        nodes = (wanted.get("geometry_config") or {}).get("nodes")
        if shape == _GRAPH and nodes and not set(figure.geometry.get("nodes") or ()) <= set(nodes):
            return f"class '{class_name}' has other keypoints than the object; accept another class"
        return ""


def is_server_key(source_key: str) -> bool:
    """Whether a source's key says that it is a project on a server."""
    return _KEY.fullmatch(source_key) is not None


def connect_for(source_key: str) -> tuple[SuperviselyServer, int]:
    """Connect to the server that a source's key names; gives it and the project's id.

    Raises:
        ConfigurationError: The environment is wrong.
        SourceUnavailableError: The key is none of a server, or of another one than the environment names.
    """
    found = _KEY.fullmatch(source_key)
    if found is None:
        raise SourceUnavailableError(f"source '{source_key}' is no project on a Supervisely server")
    server = SuperviselyServer.connect()
    if server.host != found[1]:
        message = f"source '{source_key}' is not on {server.address}; set {ADDRESS_VARIABLE} to its server"
        raise SourceUnavailableError(message)
    return server, int(found[2])
