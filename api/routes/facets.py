"""Facets: properties by which a collection can be narrowed."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import CollectionDep, ServicesDep
from api.services.points import to_scores, to_selection
from lookalike.wire.base import CountedName
from lookalike.wire.facets import EditedSpan, Facets, FacetsQuery

router = APIRouter(prefix="/collections/{collection}", tags=["facets"])


@router.get("/facets")
def list_facets(collection: CollectionDep, services: ServicesDep, query: Annotated[FacetsQuery, Query()]) -> Facets:
    """Count the values of every facet under a filter."""
    return count_facets(collection, services, query)


@router.post("/facets")
def count_facets(collection: CollectionDep, services: ServicesDep, query: FacetsQuery) -> Facets:
    """Count the values of every facet under a filter; as GET, for long selections."""
    found = services.workspace.facets.count(collection.name, to_selection(query), to_scores(query))
    values = {field: _to_names(counts, query.limit) for field, counts in found.values.items()}
    return Facets(
        n_points=found.n_points,
        n_matching=found.n_matching,
        **values,
        review=[CountedName(name=state.value, count=count) for state, count in found.reviews.items()],
        edited=None if found.edited is None else EditedSpan(**asdict(found.edited)),
        scores=found.scores,
        why_empty=found.why_empty,
    )


def _to_names(counts: Mapping[str, int], limit: int) -> list[CountedName]:
    return [CountedName(name=name, count=count) for name, count in islice(counts.items(), limit)]
