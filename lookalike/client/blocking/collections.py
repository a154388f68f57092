"""Collections and their counts."""

from __future__ import annotations

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path
from lookalike.wire.collections import CollectionInfo, Status


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

    def delete_collection(self, name: str) -> None:
        """Delete a collection with all that was made of it; its sources stay as they are. Needs local power.

        Example:
            >>> client.delete_collection("products")
        """
        self._send("DELETE", collection_path(name))
