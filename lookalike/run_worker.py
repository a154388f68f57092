"""The process of a run: it indexes, imports or makes a map, and hands what is finished to the owner of the store.

That is the server, if one runs on the data directory; else this process opens the store itself. It may be killed at any
moment: what was handed over is kept, and the next run goes on from there.
"""

from __future__ import annotations

import _thread
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from lookalike.console import EXIT_FAILURE, STOPPED, print_error
from lookalike.errors import CancelledError, LookalikeError, SourceError, StoreUnavailableError
from lookalike.stop_guard import StopGuard
from lookalike.wire.exports import ImportRequest
from lookalike.wire.paths import to_wire
from lookalike.wire.runs import IndexRun

if TYPE_CHECKING:
    from indexer.domain import Progress
    from indexer.pipeline.report import SyncReport
    from indexer.settings import IndexerSettings
    from indexer.sources.base import ImageSource
    from indexer.workspace import Workspace
    from lookalike.client.server_file import ServerFile
    from lookalike.owner_store import OwnerApi

_HEARTBEAT_S: Final = 0.5
_PATIENCE_S: Final = 120.0
_BEHIND_PEOPLE: Final = 5
"""Steps of ``nice`` by which a run leaves the processor to the server."""
CANCELLED: Final = "cancelled on the page; what was finished is kept, run the command again to go on"


def run_index(
    request: IndexRun, settings: IndexerSettings, *, owner: str, on_progress: Progress, ray_address: str | None = None
) -> SyncReport:
    """Run in this process, through the server if one runs on the data directory.

    Args:
        request: What is indexed and how.
        settings: The data directory, and the defaults of embedder and images.
        owner: What others are told if this process opens the store itself.
        on_progress: Told of every stage.
        ray_address: Ray cluster whose machines read and embed; None for this process.

    Raises:
        CancelledError: Somebody cancelled the run on the page.
        LookalikeError: The run cannot go on; what was stored is kept.
    """
    from api.services.index_runs import index_wanted, open_wanted

    source = open_wanted(request)  # before anybody hears of the run
    if ray_address is not None:
        return _run_spread(request, settings, source, ray_address, owner=owner, on_progress=on_progress)
    server = find_owner(settings.data_dir)
    if server is not None:
        return run_beside(Owner.of(server), request, settings, source=source, on_progress=on_progress)
    from indexer.workspace import Workspace

    with StopGuard(_say_that_it_closes), Workspace.open(settings, owner=owner) as workspace:
        return index_wanted(workspace.index, settings, request, source, on_progress=on_progress)


def _run_spread(
    request: IndexRun,
    settings: IndexerSettings,
    source: ImageSource,
    ray_address: str,
    *,
    owner: str,
    on_progress: Progress,
) -> SyncReport:
    """Run in this process, which lists and writes, and on the machines of a Ray cluster."""
    from api.services.index_runs import index_wanted
    from indexer.pipeline.ray_cluster import RayCluster, require_shared, spread_over
    from indexer.workspace import Workspace

    require_shared(source)
    with closing(RayCluster(ray_address)) as cluster, Workspace.open(settings, owner=owner) as workspace:
        spread = spread_over(cluster, workspace.embedders, settings.store)
        return index_wanted(workspace.index, settings, request, source, spread=spread, on_progress=on_progress)


def _say_that_it_closes(_number: signal.Signals, _is_over: threading.Event) -> None:
    print_error("stopping; what was finished is kept, and the store is being closed")


def find_owner(data_dir: Path) -> ServerFile | None:
    """The server that owns a data directory, None if there is none; without a file there, nothing heavy is imported."""
    if not os.path.lexists(data_dir / "server.json"):  # False where it may not be looked at
        return None
    from lookalike.client.server_file import find_server

    return find_server(data_dir)


@dataclass(frozen=True, slots=True)
class Owner:
    """Server that a run tells of its progress, and to which it hands points.

    Attributes:
        url: Its address, without the api's prefix.
        key: Token or key with admin access; None for none.
        is_in_person: Whether points go to the Qdrant server of the settings instead, and the server only watches.
        is_elsewhere: Whether it may be started again while the run goes on.
    """

    url: str
    key: str | None = field(repr=False)
    is_in_person: bool = False
    is_elsewhere: bool = False

    @classmethod
    def of(cls, server: ServerFile) -> Self:
        """The server that a ``server.json`` tells of."""
        return cls(server.url, server.token)


