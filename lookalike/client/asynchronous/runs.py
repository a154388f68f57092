# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Long work at the server: index runs, maps in the making."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any, Unpack
from urllib.parse import quote

from lookalike.client.archive_files import read_archive
from lookalike.client.asynchronous.run import AsyncRun, Progress
from lookalike.client.asynchronous.sender import Sender
from lookalike.client.indexing import IndexOptions, to_index_run
from lookalike.client.paths import server_path
from lookalike.wire.paths import to_wire
from lookalike.wire.runs import RunInfo
from lookalike.wire.sources import SourceDatasets
from lookalike.wire.uploads import Uploaded


class RunCalls(Sender):
    """Runs."""

    async def list_runs(self) -> list[RunInfo]:
        """List the last runs, newest first.

        Example:
            >>> runs = await client.list_runs()
            >>> [(run.kind, run.state) for run in runs]
            [('index', 'succeeded')]
        """
        return await self._ask(list[RunInfo], "GET", "/runs")

    async def get_run(self, run_id: str) -> AsyncRun[dict[str, Any]]:
        """Give a run to watch, to wait for or to cancel, also one that another client started.

        Example:
            >>> run = await client.get_run(runs[0].id)
            >>> run.info.state
            'succeeded'
        """
        info = await self._ask(RunInfo, "GET", f"/runs/{quote(run_id, safe='')}")
        return AsyncRun(self, info, dict[str, Any])

    async def watch_run(self, run_id: str) -> AsyncIterator[RunInfo]:
        """Give a run as it is now, whenever it has changed, and the last time when it is over.

        A connection that is lost is opened again. ``Run.events`` says more.

        Example:
            >>> async for info in await client.watch_run(runs[0].id):
            ...     print(info.state, info.done)
            succeeded 12
        """
        run = await self.get_run(run_id)
        return run.events()

    async def cancel_run(self, run_id: str) -> RunInfo:
        """Ask a run to stop; what it has finished is kept.

        Example:
            >>> info = await client.cancel_run(run.id)
            >>> info.kind
            'index'
        """
        return await self._ask(RunInfo, "DELETE", f"/runs/{quote(run_id, safe='')}")

    async def upload_archive(self, archive: str | os.PathLike[str]) -> Uploaded:
        """Send a zip archive of images to the server, to index it there. Needs local power.

        Args:
            archive: Path of the archive on this machine.

        Raises:
            InvalidOptionsError: The file cannot be read, or the server refuses it.

        Example:
            >>> uploaded = await client.upload_archive("photos.zip")
            >>> run = await client.index(uploaded.path)
        """
        return await self._ask(Uploaded, "POST", "/uploads", files={"file": read_archive(archive)})

    async def list_source_datasets(self, source: str | os.PathLike[str], source_format: str | None = None) -> list[str]:
        """List the datasets of a folder or an annotation file, before it is indexed. Needs local power.

        Args:
            source: Its path on the server's machine.
            source_format: A name of ``get_catalogue().source_formats``; found out from the source if None.

        Raises:
            SourceError: It cannot be opened.

        Example:
            >>> await client.list_source_datasets("photos/")
            ['train', 'val']
        """
        params = {"source": to_wire(server_path(source, is_local=self._is_local))}
        params |= {} if source_format is None else {"source_format": source_format}
        answer = await self._ask(SourceDatasets, "GET", "/sources/datasets", params=params)
        return answer.datasets

    async def index(
        self,
        source: str | os.PathLike[str],
        collection: str | None = None,
        *,
        on_progress: Progress | None = None,
        **options: Unpack[IndexOptions],
    ) -> AsyncRun[dict[str, Any]]:
        """Start to bring a collection up to date with labelled images; only what changed is embedded.

        Args:
            source: Path of the source on the server's machine, or an address. Needs local power.
            collection: Name of the collection; made of the model's name if None.
            on_progress: Told how far it is while somebody waits.
            **options: What becomes a point, and how it is embedded, see ``IndexOptions``.

        Returns:
            The run; its result is the report of ``lookalike index --json``.

        Example:
            >>> run = await client.index("photos/", mode="objects", padding="10%", on_progress=print)
            >>> (await run.wait())["images"]["added"]
            12
        """
        request = to_index_run(source, collection, keeps_paths=not self._is_local, **options)
        info = await self._ask(RunInfo, "POST", "/runs", json=request.model_dump(mode="json"))
        return AsyncRun(self, info, dict[str, Any], on_progress=on_progress)
