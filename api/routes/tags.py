"""Tags that people give to points."""

from fastapi import APIRouter

from api.access import Access
from api.dependencies import CollectionDep, ServicesDep, needs
from lookalike.wire.base import CountedName
from lookalike.wire.tags import ChangedTags, PointTagsRequest

router = APIRouter(prefix="/collections/{collection}", tags=["tags"])
_CHANGES = needs(Access.REVIEW, "tag points")


@router.get("/tags")
def list_tags(collection: CollectionDep, services: ServicesDep) -> list[CountedName]:
    """List the tags that people gave, with the number of points that have each."""
    counts = services.workspace.tags.counts(collection.name)
    return [CountedName(name=name, count=count) for name, count in counts.items()]


@router.post("/tags", dependencies=[_CHANGES])
def change_tags(collection: CollectionDep, services: ServicesDep, request: PointTagsRequest) -> ChangedTags:
    """Give tags to points and take others away, all points or none; tags outlive index runs."""
    n_changed = services.workspace.tags.change(collection.name, request.ids, add=request.add, remove=request.remove)
    return ChangedTags(n_changed=n_changed)