def run_beside(
    server: Owner,
    request: IndexRun,
    settings: IndexerSettings,
    *,
    on_progress: Progress,
    source: ImageSource | None = None,
    run_id: str | None = None,
) -> SyncReport:
    """Run in this process, and hand the points to a server, which shows the run to others.

    Args:
        server: The owner of the store.
        request: What is indexed and how.
        settings: The data directory, and the defaults of embedder and images.
        on_progress: Told of every stage.
        source: The source, if it is open already.
        run_id: The run that this process was started for; a new one if None.

    Raises:
        CancelledError: Somebody cancelled the run.
        LookalikeError: The run cannot go on; what was stored is kept.
    """
    from api.services.index_runs import index_wanted, open_wanted

    about = {"source": to_wire(request.source), "collection": request.collection, "run_id": run_id}
    with _attached(server, settings, about, on_progress) as (attached, workspace):
        how: dict[str, Any] = {"on_progress": attached.note_progress, "mends_reviews": False}
        report = index_wanted(workspace.index, settings, request, source or open_wanted(request), **how)
        attached.result = report.to_json()
        if report.failure is not None:
            attached.failure = SourceError(report.failure)
        return report


def make_map_beside(server: Owner, settings: IndexerSettings, request: dict[str, Any], *, run_id: str) -> None:
    """Make a map in this process, of points that a server has; the server shows it.

    Args:
        server: The owner of the store.
        settings: The data directory.
        request: What ``lookalike.wire.runs.ProjectRun`` says.
        run_id: The run that this process was started for.

    Raises:
        LookalikeError: There is no such collection or method, or the run was cancelled.
    """
    from indexer.domain import ignore_progress

    about = {"source": request["method"], "collection": request["collection"], "run_id": run_id}
    with _attached(server, settings, about, ignore_progress) as (attached, workspace):
        made = workspace.maps.make(
            request["collection"],
            method=request["method"],
            metric=request["metric"],
            refit=request["refit"],
            on_progress=attached.note_progress,
        )
        attached.result = {"projection_id": made.header.id}


def import_beside(server: Owner, settings: IndexerSettings, request: ImportRequest, *, run_id: str) -> None:
    """Read an embeddings folder in this process, and hand its points to a server.

    Args:
        server: The owner of the store.
        settings: The data directory.
        request: Which folder, and where to.
        run_id: The run that this process was started for.

    Raises:
        LookalikeError: The folder cannot be used, or the run was cancelled; what was stored is kept.
    """
    from api.services.run_plans import plan_import
    from indexer.domain import ignore_progress

    about = {"source": to_wire(request.folder), "collection": request.collection, "run_id": run_id}
    with _attached(server, settings, about, ignore_progress) as (attached, workspace):
        attached.result = plan_import(workspace.collections, None, request)(attached.note_progress)


@contextmanager
def _attached(
    server: Owner, settings: IndexerSettings, request: dict[str, Any], on_progress: Progress
) -> Iterator[tuple[Attachment, Workspace]]:
    """Give a workspace whose store is the server's, and what ties the run to the server."""
    from indexer.stores.opening import open_store
    from indexer.workspace import Workspace
    from lookalike.owner_store import OwnerApi, OwnerStore

    if hasattr(os, "nice"):
        os.nice(max(0, _BEHIND_PEOPLE - os.nice(0)))
    api = OwnerApi.connect(server.url, server.key)
    store = open_store(settings, owner="lookalike worker") if server.is_in_person else OwnerStore(api)
    try:
        about, patience_s = {**request, "pid": os.getpid()}, _PATIENCE_S if server.is_elsewhere else 0.0
        attachment = Attachment(api, about, on_progress, patience_s=patience_s)
        with attachment as attached, StopGuard(attached.give_up):
            yield attached, Workspace(settings, store)
    finally:
        store.close()
        api.close()


