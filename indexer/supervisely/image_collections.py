"""The images of points in a collection of the platform."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from indexer.errors import InvalidOptionsError, SourceUnavailableError
from indexer.sources.supervisely_server import SuperviselyServer
from indexer.sources.supervisely_writes import write_missing
from indexer.stores.base import Collection
from indexer.supervisely.targets import connect_to, find_targets, group_ids, list_by_ids
from lookalike.counting import count_text

_ROWS_PER_PAGE: Final = 10_000
_ITEMS_PER_REQUEST: Final = 500


@dataclass(frozen=True, slots=True)
class Collected:
    """A collection of the platform after images were put into it.

    Attributes:
        collection_id: The server's id.
        added: Images that came in.
        already: Images that were in it.
        missing: Images that are no longer on the server.
    """

    collection_id: int
    added: int
    already: int
    missing: int


def collect_images(collection: Collection, point_ids: Sequence[str], name: str) -> Collected:
    """Put the images of points into a collection, which is made if there is none of that name.

    Raises:
        PointNotFoundError, InvalidOptionsError: The request is wrong.
        SourceUnavailableError: The server does not answer, or does not take an image.
    """
    if not name.strip():
        raise InvalidOptionsError("a collection needs a name")
    targets = find_targets(collection, point_ids)
    projects = sorted({one.project_id for one in targets})
    if len(projects) > 1:
        raise InvalidOptionsError(
            f"a collection is of one project, and the points are of {projects}; name those of one"
        )
    with closing(connect_to(targets[0].host)) as server:
        wanted: set[int] = set()
        there: set[int] = set()
        for dataset_id, image_ids in group_ids((one.dataset_id, one.image_id) for one in targets).items():
            wanted |= set(image_ids)
            there |= {int(row["id"]) for row in list_by_ids(server, "images.list", dataset_id, "id", image_ids)}
        if not there:
            raise SourceUnavailableError("none of the images is on the server any more; run 'lookalike index'")
        collection_id = _find_or_make(server, projects[0], name)
        before = _read_items(server, projects[0], collection_id)
        left = write_missing(
            server,
            lambda: sorted(there - _read_items(server, projects[0], collection_id)),
            lambda ids: server.ask(
                "entities-collections.items.bulk.add",
                {"collectionId": collection_id, "entityIds": list(ids)},
                attempts=1,
            ),
            batch_size=_ITEMS_PER_REQUEST,
        )
        if left:
            image, reason = next(iter(left.items()))
            raise SourceUnavailableError(f"{count_text(len(left), 'image')} not taken, the first is {image}: {reason}")
    return Collected(collection_id, len(there - before), len(there & before), len(wanted - there))


def _find_or_make(server: SuperviselyServer, project_id: int, name: str) -> int:
    body = {"projectId": project_id, "type": "default"}

    def find() -> list[int]:
        asked = {"projectId": project_id, "filter": [], "type": "default"}
        rows = server.list_rows("entities-collections.list", asked, per_page=_ROWS_PER_PAGE).rows
        return sorted(row_id for row_id, row in rows.items() if row.get("name") == name)

    left = write_missing(
        server,
        lambda: [] if find() else [name],
        lambda names: [server.ask("entities-collections.add", {**body, "name": one}, attempts=1) for one in names],
    )
    if left:
        raise SourceUnavailableError(f"collection '{name}' cannot be made: {left[name]}")
    return find()[0]


def _read_items(server: SuperviselyServer, project_id: int, collection_id: int) -> set[int]:
    condition = {"type": "entities_collection", "data": {"collectionId": collection_id, "include": True}}
    body = {"projectId": project_id, "filters": [condition], "filter": [], "recursive": True}
    body["forceMetadataForLinks"] = False
    found = server.list_rows("images.list", body, per_page=_ROWS_PER_PAGE)
    if not found.is_whole:
        raise SourceUnavailableError(f"the lists of {server.address} changed while they were read; try again")
    return set(found.rows)
