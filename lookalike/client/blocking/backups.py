"""Collections taken to a file and back, or to another store."""

from __future__ import annotations

import os

from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path, server_path
from lookalike.client.problems import make_request
from lookalike.wire.backups import BackedUp, BackupRequest, Moved, MoveRequest, Restored, RestoreRequest


class BackupCalls(Sender):
    """Backups and moves, on the server's machine; they need local power."""

    def back_up(self, file: str | os.PathLike[str], collection: str | None = None) -> BackedUp:
        """Write a collection with its reviews and maps to one file, whole or not at all.

        Args:
            file: The file; an earlier backup there is replaced, another file is not.
            collection: Name of the collection; may be left out if there is only one.

        Example:
            >>> client.back_up("products.zip", "products").n_points
            1797
        """
        request = make_request(BackupRequest, file=server_path(file, is_local=self._is_local))
        path = f"{collection_path(collection)}/backups"
        return self._ask(BackedUp, "POST", path, json=request.model_dump(mode="json"))

    def restore(self, file: str | os.PathLike[str], collection: str | None = None) -> Restored:
        """Make a collection of a backup; the whole file is checked before anything is written.

        Args:
            file: The file that ``back_up`` wrote.
            collection: Name of the collection; the one that was backed up if None.

        Example:
            >>> client.restore("products.zip", "products-again").n_points
            1797
        """
        request = make_request(RestoreRequest, file=server_path(file, is_local=self._is_local), collection=collection)
        return self._ask(Restored, "POST", "/restores", json=request.model_dump(mode="json"))

    def move(self, to: str | os.PathLike[str], collection: str | None = None) -> Moved:
        """Copy a collection to another store, and compare both; the one here stays.

        Args:
            to: Address of a Qdrant server, or a data directory.
            collection: Name of the collection; may be left out if there is only one.

        Example:
            >>> client.move("http://localhost:6333", "products").n_queries
            100
        """
        request = make_request(MoveRequest, to=server_path(to, is_local=self._is_local))
        path = f"{collection_path(collection)}/moves"
        return self._ask(Moved, "POST", path, json=request.model_dump(mode="json"))