class Attachment:
    """Ties a run to the server: the server hears of its progress and its end, and this process of a cancel.

    Args:
        api: The server.
        request: What the server is told of the run.
        on_progress: Told of every stage, too.
        patience_s: How long it waits for a server that does not answer.

    Attributes:
        result: What the run has made, once it is known, as JSON types.
        failure: Why it has failed nevertheless.
    """

    def __init__(
        self, api: OwnerApi, request: dict[str, Any], on_progress: Progress, *, patience_s: float = 0.0
    ) -> None:
        self._api, self._request, self._on_progress, self._patience_s = api, request, on_progress, patience_s
        self._latest: dict[str, Any] = {"stage": "starting", "done": 0, "total": None}
        self._is_over, self._is_cancelled = threading.Event(), False
        self._run_id = ""
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.result: dict[str, Any] | None = None
        self.failure: LookalikeError | None = None

    def __enter__(self) -> Self:
        self._run_id = self._insist("/runs/attached", self._request)["id"]
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        with suppress(LookalikeError):  # the server has gone: nobody is there to be told
            self._insist(f"/runs/{self._run_id}/end", self._describe_end(error))
        if self._is_cancelled and isinstance(error, KeyboardInterrupt):
            raise CancelledError(CANCELLED) from error

    def _insist(self, path: str, document: dict[str, Any]) -> Any:
        """Tell the server something; one that starts again meanwhile is asked again, if it is to be waited for.

        Raises:
            LookalikeError: The server refuses, or does not answer.
        """
        give_up_at = time.monotonic() + self._patience_s
        while True:
            try:
                return self._api.ask("POST", path, document=document).json()
            except StoreUnavailableError:
                if time.monotonic() >= give_up_at:
                    raise
            time.sleep(_HEARTBEAT_S)

    def give_up(self, number: signal.Signals, _is_over: threading.Event) -> None:
        """End this process at once: the work does not stop, and what matters is at the server already."""
        self._is_over.set()
        print_error(CANCELLED if self._is_cancelled else STOPPED)
        sys.stderr.flush()
        sys.stdout.flush()
        with suppress(LookalikeError):
            self._api.ask("POST", f"/runs/{self._run_id}/end", document=self._describe_end(KeyboardInterrupt()))
        os._exit(EXIT_FAILURE if self._is_cancelled else 128 + number)

    def note_progress(self, stage: str, done: int, total: int | None) -> None:
        """Keep the progress for the server, and show it here.

        Raises:
            CancelledError: Somebody cancelled the run.
        """
        if self._is_cancelled:
            raise CancelledError(CANCELLED)
        self._latest = {"stage": stage, "done": done, "total": total}
        self._on_progress(stage, done, total)

    def _describe_end(self, error: BaseException | None) -> dict[str, Any]:
        result = None if self.result is None else json.dumps(self.result)
        error = error or self.failure
        if error is None:
            return {"state": "succeeded", "result_json": result}
        is_stopped = isinstance(error, (CancelledError, KeyboardInterrupt))
        text = str(error) if isinstance(error, LookalikeError) else f"{type(error).__name__}: {error}"
        return {
            "state": "cancelled" if is_stopped else "failed",
            "result_json": result,
            "error_code": "CancelledError" if is_stopped else type(error).__name__,
            "error": ("stopped; what was finished is kept" if is_stopped else text)[:10_000],
        }

    def _beat(self) -> None:
        """Tell the server how far the run is, and stop the main thread if it says so."""
        while not self._is_over.wait(_HEARTBEAT_S):
            with suppress(LookalikeError):  # what matters fails where points are written
                order = self._api.ask("PUT", f"/runs/{self._run_id}/progress", document=self._latest).json()
                if order["is_cancelled"] and not self._is_over.is_set():
                    self._is_cancelled = True
                    _thread.interrupt_main()
                    return


def main() -> None:
    """Do the run that stdin describes; the process that a server starts."""
    from indexer.domain import ignore_progress
    from indexer.settings import read_settings

    told = json.load(sys.stdin)
    request, data_dir = told["request"], Path(told["data_dir"])
    settings = read_settings().model_copy(update={"data_dir": data_dir})
    try:
        server = _find_told(told, data_dir)
        if request["kind"] == "project":
            make_map_beside(server, settings, request, run_id=told["run_id"])
        elif request.pop("kind") == "import":
            import_beside(server, settings, ImportRequest(**request), run_id=told["run_id"])
        else:
            run_beside(server, IndexRun(**request), settings, on_progress=ignore_progress, run_id=told["run_id"])
    except LookalikeError as error:  # the server knows, unless it could not be told
        raise SystemExit(str(error)) from error


def _find_told(told: dict[str, Any], data_dir: Path) -> Owner:
    """The server that a job names: its address, or the one of the data directory."""
    from lookalike.client.server_file import ServerFile

    if "server" in told:
        place = told["server"]
        return Owner(place["url"], place["key"], is_in_person=told["writes_itself"], is_elsewhere=True)
    server = ServerFile.read(data_dir)
    if server is None or server.server_id != told["server_id"]:
        raise SystemExit("the server has ended")
    return Owner.of(server)
