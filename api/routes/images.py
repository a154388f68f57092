"""The image of a point, with its annotations."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import ImageSize, ServicesDep
from api.responses import JPEG, REVALIDATE, IfNoneMatch, conditional_response, entity_tag
from api.services.colors import colors_told
from api.services.points import require_point
from api.services.thumbnails import crop_version
from api.services.uploads import parse_box
from indexer.payload import PayloadField
from lookalike.wire.base import CollectionName, IdInPath
from lookalike.wire.names import Annotation

router = APIRouter(prefix="/images", tags=["images"])


@router.get("/{point_id:path}", response_class=Response, responses=JPEG)
def get_image(  # noqa: PLR0913, PLR0917 - a picture has that many sides
    point_id: IdInPath,
    services: ServicesDep,
    if_none_match: IfNoneMatch = None,
    collection: CollectionName | None = None,
    annotation: Annotation = "object",
    size: ImageSize = 1024,
    region: Annotated[
        str | None,
        Query(max_length=100, description="left,top,right,bottom in px: only this part, enlarged to the size"),
    ] = None,
) -> Response:
    """Show the image of a point; the name of the only collection may be left out."""
    opened = services.workspace.collections.open(collection)
    point = require_point(opened, point_id)
    part = parse_box(region, name="region") if region else None
    parts, class_name = services.workspace, point.payload.get(PayloadField.CLASS_NAME)
    colors = {} if annotation == "none" else colors_told(parts.collections, parts.facts, opened.name, class_name)
    version = (crop_version(opened, point), opened.revision, annotation, region, sorted(colors.items()))
    return conditional_response(
        lambda: services.thumbnails.image(
            opened, point, annotation=annotation, size_px=size, colors=colors, region=part
        ),
        etag=entity_tag(version, point_id, size),
        if_none_match=if_none_match,
        cache_control=REVALIDATE,
        media_type="image/jpeg",
    )
