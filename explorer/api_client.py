"""The api as the explorer sees it: one async method a question, answers as ``lookalike.wire`` models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import TypeAdapter, ValidationError

from explorer.errors import ApiResponseError, ApiUnreachableError
from lookalike.wire.collections import CollectionInfo
from lookalike.wire.maps import MapRow, ProjectionInfo, ProjectRequest, RowOfPoint
from lookalike.wire.neighbors import NeighborModel, Neighbors
from lookalike.wire.points import PointModel
from lookalike.wire.reviews import ReviewModel, UndoneReview
from lookalike.wire.runs import RunInfo
from lookalike.wire.suspects import Suspects

T = TypeVar("T")

API_PREFIX = "/api/v1"
"""Where the browser finds the api, on the server that served the page."""


class ApiClient:
    """Asks the api, in this process or in another one.

    Args:
        base_url: Address of the api, including its prefix.
        transport: How requests travel; ``httpx.ASGITransport(app)`` for an api in the same process.
        timeout_s: Longest wait for an answer.
    """

    def __init__(
        self, base_url: str, *, transport: httpx.AsyncBaseTransport | None = None, timeout_s: float = 60.0
    ) -> None:
        self._base_url = base_url
        self._http = httpx.AsyncClient(base_url=base_url, transport=transport, timeout=timeout_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def list_collections(self) -> list[CollectionInfo]:
        """Every collection, with its counts."""
        return await self._ask(TypeAdapter(list[CollectionInfo]), "GET", "/collections")

    async def get_collection(self, name: str) -> CollectionInfo:
        """One collection."""
        return await self._ask(TypeAdapter(CollectionInfo), "GET", _collection_path(name))

    async def list_projections(self, collection: str) -> list[ProjectionInfo]:
        """The projections of a collection, newest first."""
        path = f"{_collection_path(collection)}/projections"
        return await self._ask(TypeAdapter(list[ProjectionInfo]), "GET", path)

    async def start_projection(self, collection: str) -> RunInfo:
        """Make a map of the collection in the background, or bring its newest one up to date."""
        path = f"{_collection_path(collection)}/projections"
        return await self._ask(TypeAdapter(RunInfo), "POST", path, json=ProjectRequest().model_dump())

    async def list_runs(self) -> list[RunInfo]:
        """List the work in the background, done and under way, newest first."""
        return await self._ask(TypeAdapter(list[RunInfo]), "GET", "/runs")

    async def get_points_of_rows(self, collection: str, projection: str, rows: Sequence[int]) -> list[MapRow]:
        """The points behind rows of a projection's map."""
        query = {"rows": ",".join(map(str, rows))}
        path = f"{_projection_path(collection, projection)}/rows"
        return await self._ask(TypeAdapter(list[MapRow]), "GET", path, params=query)

    async def get_rows_of_points(self, collection: str, projection: str, ids: Sequence[str]) -> list[RowOfPoint]:
        """Where points are in a projection's map; a point that the projection does not know is left out."""
        path = f"{_projection_path(collection, projection)}/rows"
        return await self._ask(TypeAdapter(list[RowOfPoint]), "POST", path, json={"ids": list(ids)})

    async def get_point(self, collection: str, point_id: str) -> PointModel:
        """One point with its payload."""
        path = f"{_collection_path(collection)}/points/{quote(point_id, safe='')}"
        return await self._ask(TypeAdapter(PointModel), "GET", path)

    async def find_neighbors(self, collection: str, point_id: str, limit: int) -> list[NeighborModel]:
        """Points similar to a point, nearest first."""
        request = {"ids": [point_id], "limit": limit}
        path = f"{_collection_path(collection)}/neighbors"
        return (await self._ask(TypeAdapter(Neighbors), "POST", path, json=request)).neighbors

    async def find_neighbors_of_image(
        self, collection: str, image: bytes, file_name: str, limit: int
    ) -> list[NeighborModel]:
        """Points similar to an image that is not in the collection, nearest first."""
        path = f"{_collection_path(collection)}/neighbors/image"
        form = {"files": {"file": (file_name, image)}, "data": {"limit": str(limit)}}
        return (await self._ask(TypeAdapter(Neighbors), "POST", path, **form)).neighbors

    async def list_suspects(
        self, collection: str, *, limit: int, offset: int = 0, **conditions: str | None
    ) -> Suspects:
        """A page of the suspects, most suspicious first.

        ``conditions`` are those of the api (``class_name``, ``dataset``, ``ids``, ...) and the ``method`` of ranking;
        None for what may be anything.
        """
        chosen = {name: value for name, value in conditions.items() if value is not None}
        query = {"limit": limit, "offset": offset, **chosen}
        return await self._ask(TypeAdapter(Suspects), "GET", f"{_collection_path(collection)}/suspects", params=query)

    async def list_reviews(self, collection: str, verdict: str) -> list[ReviewModel]:
        """The standing reviews of one verdict, newest first."""
        path = f"{_collection_path(collection)}/reviews"
        return await self._ask(TypeAdapter(list[ReviewModel]), "GET", path, params={"verdict": verdict})

    async def add_review(
        self,
        collection: str,
        point_id: str,
        verdict: str,
        *,
        who: str,
        class_name: str | None = None,
        group: Sequence[str] = (),
    ) -> ReviewModel:
        """Record a verdict on a point or the whole group it stands for; the suggested class is accepted if None."""
        ids = list(dict.fromkeys([point_id, *group]))
        request = {"ids": ids, "verdict": verdict, "who": who, "class_name": class_name, "is_one_entry": bool(group)}
        path = f"{_collection_path(collection)}/reviews"
        return (await self._ask(TypeAdapter(list[ReviewModel]), "POST", path, json=request))[0]

    async def undo_review(self, collection: str, review_id: str, *, who: str) -> UndoneReview:
        """Take a review back; the one that it replaced stands again."""
        request = {"review_id": review_id, "who": who}
        path = f"{_collection_path(collection)}/reviews/undo"
        return await self._ask(TypeAdapter(UndoneReview), "POST", path, json=request)

    async def _ask(self, answer: TypeAdapter[T], method: str, path: str, **request: Any) -> T:
        """Send one request.

        Raises:
            ApiUnreachableError: No answer came.
            ApiResponseError: The answer is an error, or not of the expected form.
        """
        try:
            response = await self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise ApiUnreachableError(self._base_url, str(error) or type(error).__name__) from error
        if response.is_error:
            raise ApiResponseError(response.status_code, _problem_text(response))
        try:
            return answer.validate_json(response.content)
        except ValidationError as error:
            where = f"{method} {path}"
            detail = f"the api answered {where} in another form than expected; are both of one version?"
            raise ApiResponseError(response.status_code, detail) from error


