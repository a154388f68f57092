"""Long work at the server: index runs, maps in the making."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from lookalike.client.archive_files import read_archive
from lookalike.client.blocking.run import Progress, Run
from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import server_path
from lookalike.client.problems import make_request
from lookalike.wire.names import InstanceMode
from lookalike.wire.runs import IndexRun, RunInfo
from lookalike.wire.uploads import Uploaded


class RunCalls(Sender):
    """Runs."""

    def list_runs(self) -> list[RunInfo]:
        """List the last runs, newest first.

        Example:
            >>> runs = client.list_runs()
            >>> [(run.kind, run.state) for run in runs]
            [('index', 'succeeded')]
        """
        return self._ask(list[RunInfo], "GET", "/runs")

    def get_run(self, run_id: str) -> Run[dict[str, Any]]:
        """Give a run to watch, to wait for or to cancel, also one that another client started.

        Example:
            >>> run = client.get_run(runs[0].id)
            >>> run.info.state
            'succeeded'
        """
        info = self._ask(RunInfo, "GET", f"/runs/{quote(run_id, safe='')}")
        return Run(self, info, dict[str, Any])

    def cancel_run(self, run_id: str) -> RunInfo:
        """Ask a run to stop; what it has finished is kept.

        Example:
            >>> info = client.cancel_run(run.id)
            >>> info.kind
            'index'
        """
        return self._ask(RunInfo, "DELETE", f"/runs/{quote(run_id, safe='')}")

    def upload_archive(self, archive: str | os.PathLike[str]) -> Uploaded:
        """Send a zip archive of images to the server, to index it there. Needs local power.

        Args:
            archive: Path of the archive on this machine.

        Raises:
            InvalidOptionsError: The file cannot be read, or the server refuses it.

        Example:
            >>> uploaded = client.upload_archive("photos.zip")
            >>> run = client.index(uploaded.path)
        """
        return self._ask(Uploaded, "POST", "/uploads", files={"file": read_archive(archive)})

    def index(  # noqa: PLR0913 - a run has that many sides
        self,
        source: str | os.PathLike[str],
        collection: str | None = None,
        *,
        mode: InstanceMode | None = None,
        datasets: Sequence[str] | None = None,
        force: bool = False,
        allow_shrink: bool = False,
        on_progress: Progress | None = None,
    ) -> Run[dict[str, Any]]:
        """Start to bring a collection up to date with labelled images; only what changed is embedded.

        Args:
            source: Path of the source on the server's machine. Needs local power.
            collection: Name of the collection; made of the model's name if None.
            mode: What becomes a point; found out from the source if None.
            datasets: Only these datasets and those in them; all if None.
            force: Whether to embed everything anew.
            allow_shrink: Whether to remove points although most images are no longer listed.
            on_progress: Told how far it is while somebody waits.

        Returns:
            The run; its result is the report of ``lookalike index --json``.

        Example:
            >>> run = client.index("photos/", on_progress=print)
            >>> run.wait()["images"]["added"]
            12
        """
        request = make_request(
            IndexRun,
            kind="index",
            source=server_path(source, is_local=self._is_local),
            collection=collection,
            mode=mode,
            datasets=None if datasets is None else list(datasets),
            force=force,
            allow_shrink=allow_shrink,
        )
        info = self._ask(RunInfo, "POST", "/runs", json=request.model_dump(mode="json"))
        return Run(self, info, dict[str, Any], on_progress=on_progress)
