"""Runs in a file of the data directory, so that several api processes know of the same ones.

Most of them wait for workers. Those that an api does itself are shown there, too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from api.errors import to_problem
from api.services.external_runs import SILENT_S
from api.services.run_results import LongResults
from indexer.atomic_files import write_atomically
from lookalike.errors import (
    CancelledError,
    IndexerError,
    InvalidOptionsError,
    StoreUnavailableError,
    UnknownPathNameError,
)
from lookalike.visible_text import show_reason
from lookalike.wire.runs import ClaimedRun, RunInfo, RunKind, RunProgress, RunRequest

WAITING: Final = "waiting for a worker"
"""Stage of a run that no worker has taken."""
CANCELLED: Final = "cancelled on request; what was finished is kept"
_MAX_REMEMBERED: Final = 50
_MAX_WAITING: Final = 1000


class _Entry(BaseModel):
    """One run in the file.

    Attributes:
        info: What clients are told.
        request: What is to be done; None for what the api that shows the run does itself.
        worker: Who does it; None while it waits.
        heard_at: When the worker told something last, seconds since 1970.
        is_cancelled: Whether the worker is to stop.
        stage_began_at: When the stage began, seconds since 1970.
        stage_began_with: How many were done then.
    """

    model_config = ConfigDict(extra="forbid")
    info: RunInfo
    request: RunRequest | None
    worker: str | None = None
    heard_at: float = 0.0
    is_cancelled: bool = False
    stage_began_at: float = 0.0
    stage_began_with: int = 0

    @property
    def is_over(self) -> bool:
        return self.info.state != "running"

    @property
    def key(self) -> str | None:
        return None if self.request is None else self.request.idempotency_key

    def finish(self, **outcome: Any) -> None:
        """Note the end of the run."""
        over = {"finished_at": datetime.now(UTC), "seconds_left": None, **outcome}
        self.info = self.info.model_copy(update=over)


_Entries: Final[TypeAdapter[list[_Entry]]] = TypeAdapter(list[_Entry])


class RunQueue:
    """Runs that workers do, oldest first; safe for several threads and processes.

    Args:
        folder: Where the file lies; made with the first run.
        now: Seconds since 1970; injectable for tests.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._path, self._now = folder / "queue.json", now
        self._lock = FileLock(folder / "queue.lock")
        self._results = LongResults(folder / "results")
        self._opened_at = now()

    def add(self, kind: RunKind, collection: str | None, request: RunRequest) -> RunInfo:
        """Let a run wait; a request with the ``idempotency_key`` of an earlier one gives the run of that one.

        Raises:
            InvalidOptionsError: The key belongs to another request, or too many runs wait.
        """
        with self._change() as entries:
            key = request.idempotency_key
            known = None if key is None else next((one for one in entries if one.key == key), None)
            if known is not None:
                if known.request != request:
                    raise InvalidOptionsError(f"idempotency_key '{key}' belongs to another request; use a new one")
                return known.info
            if sum(not one.is_over for one in entries) >= _MAX_WAITING:
                raise InvalidOptionsError(f"{_MAX_WAITING} runs wait already; start a worker, or cancel some")
            info = RunInfo(
                id=uuid4().hex[:12],
                kind=kind,
                collection=collection,
                source=getattr(request, "source", None),
                state="running",
                stage=WAITING,
                done=0,
                total=None,
                started_at=datetime.now(UTC),
            )
            entries.append(_Entry(info=info, request=request))
            self._forget_oldest(entries)
            return info

    def show(self, info: RunInfo, worker: str) -> None:
        """Show a run that an api does itself; it tells of it with ``note`` and ``end``, as workers do."""
        with self._change() as entries:
            entries.append(_Entry(info=info, request=None, worker=worker, heard_at=self._now()))
            self._forget_oldest(entries)

    def claim(self, worker: str, kinds: Sequence[RunKind]) -> ClaimedRun | None:
        """Give a worker the run that waits longest; one of a collection at which another works goes on waiting.

        Args:
            worker: Name of the worker, for people.
            kinds: Kinds of runs that it does.
        """
        # A look notes the end of killed workers, whose runs would keep the next ones of their collections waiting.
        if not any(one.worker is None and not one.is_over for one in self._look()):
            return None  # without a write: workers ask all the time
        with self._change() as entries:
            queued = [(one, one.request) for one in entries if one.request is not None and not one.is_over]
            at_work = {one.info.collection for one, _ in queued if one.worker is not None}
            for one, request in queued:
                is_free = one.worker is None and one.info.collection not in at_work
                if is_free and one.info.kind in kinds:
                    one.worker, one.heard_at, one.stage_began_at = worker, self._now(), self._now()
                    one.info = one.info.model_copy(update={"stage": f"starting at worker {worker}"})
                    return ClaimedRun(run=one.info, request=request)
        return None

    def infos(self) -> list[RunInfo]:
        """The runs, newest first."""
        return [one.info for one in reversed(self._look())]  # as shortened by ``end``

    def find(self, run_id: str) -> RunInfo | None:
        """One run as it is now, with its whole result; None if there is none of that id."""
        found = next((one.info for one in self._look() if one.info.id == run_id), None)
        return None if found is None else self._results.complete(found)

    def note(self, run_id: str, progress: RunProgress) -> bool:
        """Record how far a worker is.

        Returns:
            Whether it is to stop.

        Raises:
            UnknownPathNameError: There is no such run.
        """
        with self._change() as entries:
            one = _find(entries, run_id)
            if one.is_over:
                return True
            now = self._now()
            if progress.stage != one.info.stage:
                one.stage_began_at, one.stage_began_with = now, progress.done
            one.heard_at = now
            seconds, n_done = now - one.stage_began_at, progress.done - one.stage_began_with
            rate = n_done / seconds if seconds > 1 and n_done > 0 else None
            left = None if rate is None or progress.total is None else max(0, progress.total - progress.done) / rate
            told = progress.model_dump() | {"rate_per_s": rate, "seconds_left": left}
            one.info = one.info.model_copy(update=told)
            return one.is_cancelled

    def end(self, run_id: str, **outcome: Any) -> RunInfo:
        """Record the end of a run; the first one counts.

        Args:
            run_id: The run.
            **outcome: Fields of ``RunInfo``.

        Raises:
            UnknownPathNameError: There is no such run.
        """
        with self._change() as entries:
            one = _find(entries, run_id)
            if not one.is_over:
                one.finish(**outcome)
                one.info = self._results.take(one.info)
            info = one.info
        return self._results.complete(info)

    def cancel(self, run_id: str) -> RunInfo:
        """Take a run that waits out of the queue, or have its worker stop.

        Raises:
            UnknownPathNameError: There is no such run.
        """
        with self._change() as entries:
            one = _find(entries, run_id)
            one.is_cancelled = True
            if one.worker is None and not one.is_over:
                one.finish(state="cancelled", error=to_problem(CancelledError(CANCELLED)))
            return one.info

    def _look(self) -> list[_Entry]:
        """The runs, after the end of those was noted whose workers fell silent."""
        entries = self._read()
        if not any(self._is_silent(one) for one in entries):
            return entries
        with self._change() as entries:
            for one in entries:
                if self._is_silent(one):
                    _finish_silent(one)
            return entries

    def _is_silent(self, one: _Entry) -> bool:
        """Whether nothing was heard for too long; while no api ran, nobody could be told anything."""
        heard_at = max(one.heard_at, self._opened_at)
        return not one.is_over and one.worker is not None and self._now() - heard_at > SILENT_S

    def _forget_oldest(self, entries: list[_Entry]) -> None:
        """Forget runs that are over for the longest time."""
        n_over = sum(one.is_over for one in entries)
        for one in [one for one in entries if one.is_over][: max(0, n_over - _MAX_REMEMBERED)]:
            entries.remove(one)
            self._results.forget(one.info.id)

    def _read(self) -> list[_Entry]:
        try:
            return _Entries.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as error:
            raise StoreUnavailableError(f"the queue of runs in {self._path} is broken; delete that file") from error

    @contextmanager
    def _change(self) -> Iterator[list[_Entry]]:
        """Give the runs, to be changed; nobody else changes them meanwhile."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                entries = self._read()
                yield entries
                write_atomically(self._path, json.dumps(_Entries.dump_python(entries, mode="json")).encode())
        except OSError as error:
            raise StoreUnavailableError(
                f"the queue of runs {self._path} cannot be written: {show_reason(error)}"
            ) from error


def _find(entries: Sequence[_Entry], run_id: str) -> _Entry:
    for one in entries:
        if one.info.id == run_id:
            return one
    raise UnknownPathNameError("run", run_id, [one.info.id for one in entries])


def _finish_silent(one: _Entry) -> None:
    if one.is_cancelled:
        one.finish(state="cancelled", error=to_problem(CancelledError(CANCELLED)))
        return
    message = f"worker {one.worker} does not answer any more; what it stored is kept, start the run again to go on"
    one.finish(state="failed", error=to_problem(IndexerError(message)))
