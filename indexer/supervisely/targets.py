"""Points -> the images and objects that they are on their Supervisely server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.errors import InvalidOptionsError, PointNotFoundError, SourceUnavailableError
from indexer.payload import PayloadField
from indexer.sources.supervisely_address import ADDRESS_VARIABLE
from indexer.sources.supervisely_answers import Row
from indexer.sources.supervisely_images import read_locator
from indexer.sources.supervisely_server import SuperviselyServer, in_batches
from indexer.stores.base import Collection

_IDS_PER_FILTER = 300
_ROWS_PER_PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Target:
    """One point on its server; ids are the server's.

    Attributes:
        point_id: The point.
        host: Name and port of the server.
        project_id: Its project.
        dataset_id: Its data set.
        image_id: Its image.
        figure_id: Its object; None where the point is the whole image.
    """

    point_id: str
    host: str
    project_id: int
    dataset_id: int
    image_id: int
    figure_id: int | None


def find_targets(collection: Collection, point_ids: Sequence[str]) -> list[Target]:
    """Find points on their server, each once.

    Raises:
        PointNotFoundError: One of them does not exist.
        InvalidOptionsError: There are none, one is not from a Supervisely server, or they are from several.
    """
    wanted = list(dict.fromkeys(point_ids))
    if not wanted:
        raise InvalidOptionsError("there are no points; name some, or list them in a file with --ids")
    points = {point.id: point.payload for point in collection.retrieve(wanted)}
    targets = []
    for point_id in wanted:
        if point_id not in points:
            raise PointNotFoundError(f"collection '{collection.name}' has no point '{point_id}'")
        payload = points[point_id]
        place = read_locator(str(payload.get(PayloadField.IMAGE_LOCATOR)))
        if place is None:
            source = payload.get(PayloadField.SOURCE_KEY)
            raise InvalidOptionsError(f"point '{point_id}' is of '{source}', not of a Supervisely server")
        key = payload.get(PayloadField.OBJECT_KEY)
        targets.append(Target(point_id, *place, None if key is None else int(key)))
    hosts = sorted({one.host for one in targets})
    if len(hosts) > 1:
        raise InvalidOptionsError(f"the points are on several servers: {', '.join(hosts)}; name those of one")
    return targets


def connect_to(host: str) -> SuperviselyServer:
    """Connect to the server of that name.

    Raises:
        ConfigurationError: The environment names no server or no token.
        SourceUnavailableError: The environment names another server.
    """
    server = SuperviselyServer.connect()
    if server.host != host:
        raise SourceUnavailableError(f"the points are on {host}, not on {server.address}; change {ADDRESS_VARIABLE}")
    return server


def group_ids(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Ids by what they belong to, each once, sorted."""
    found: dict[int, set[int]] = {}
    for owner, one in pairs:
        found.setdefault(owner, set()).add(one)
    return {owner: sorted(ids) for owner, ids in sorted(found.items())}


def list_by_ids(server: SuperviselyServer, method: str, dataset_id: int, field: str, ids: Sequence[int]) -> list[Row]:
    """The rows of one data set whose field is one of ``ids``.

    Raises:
        SourceUnavailableError: The server does not answer, or its list changed again and again.
    """
    rows: list[Row] = []
    for batch in in_batches(ids, _IDS_PER_FILTER):
        condition = {"field": field, "operator": "in", "value": list(batch)}
        body = {"datasetId": dataset_id, "filter": [condition], "forceMetadataForLinks": False}
        if method == "figures.list":
            body = {**body, "fields": ["id", "imageId", "classId", "tags"]}
            body.pop("forceMetadataForLinks")
        found = server.list_rows(method, body, per_page=_ROWS_PER_PAGE)
        if not found.is_whole:
            raise SourceUnavailableError(f"the lists of {server.address} changed while they were read; try again")
        rows += found.rows.values()
    return rows


def require_there(what: str, wanted: Iterable[int], found: Iterable[int]) -> None:
    """Refuse things that the server has no more.

    Raises:
        SourceUnavailableError: One is gone.
    """
    gone = sorted(set(wanted) - set(found))
    if gone:
        raise SourceUnavailableError(
            f"{len(gone):,} of the {what}s {'is' if len(gone) == 1 else 'are'} no longer on the server, "
            f"the first is {gone[0]}; run 'lookalike index'"
        )