def map_url(collection: str, projection: str, version: str) -> str:
    """Where the browser finds the binary map; with its version in the address it may keep it for ever."""
    return f"{API_PREFIX}{_projection_path(collection, projection)}/map?{urlencode({'v': version})}"


def scores_url(collection: str, projection: str) -> str:
    """Where the browser finds the map's suspect scores, one byte a row."""
    return f"{API_PREFIX}{_projection_path(collection, projection)}/columns/score"


def trust_url(collection: str, projection: str) -> str:
    """Where the browser finds how far the place of each row can be trusted, one byte a row."""
    return f"{API_PREFIX}{_projection_path(collection, projection)}/columns/trust"


def row_url(collection: str, projection: str) -> str:
    """Where the browser finds what belongs to a row; ``/ROW/crop?size=128`` follows."""
    return f"{API_PREFIX}{_projection_path(collection, projection)}/rows"


def crop_url(collection: str, point_id: str, size_px: int) -> str:
    """Where the browser finds the crop of a point, ``size_px`` along its longer side."""
    return f"{API_PREFIX}{_collection_path(collection)}/points/{quote(point_id, safe='')}/crop?size={size_px}"


def image_url(collection: str, point_id: str, *, annotation: str, size_px: int) -> str:
    """Where the browser finds a point's whole image; ``annotation`` draws its ``object``, ``all`` or ``none``."""
    query = urlencode({"collection": collection, "annotation": annotation, "size": size_px})
    return f"{API_PREFIX}/images/{quote(point_id, safe='')}?{query}"


def _collection_path(name: str) -> str:
    return f"/collections/{quote(name, safe='')}"


def _projection_path(collection: str, projection: str) -> str:
    return f"{_collection_path(collection)}/projections/{quote(projection, safe='')}"


def _problem_text(response: httpx.Response) -> str:
    """The ``detail`` of a problem+json answer, or what can be said without one."""
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the api answered status {response.status_code} without saying why; its log may"
