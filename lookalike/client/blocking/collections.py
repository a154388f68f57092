"""Collections and their counts."""

from __future__ import annotations

from typing import Unpack

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.client.problems import make_request
from lookalike.client.selecting import Where, clean, to_question
from lookalike.wire.collections import CollectionInfo, FindQuery, FoundByName, RenameRequest, Status


class CollectionCalls(Sender):
    """Questions about collections."""

    def get_status(self) -> Status:
        """Show what the data directory holds, with the reasons why collections cannot be read.

        Example:
            >>> status = client.get_status()
            >>> [(one.name, one.n_points) for one in status.collections]
            [('products', 1797)]
        """
        return self._ask(Status, "GET", "/status")

    def list_collections(self) -> list[CollectionInfo]:
        """List all collections with their counts.

        Example:
            >>> collections = client.list_collections()
            >>> [one.name for one in collections]
            ['products']
        """
        return self._ask(list[CollectionInfo], "GET", "/collections")

    def get_collection(self, name: str | None = None) -> CollectionInfo:
        """Describe one collection; the name may be left out if there is only one.

        Example:
            >>> info = client.get_collection("products")
            >>> info.n_points
            1797
        """
        return self._ask(CollectionInfo, "GET", collection_path(name))

    def rename_collection(self, name: str, display_name: str) -> CollectionInfo:
        """Call a collection something else on the page and in lists; its name in paths and commands stays.

        Args:
            name: Name of the collection.
            display_name: What people shall call it; empty for the name of its project.

        Example:
            >>> info = client.rename_collection("products", "Products, spring")
            >>> info.display_name
            'Products, spring'
        """
        request = make_request(RenameRequest, display_name=display_name)
        return self._ask(CollectionInfo, "PATCH", collection_path(name), json=request.model_dump(mode="json"))

    def find_by_name(
        self, text: str, collection: str | None = None, *, limit: int = 20, **where: Unpack[Where]
    ) -> FoundByName:
        """Find classes and points by a part of a class or file name, or by the beginning of an id.

        Args:
            text: What to look for, in whatever case.
            collection: Name of the collection; may be left out if there is only one.
            limit: How many points at most.
            **where: Conditions on the points, see ``Where``; what fits the text outside them is counted.

        Example:
            >>> found = client.find_by_name("shoe_17")
            >>> found.points[0].image_name
            'shoe_17.jpg'
        """
        query = make_request(FindQuery, text=text, limit=limit, **clean(where))
        return self._ask(FoundByName, path=f"{collection_path(collection)}/find", **to_question(query))

    def delete_collection(self, name: str) -> None:
        """Delete a collection with all that was made of it; its sources stay as they are. Needs local power.

        Verdicts and tags of people stay. Points get them back when the same images are indexed again.

        Example:
            >>> client.delete_collection("products")
        """
        self._send("DELETE", collection_path(name))
