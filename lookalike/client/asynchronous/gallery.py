# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Galleries: points in an order that a person chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from lookalike.client.asynchronous.listing import PAGE_SIZE, AsyncListing, Page
from lookalike.client.asynchronous.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, clean, to_question
from lookalike.wire.gallery import GalleryPage, GalleryPointModel, GalleryQuery
from lookalike.wire.names import GalleryOrder


class GalleryCalls(Sender):
    """Questions about galleries."""

    async def gallery(
        self,
        collection: str | None = None,
        *,
        order: GalleryOrder = "suspect",
        descending: bool = True,
        similar_to: Sequence[str] = (),
        unlike: Sequence[str] = (),
        limit: int | None = None,
        **where: Unpack[Where],
    ) -> AsyncListing[GalleryPointModel]:
        """List points in an order; those of which the ordered value is unknown come last.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            order: Property that decides.
            descending: Whether the greatest value comes first.
            similar_to: Ids of examples, for the order ``similarity``.
            unlike: Ids of counter-examples for it.
            limit: How many at most; all if None.
            **where: Conditions, see ``Where``.

        Example:
            >>> for point in await client.gallery("products", class_name="shoe", limit=50):
            ...     print(point.suspect_score, point.image_name)
        """
        path = f"{collection_path(collection)}/gallery"
        examples = {"similar_to": list(similar_to) or None, "unlike": list(unlike) or None}

        async def fetch(offset: int, n_rows: int) -> Page[GalleryPointModel]:
            query = make_request(
                GalleryQuery,
                order=order,
                descending=descending,
                offset=offset,
                limit=n_rows,
                **examples,
                **clean(where),
            )
            page = await self._ask(GalleryPage, path=path, **to_question(query))
            return Page(page.points, page.next_offset, page.total, page.why_empty)

        n_first = PAGE_SIZE if limit is None else max(1, min(limit, PAGE_SIZE))
        return AsyncListing(await fetch(0, n_first), fetch, limit=limit)
