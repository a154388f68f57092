"""Projections, and the binary map that a browser draws."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from api.access import Access
from api.dependencies import CollectionDep, CropSize, ServicesDep, needs, open_collection
from api.responses import (
    BINARY,
    JPEG,
    KEEP_FOR_EVER,
    KEEP_FOR_MINUTES,
    PNG,
    REVALIDATE,
    IfNoneMatch,
    conditional_response,
    entity_tag,
)
from api.services.points import require_point
from api.services.run_plans import plan_projection
from api.services.thumbnails import crop_version
from indexer.errors import InvalidOptionsError
from lookalike.class_colors import parse_rgb
from lookalike.wire.groups import Resolution
from lookalike.wire.maps import MapRow, MatchesQuery, ProjectionInfo, ProjectRequest, RowOfPoint, RowsRequest
from lookalike.wire.names import MapColumn
from lookalike.wire.runs import ProjectRun, RunInfo

router = APIRouter(prefix="/collections/{collection}/projections", tags=["projections"])

_MAX_ROWS: Final = 1000
_ROW: Final = re.compile(r"[0-9]{1,18}")
ProjectionId = Annotated[str, Path(max_length=200, description="id of a projection")]
PictureSize = Annotated[int, Query(ge=64, le=2048, description="width and height in pixels")]
ColorList = Annotated[
    str,
    Query(
        max_length=2000,
        pattern=r"^([0-9a-fA-F]{6}(,[0-9a-fA-F]{6})*)?$",
        description="colours of the classes, most frequent first, such as 2f7fd6,e8a317; the rest are grey",
    ),
]
RowList = Annotated[str, Query(max_length=16_000, description="at most 1000 rows, such as 1,2,3")]


@router.get("")
def list_projections(collection: CollectionDep, services: ServicesDep) -> list[ProjectionInfo]:
    """List the projections of a collection, newest first."""
    return services.maps.infos(collection.name)


@router.post("", status_code=202, dependencies=[needs(Access.REVIEW, "make maps")])
def make_projection(collection: CollectionDep, services: ServicesDep, request: ProjectRequest) -> RunInfo:
    """Make a projection in the background."""
    work = plan_projection(services.workspace.maps, services.maps, collection.name, request)
    wanted = ProjectRun(kind="project", collection=collection.name, **request.model_dump())
    if (queued := services.runs.enqueue("project", collection.name, wanted)) is not None:
        return queued
    return services.runs.start("project", collection.name, work)


@router.get("/{projection}")
def get_projection(collection: CollectionDep, services: ServicesDep, projection: ProjectionId) -> ProjectionInfo:
    """Describe one projection."""
    return services.maps.info(collection.name, projection)


@router.get("/{projection}/map", response_class=Response, responses=BINARY)
def get_map(
    collection: CollectionDep,
    services: ServicesDep,
    projection: ProjectionId,
    if_none_match: IfNoneMatch = None,
    v: Annotated[
        str | None, Query(max_length=100, description="the projection's version, to keep the answer for ever")
    ] = None,
) -> Response:
    """Send the map's points as binary blocks; never compressed, which would cost more than it saves."""
    packed = services.maps.packed_map(collection.name, projection, v)
    return conditional_response(
        lambda: packed.body,
        etag=entity_tag(packed.body),
        if_none_match=if_none_match,
        cache_control=KEEP_FOR_EVER if v is not None and v == packed.version else REVALIDATE,
        media_type="application/octet-stream",
    )


@router.get("/{projection}/columns/{name}", response_class=Response, responses=BINARY)
def get_column(
    collection: CollectionDep,
    services: ServicesDep,
    projection: ProjectionId,
    name: MapColumn,
    if_none_match: IfNoneMatch = None,
    resolution: Resolution = 1.0,
) -> Response:
    """Send a value per row of the map, which dots are coloured by; computes it if nobody has asked yet."""
    return conditional_response(
        lambda: services.map_values.column(collection.name, projection, name, resolution=resolution),
        etag=entity_tag(projection, name, resolution, collection.revision, collection.review_revision),
        if_none_match=if_none_match,
        cache_control=REVALIDATE,
        media_type="application/octet-stream",
    )


