"""Runs: long work in the background, one at a time, that can be watched and cancelled."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import uuid4

from api.errors import to_problem
from indexer.domain import Progress
from indexer.errors import CancelledError, IndexerError
from lookalike.errors import RunActiveError, UnknownPathNameError
from lookalike.wire.runs import RunInfo

_log = logging.getLogger(__name__)
_MAX_REMEMBERED: Final = 50
_STOP_TIMEOUT_S: Final = 60.0

Work = Callable[[Progress], dict[str, Any]]
"""Does the work, telling its progress, and returns what the run's ``result`` will be."""


class Runs:
    """Does one piece of work at a time in a thread of its own and remembers the last ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._infos: OrderedDict[str, RunInfo] = OrderedDict()
        self._active: str | None = None
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, kind: Literal["project", "index"], collection: str | None, work: Work) -> RunInfo:
        """Start work.

        Raises:
            RunActiveError: Other work is not finished; the message says which.
        """
        with self._lock:
            if self._active is not None:
                active = self._infos[self._active]
                raise RunActiveError(
                    f"run {active.id} ({active.kind}) is at work since {active.started_at:%H:%M:%S} UTC; "
                    "wait for it or cancel it"
                )
            info = RunInfo(
                id=uuid4().hex[:12],
                kind=kind,
                collection=collection,
                state="running",
                stage="starting",
                done=0,
                total=None,
                started_at=datetime.now(UTC),
            )
            self._remember(info)
            self._active = info.id
            self._cancel.clear()
            self._thread = threading.Thread(target=self._execute, args=(info.id, work), name=f"run {info.id}")
            self._thread.start()
            return info

    def list(self) -> list[RunInfo]:
        """The runs that are remembered, newest first."""
        with self._lock:
            return list(reversed(self._infos.values()))

    def get(self, run_id: str) -> RunInfo:
        """One run as it is now.

        Raises:
            UnknownPathNameError: There is none of that id, or it is long ago.
        """
        with self._lock:
            if run_id not in self._infos:
                raise UnknownPathNameError("run", run_id, self._infos)
            return self._infos[run_id]

    def cancel(self, run_id: str) -> RunInfo:
        """Ask a run to stop at its next step; one that is over stays as it is.

        Raises:
            UnknownPathNameError: There is none of that id.
        """
        info = self.get(run_id)
        with self._lock:
            if self._active == run_id:
                self._cancel.set()
        return info

    def close(self) -> None:
        """Cancel what is at work and wait until it has stopped; to be called before the store is closed."""
        self._cancel.set()
        if self._thread is not None:
            self._thread.join(_STOP_TIMEOUT_S)

    def _execute(self, run_id: str, work: Work) -> None:
        """The run boundary: whatever happens becomes the state of the run."""

        def note_progress(stage: str, done: int, total: int | None) -> None:
            if self._cancel.is_set():
                raise CancelledError("cancelled on request; what was finished is kept")
            self._update(run_id, stage=stage, done=done, total=total)

        try:
            outcome: dict[str, Any] = {"state": "succeeded", "result": work(note_progress)}
        except CancelledError as error:
            outcome = {"state": "cancelled", "error": to_problem(error)}
        except IndexerError as error:
            outcome = {"state": "failed", "error": to_problem(error)}
        except Exception as error:  # noqa: BLE001 - nobody else is there to see what a thread raises
            _log.error("run %s failed unexpectedly", run_id, exc_info=error)
            outcome = {"state": "failed", "error": to_problem(error)}
        self._update(run_id, is_over=True, finished_at=datetime.now(UTC), **outcome)

    def _update(self, run_id: str, *, is_over: bool = False, **changes: Any) -> None:
        with self._lock:
            self._infos[run_id] = self._infos[run_id].model_copy(update=changes)
            if is_over:
                self._active = None

    def _remember(self, info: RunInfo) -> None:
        self._infos[info.id] = info
        while len(self._infos) > _MAX_REMEMBERED:
            self._infos.popitem(last=False)
