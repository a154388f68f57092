# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Labels that their neighborhood contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from lookalike.client.asynchronous.listing import PAGE_SIZE, AsyncListing, Page
from lookalike.client.asynchronous.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, clean, to_question
from lookalike.wire.names import SuspectMethod
from lookalike.wire.suspects import GroupRequest, SuspectModel, Suspects, SuspectsQuery


class SuspectCalls(Sender):
    """Questions about suspects."""

    async def suspects(
        self,
        collection: str | None = None,
        *,
        limit: int | None = None,
        method: SuspectMethod = "combined",
        **where: Unpack[Where],
    ) -> AsyncListing[SuspectModel]:
        """Iterate over the points whose class their neighborhood contradicts, most suspicious first.

        Args:
            collection: Name of the collection; may be left out if there is only one.
            limit: How many at most; None for all.
            method: For experts: ``ridge`` leaves the nearest points out.
            **where: Conditions, see ``Where``.

        Example:
            >>> async for suspect in await client.suspects("products", class_name="shoe", limit=50):
            ...     print(suspect.image_name, suspect.class_name, "->", suspect.suggested_class)
        """

        async def fetch(offset: int, size: int) -> Page[SuspectModel]:
            page = await self.list_suspects(collection, offset=offset, limit=size, method=method, **where)
            return Page(page.suspects, page.next_offset, page.n_matching, page.why_empty)

        return AsyncListing(await fetch(0, min(limit or PAGE_SIZE, PAGE_SIZE)), fetch, limit=limit)

    async def list_suspects(
        self,
        collection: str | None = None,
        *,
        offset: int = 0,
        limit: int = 50,
        method: SuspectMethod = "combined",
        **where: Unpack[Where],
    ) -> Suspects:
        """Give one page of the suspects; ``suspects`` gives all.

        Example:
            >>> page = await client.list_suspects("products", limit=10)
            >>> page.n_matching
            35
        """
        query = make_request(SuspectsQuery, offset=offset, limit=limit, method=method, **clean(where))
        return await self._ask(Suspects, path=f"{collection_path(collection)}/suspects", **to_question(query))

    async def find_group(self, ids: Sequence[str], collection: str | None = None) -> list[str]:
        """List some points and those in one group of suspects with one of them, each once.

        Example:
            >>> ids = await client.find_group([suspect.id])
            >>> len(ids)
            3
        """
        request = make_request(GroupRequest, ids=list(ids))
        path = f"{collection_path(collection)}/suspects/group"
        return await self._ask(list[str], "POST", path, json=request.model_dump(mode="json"))
