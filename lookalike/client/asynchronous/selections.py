# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Selections that people named, and tags that they gave."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from lookalike.client.asynchronous.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.wire.base import CountedName
from lookalike.wire.selections import SavedSelection, SelectionRequest
from lookalike.wire.tags import ChangedTags, PointTagsRequest


class SelectionCalls(Sender):
    """Named selections and tags."""

    async def list_selections(self, collection: str | None = None) -> list[CountedName]:
        """List the selections that were named, with the number of their points.

        Example:
            >>> [one.name for one in await client.list_selections("products")]
            ['blurred']
        """
        return await self._ask(list[CountedName], "GET", f"{collection_path(collection)}/selections")

    async def save_selection(self, name: str, ids: Sequence[str], collection: str | None = None) -> CountedName:
        """Keep a selection under a name, in place of an earlier one of that name.

        Example:
            >>> saved = await client.save_selection("blurred", [point.id for point in found])
        """
        body = make_request(SelectionRequest, name=name, ids=list(ids)).model_dump(mode="json")
        return await self._ask(CountedName, "POST", f"{collection_path(collection)}/selections", json=body)

    async def get_selection(self, name: str, collection: str | None = None) -> SavedSelection:
        """Show the points of a named selection.

        Example:
            >>> saved = await client.get_selection("blurred")
            >>> points = await client.points(ids=saved.ids)
        """
        return await self._ask(
            SavedSelection, "GET", f"{collection_path(collection)}/selections/{quote(name, safe='')}"
        )

    async def delete_selection(self, name: str, collection: str | None = None) -> None:
        """Forget a named selection; its points stay.

        Example:
            >>> await client.delete_selection("blurred")
        """
        await self._send("DELETE", f"{collection_path(collection)}/selections/{quote(name, safe='')}")

    async def list_tags(self, collection: str | None = None) -> list[CountedName]:
        """List the tags that people gave, with the number of points that have each.

        Example:
            >>> {tag.name: tag.count for tag in await client.list_tags("products")}
            {'blurred': 12}
        """
        return await self._ask(list[CountedName], "GET", f"{collection_path(collection)}/tags")

    async def change_tags(
        self,
        ids: Sequence[str],
        collection: str | None = None,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
    ) -> ChangedTags:
        """Give tags to points and take others away: all points or none. Tags outlive index runs.

        Args:
            ids: The points.
            collection: Name of the collection; may be left out if there is only one.
            add: Tags to give.
            remove: Tags to take away; those of the source stay.

        Example:
            >>> await client.change_tags([suspect.id], add=["blurred"]).n_changed
            1
        """
        request = make_request(PointTagsRequest, ids=list(ids), add=list(add), remove=list(remove))
        path = f"{collection_path(collection)}/tags"
        return await self._ask(ChangedTags, "POST", path, json=request.model_dump(mode="json"))
