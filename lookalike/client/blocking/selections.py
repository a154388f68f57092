"""Selections that people named, and tags that they gave."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.wire.base import CountedName
from lookalike.wire.selections import SavedSelection, SelectionRequest
from lookalike.wire.tags import ChangedTags, PointTagsRequest


class SelectionCalls(Sender):
    """Named selections and tags."""

    def list_selections(self, collection: str | None = None) -> list[CountedName]:
        """List the selections that were named, with the number of their points.

        Example:
            >>> [one.name for one in client.list_selections("products")]
            ['blurred']
        """
        return self._ask(list[CountedName], "GET", f"{collection_path(collection)}/selections")

    def save_selection(self, name: str, ids: Sequence[str], collection: str | None = None) -> CountedName:
        """Keep a selection under a name, in place of an earlier one of that name.

        Example:
            >>> saved = client.save_selection("blurred", [point.id for point in found])
        """
        body = make_request(SelectionRequest, name=name, ids=list(ids)).model_dump(mode="json")
        return self._ask(CountedName, "POST", f"{collection_path(collection)}/selections", json=body)

    def get_selection(self, name: str, collection: str | None = None) -> SavedSelection:
        """Show the points of a named selection.

        Example:
            >>> saved = client.get_selection("blurred")
            >>> points = client.points(ids=saved.ids)
        """
        return self._ask(SavedSelection, "GET", f"{collection_path(collection)}/selections/{quote(name, safe='')}")

    def delete_selection(self, name: str, collection: str | None = None) -> None:
        """Forget a named selection; its points stay.

        Example:
            >>> client.delete_selection("blurred")
        """
        self._send("DELETE", f"{collection_path(collection)}/selections/{quote(name, safe='')}")

    def list_tags(self, collection: str | None = None) -> list[CountedName]:
        """List the tags that people gave, with the number of points that have each.

        Example:
            >>> {tag.name: tag.count for tag in client.list_tags("products")}
            {'blurred': 12}
        """
        return self._ask(list[CountedName], "GET", f"{collection_path(collection)}/tags")

    def change_tags(
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
            >>> client.change_tags([suspect.id], add=["blurred"]).n_changed
            1
        """
        request = make_request(PointTagsRequest, ids=list(ids), add=list(add), remove=list(remove))
        path = f"{collection_path(collection)}/tags"
        return self._ask(ChangedTags, "POST", path, json=request.model_dump(mode="json"))