@router.get("/{projection}/positions", response_class=Response, responses=BINARY)
def get_positions(
    collection: CollectionDep,
    services: ServicesDep,
    projection: ProjectionId,
    rows_of: Annotated[str, Query(max_length=200, description="id of the projection whose points are asked for")],
    rows_of_collection: Annotated[
        str | None, Query(max_length=200, description="its collection, if that is another one")
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Send where this map has the points of another one, in the other's row order, so that both are shown as one."""
    other = open_collection(services, rows_of_collection) if rows_of_collection else collection
    for name, wanted in ((collection.name, projection), (other.name, rows_of)):
        services.maps.rows(name, wanted)  # a wrong id is refused before anything is compared
    return conditional_response(
        lambda: services.maps.positions_of_rows(collection.name, projection, (other.name, rows_of)),
        etag=entity_tag(projection, other.name, rows_of, collection.revision),
        if_none_match=if_none_match,
        cache_control=REVALIDATE,
        media_type="application/octet-stream",
    )


@router.get("/{projection}/renumbering", response_class=Response, responses=BINARY)
def get_renumbering(
    collection: CollectionDep,
    services: ServicesDep,
    projection: ProjectionId,
    rows_of: Annotated[str, Query(max_length=200, description="id of another projection of the collection")],
) -> Response:
    """Send which row this map has for each row of another one, so that a selection outlives a new map."""
    body = services.maps.renumbering(collection.name, projection, rows_of)
    return Response(body, media_type="application/octet-stream")


@router.get("/{projection}/density", response_class=Response, responses=PNG)
def get_density(
    collection: CollectionDep,
    services: ServicesDep,
    projection: ProjectionId,
    if_none_match: IfNoneMatch = None,
    size: PictureSize = 800,
    colors: ColorList = "",
) -> Response:
    """Draw the map, for browsers that cannot: the more points, the more opaque."""
    services.maps.rows(collection.name, projection)  # a wrong id is refused before anything is said of a picture
    return conditional_response(
        lambda: services.map_values.picture(collection.name, projection, size, _parse_colors(colors)),
        etag=entity_tag(projection, size, colors, collection.revision),
        if_none_match=if_none_match,
        cache_control=REVALIDATE,
        media_type="image/png",
    )


@router.post("/{projection}/matches", response_class=Response, responses=BINARY)
def read_matches(
    collection: CollectionDep, services: ServicesDep, projection: ProjectionId, query: MatchesQuery
) -> Response:
    """Send which rows of the map fit a filter, one bit a row, the lowest bit of a byte first."""
    body = services.maps.match_bits(collection.name, projection, query)
    return Response(body, media_type="application/octet-stream")


@router.get("/{projection}/rows")
def list_points_of_rows(
    collection: CollectionDep, services: ServicesDep, projection: ProjectionId, rows: RowList
) -> list[MapRow]:
    """Show the points behind rows of the map; rows of deleted points are left out."""
    return services.maps.points_of_rows(collection.name, projection, _parse_rows(rows))


@router.post("/{projection}/rows")
def list_rows_of_points(
    collection: CollectionDep, services: ServicesDep, projection: ProjectionId, request: RowsRequest
) -> list[RowOfPoint]:
    """Find the rows of points in the map; points that it does not show are left out."""
    return services.maps.rows_of_points(collection.name, projection, request.ids)


@router.get("/{projection}/rows/{row}/crop", response_class=Response, responses=JPEG)
def get_crop_of_row(
    collection: CollectionDep,
    services: ServicesDep,
    projection: ProjectionId,
    row: Annotated[int, Path(ge=0, le=2**53)],
    if_none_match: IfNoneMatch = None,
    size: CropSize = 256,
) -> Response:
    """Show what the point of a row was embedded from."""
    point = require_point(collection, services.maps.id_of_row(collection.name, projection, row))
    return conditional_response(
        lambda: services.thumbnails.crop(collection, point, size),
        etag=entity_tag(crop_version(collection, point), size),
        if_none_match=if_none_match,
        cache_control=KEEP_FOR_MINUTES,
        media_type="image/jpeg",
    )


def _parse_rows(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > _MAX_ROWS or not all(_ROW.fullmatch(part) for part in parts):
        raise InvalidOptionsError(f"rows '{text[:40]}' are not 1 to {_MAX_ROWS} numbers such as 1,2,3")
    return [int(part) for part in parts]


def _parse_colors(text: str) -> list[tuple[int, int, int]]:
    return [parse_rgb(code) for code in text.split(",") if code]
