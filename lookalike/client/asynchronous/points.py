# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Points, their pictures and their embeddings."""

from __future__ import annotations

from typing import Any, Unpack
from urllib.parse import quote

from lookalike.client.asynchronous.listing import PAGE_SIZE, AsyncListing, Page
from lookalike.client.asynchronous.sender import Sender
from lookalike.client.embeddings import Embeddings, join_pages, read_page
from lookalike.client.paths import collection_path, point_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, clean, to_question
from lookalike.wire.names import Annotation
from lookalike.wire.points import EmbeddingsQuery, PointModel, PointPage, PointsQuery

_EMBEDDINGS_PER_PAGE = 16_384


class PointCalls(Sender):
    """Questions about points."""

    async def points(
        self, collection: str | None = None, *, limit: int | None = None, **where: Unpack[Where]
    ) -> AsyncListing[PointModel]:
        """Iterate over the points that have an embedding, by ascending id.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            limit: How many at most; None for all.
            **where: Conditions, see ``Where``.

        Example:
            >>> async for point in await client.points("products", class_name="shoe", limit=3):
            ...     print(point.image_name, point.box)
        """

        async def fetch(offset: int, size: int) -> Page[PointModel]:
            page = await self.list_points(collection, offset=offset, limit=size, **where)
            return Page(page.points, page.next_offset, page.total)

        return AsyncListing(await fetch(0, min(limit or PAGE_SIZE, PAGE_SIZE)), fetch, limit=limit)

    async def list_points(
        self, collection: str | None = None, *, offset: int = 0, limit: int = 100, **where: Unpack[Where]
    ) -> PointPage:
        """Give one page of the points that have an embedding; ``points`` gives all.

        Example:
            >>> page = await client.list_points("products", limit=10)
            >>> page.total
            1797
        """
        query = make_request(PointsQuery, offset=offset, limit=limit, **clean(where))
        return await self._ask(PointPage, path=f"{collection_path(collection)}/points", **to_question(query))

    async def get_point(self, point_id: str, collection: str | None = None) -> PointModel:
        """Show one point with its whole payload.

        Example:
            >>> point = await client.get_point(suspect.id)
            >>> point.payload["annotated_by"]
            'ann'
        """
        return await self._ask(PointModel, "GET", point_path(collection, point_id))

    async def get_crop(self, point_id: str, collection: str | None = None, *, size_px: int = 256) -> bytes:
        """Give what a point was embedded from as JPEG, at most ``size_px`` along its longer side.

        Example:
            >>> data = await client.get_crop(suspect.id)
            >>> n_bytes = Path("crop.jpg").write_bytes(data)
        """
        return await self._read(f"{point_path(collection, point_id)}/crop", params={"size": size_px})

    async def get_image(
        self,
        point_id: str,
        collection: str | None = None,
        *,
        annotation: Annotation = "object",
        size_px: int = 1024,
        region: tuple[int, int, int, int] | None = None,
    ) -> bytes:
        """Give the image of a point as JPEG, with its annotations drawn.

        Args:
            point_id: Id of the point.
            collection: Name of the collection; may be left out if there is only one.
            annotation: Draw the point's own object, all objects of the image, or none.
            size_px: Longest side.
            region: Only this part, left, top, right, bottom in px of the image, enlarged to ``size_px``.

        Example:
            >>> data = await client.get_image(suspect.id, annotation="all")
            >>> n_bytes = Path("image.jpg").write_bytes(data)
        """
        params: dict[str, Any] = {"annotation": annotation, "size": size_px}
        if collection is not None:
            params["collection"] = collection
        if region is not None:
            params["region"] = ",".join(map(str, region))
        return await self._read(f"/images/{quote(point_id, safe='')}", params=params)

    async def embeddings(self, collection: str | None = None, **where: Unpack[Where]) -> Embeddings:
        """Give embeddings as an array, float32 (N, D), with the ids of the points, all of one moment.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            **where: Conditions, see ``Where``.

        Raises:
            SnapshotOutdatedError: Points changed while the embeddings came; ask again.

        Example:
            >>> found = await client.embeddings("products", class_name="shoe")
            >>> found.embeddings.shape, len(found.ids)
            ((120, 1280), 120)
        """
        pages, n_read, revision = [], 0, None
        while True:
            query = make_request(
                EmbeddingsQuery, offset=n_read, limit=_EMBEDDINGS_PER_PAGE, revision=revision, **clean(where)
            )
            body = query.model_dump(mode="json", exclude_none=True)
            response = await self._send("POST", f"{collection_path(collection)}/points/embeddings", json=body)
            page = read_page(response.content)
            pages.append(page)
            n_read, revision = n_read + len(page.ids), page.revision
            if n_read >= page.total or not page.ids:
                return join_pages(pages)
