# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Collections taken to a file and back, or to another store."""

from __future__ import annotations

import os

from lookalike.client.asynchronous.run import AsyncRun, Progress
from lookalike.client.asynchronous.sender import Sender
from lookalike.client.paths import collection_path, server_path
from lookalike.client.problems import make_request
from lookalike.wire.backups import BackedUp, BackupRequest, Moved, MoveRequest, Restored, RestoreRequest
from lookalike.wire.runs import RunInfo


class BackupCalls(Sender):
    """Backups and moves, on the server's machine; they need local power."""

    async def back_up(
        self, file: str | os.PathLike[str], collection: str | None = None, *, on_progress: Progress | None = None
    ) -> AsyncRun[BackedUp]:
        """Start to write a collection with its maps and all that people made of it to one file.

        Args:
            file: The file, which appears whole or not at all; an earlier backup there is replaced, another file is not.
            collection: Name of the collection; may be left out if there is only one.
            on_progress: Told how far it is while somebody waits.

        Returns:
            The run; cancelling it leaves what was there before.

        Example:
            >>> run = await client.back_up("products.zip", "products")
            >>> (await run.wait()).n_points
            1797
        """
        request = make_request(BackupRequest, file=server_path(file, is_local=self._is_local))
        path = f"{collection_path(collection)}/backups"
        info = await self._ask(RunInfo, "POST", path, json=request.model_dump(mode="json"))
        return AsyncRun(self, info, BackedUp, on_progress=on_progress)

    async def restore(
        self, file: str | os.PathLike[str], collection: str | None = None, *, on_progress: Progress | None = None
    ) -> AsyncRun[Restored]:
        """Start to make a collection of a backup; the whole file is checked before anything is written.

        Args:
            file: The file that ``back_up`` wrote.
            collection: Name of the collection; the one that was backed up if None.
            on_progress: Told how far it is while somebody waits.

        Returns:
            The run; cancelling it leaves nothing.

        Example:
            >>> run = await client.restore("products.zip", "products-again")
            >>> (await run.wait()).n_points
            1797
        """
        request = make_request(RestoreRequest, file=server_path(file, is_local=self._is_local), collection=collection)
        info = await self._ask(RunInfo, "POST", "/restores", json=request.model_dump(mode="json"))
        return AsyncRun(self, info, Restored, on_progress=on_progress)

    async def move(
        self, to: str | os.PathLike[str], collection: str | None = None, *, on_progress: Progress | None = None
    ) -> AsyncRun[Moved]:
        """Start to copy a collection to another store, and to compare both; the one here stays.

        Args:
            to: Address of a Qdrant server, or a data directory.
            collection: Name of the collection; may be left out if there is only one.
            on_progress: Told how far it is while somebody waits.

        Returns:
            The run; after it was cancelled, the same call goes on where it stopped.

        Example:
            >>> run = await client.move("http://localhost:6333", "products")
            >>> (await run.wait()).n_queries
            100
        """
        request = make_request(MoveRequest, to=server_path(to, is_local=self._is_local))
        path = f"{collection_path(collection)}/moves"
        info = await self._ask(RunInfo, "POST", path, json=request.model_dump(mode="json"))
        return AsyncRun(self, info, Moved, on_progress=on_progress)
