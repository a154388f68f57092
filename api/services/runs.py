"""Runs: long work in the background that can be watched and cancelled.

The work happens in a thread of this process, or in a process of its own that tells how far it is. Runs that make
embeddings or maps wait for nobody: there is one at a time. Exports and imports may go on beside them.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from api.errors import to_problem
from api.services.external_runs import Describe, ExternalRun, ProcessPlan, describe_as_told
from api.services.run_rates import Rates
from api.services.run_results import shorten
from api.settings import STOP_TIMEOUT_S
from indexer.domain import Progress
from lookalike import errors
from lookalike.errors import (
    CancelledError,
    IndexerError,
    InvalidOptionsError,
    LookalikeError,
    RunActiveError,
    UnknownPathNameError,
)
from lookalike.wire.runs import (
    NO_STAGE,
    AttachedRun,
    ClaimedRun,
    RunEnd,
    RunInfo,
    RunKind,
    RunProgress,
    RunRequest,
)

_log = logging.getLogger(__name__)
_MAX_REMEMBERED: Final = 50
CANCELLED: Final = "cancelled on request; what was finished is kept"

Work = Callable[[Progress], dict[str, Any]]
"""Does the work, telling its progress, and returns what the run's ``result`` will be."""


class Runs:
    """Does long work, in threads or in processes of their own, and remembers the last runs.

    Args:
        on_external_end: Called after a run of another process, however it ended: what that process could not do.
    """

    def __init__(self, on_external_end: Callable[[], None] = lambda: None) -> None:
        self._lock = threading.RLock()
        self._infos: OrderedDict[str, RunInfo] = OrderedDict()
        self._active: str | None = None
        self._external: dict[str, ExternalRun] = {}
        self._rates: dict[str, Rates] = {}
        self._stops: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._clearing_up: list[threading.Thread] = []
        self._on_external_end = on_external_end

    def start(self, kind: RunKind, collection: str | None, work: Work) -> RunInfo:
        """Start work in a thread.

        Raises:
            RunActiveError: Other work is not finished; the message says which.
        """
        with self._lock:
            return self._start_thread(self._add(kind, collection, None), work)

    def start_beside(self, kind: RunKind, collection: str | None, work: Work) -> RunInfo:
        """Start work in a thread that other runs do not wait for, and that waits for none."""
        with self._lock:
            self._look_after_processes()
            return self._start_thread(self._remember(kind, collection, None), work)

    def start_process(self, plan: ProcessPlan) -> RunInfo:
        """Start work in a process of its own.

        Raises:
            RunActiveError: Other work is not finished.
        """
        with self._lock:
            if plan.is_beside:
                self._look_after_processes()
            add = self._remember if plan.is_beside else self._add
            info = add(plan.kind, plan.collection, plan.source)
            try:
                external = self._external[info.id] = plan.start(info.id)
            except OSError as error:
                self._finish(info.id, state="failed", error=to_problem(error))
                raise
            external.describe = plan.describe
            return info

    def enqueue(self, kind: RunKind, collection: str | None, request: RunRequest) -> RunInfo | None:  # noqa: ARG002
        """Let a run wait for a worker; None if this api does its runs itself."""
        return None

    def claim(self, worker: str, kinds: Sequence[RunKind]) -> ClaimedRun | None:
        """Give a worker a run to do.

        Raises:
            InvalidOptionsError: This api does its runs itself.
        """
        raise InvalidOptionsError(
            f"this server does its runs itself, so that worker {worker} gets none of {', '.join(kinds)}; "
            "start it with 'lookalike serve --queue'"
        )

    def attach(self, request: AttachedRun) -> RunInfo:
        """Register an index run that another process does.

        Raises:
            RunActiveError: Other work is not finished.
            UnknownPathNameError: The process was started for a run that is not remembered.
        """
        with self._lock:
            if request.run_id is not None:
                return self.get(request.run_id)
            info = self._add("index", request.collection, request.source)
            self._external[info.id] = ExternalRun(request.pid)
            return info

    def note(self, run_id: str, progress: RunProgress) -> bool:
        """Record how far another process is.

        Returns:
            Whether it is to stop.

        Raises:
            UnknownPathNameError: There is no such run.
        """
        with self._lock:
            info, external = self.get(run_id), self._external.get(run_id)
            if info.state != "running" or external is None:
                return True
            external.heard_at = time.monotonic()
            self._note(run_id, progress.stage, progress.done, progress.total)
            return external.is_cancelled

    def end(self, run_id: str, end: RunEnd) -> RunInfo:
        """Record how another process ended its run.

        Raises:
            UnknownPathNameError: There is no such run.
        """
        external = self._external.get(run_id)
        outcome = describe_end(end, describe_as_told if external is None else external.describe)
        with self._lock:
            if self.get(run_id).state == "running":
                self._finish(run_id, **outcome)
            return self._infos[run_id]

    def list(self) -> list[RunInfo]:
        """The runs that are remembered, newest first; long lists of results are cut."""
        with self._lock:
            self._look_after_processes()
            return [shorten(info) for info in reversed(self._infos.values())]

    def get(self, run_id: str) -> RunInfo:
        """One run as it is now.

        Raises:
            UnknownPathNameError: There is none of that id, or it is long ago.
        """
        with self._lock:
            self._look_after_processes()
            if run_id not in self._infos:
                raise UnknownPathNameError("run", run_id, self._infos)
            return self._infos[run_id]

    def cancel(self, run_id: str) -> RunInfo:
        """Stop a run; one that is over stays as it is. A process that we started has ended on return.

        Raises:
            UnknownPathNameError: There is none of that id.
        """
        info = self.get(run_id)
        with self._lock:
            external = self._external.get(run_id)
            if run_id in self._stops:
                self._stops[run_id].set()
        if info.state != "running" or external is None:
            return info
        external.end()
        with self._lock:
            if external.process is not None and self._infos[run_id].state == "running":
                self._finish(run_id, state="cancelled", error=to_problem(CancelledError(CANCELLED)))
            return self._infos[run_id]

    def close(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Cancel what is at work and wait until it has stopped; to be called before the store is closed.

        Args:
            timeout_s: Longest wait for a step, in seconds.

        Returns:
            Whether it has stopped.
        """
        with self._lock:
            at_work, stops = list(self._external.values()), list(self._stops.values())
        for stop in stops:
            stop.set()
        for external in at_work:
            external.end()
        with self._lock:
            self._look_after_processes()
        give_up_at = time.monotonic() + timeout_s
        waited_for = (*self._threads, *self._clearing_up)
        for thread in waited_for:
            thread.join(max(0, give_up_at - time.monotonic()))
        return not any(thread.is_alive() for thread in waited_for)

    def _add(self, kind: RunKind, collection: str | None, source: str | None) -> RunInfo:
        self._look_after_processes()
        if self._active is not None:
            active = self._infos[self._active]
            raise RunActiveError(
                f"run {active.id} ({active.kind}) is at work since {active.started_at:%H:%M:%S} UTC; "
                "wait for it or cancel it"
            )
        info = self._remember(kind, collection, source)
        self._active = info.id
        return info

    def _remember(self, kind: RunKind, collection: str | None, source: str | None) -> RunInfo:
        info = RunInfo(
            id=uuid4().hex[:12],
            kind=kind,
            collection=collection,
            source=source,
            state="running",
            stage=NO_STAGE,
            done=0,
            total=None,
            started_at=datetime.now(UTC),
        )
        self._infos[info.id] = info
        self._rates[info.id] = Rates()
        while len(self._infos) > _MAX_REMEMBERED:
            self._forget_oldest()
        return info

    def _forget_oldest(self) -> None:
        """Forget the run that is over for the longest time; if all are at work, the oldest."""
        over = (run_id for run_id, info in self._infos.items() if info.state != "running")
        del self._infos[next(over, next(iter(self._infos)))]

    def _start_thread(self, info: RunInfo, work: Work) -> RunInfo:
        self._stops[info.id] = threading.Event()
        thread = threading.Thread(target=self._execute, args=(info.id, work), name=f"run {info.id}")
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()
        return info

    def _look_after_processes(self) -> None:
        """Note the end of a process that died or fell silent before it could tell."""
        for run_id, external in list(self._external.items()):
            if not (external.is_dead or external.is_silent):
                continue
            if external.is_cancelled:
                outcome = {"state": "cancelled", "error": to_problem(CancelledError(CANCELLED))}
            else:
                what = "ended without a word" if external.is_dead else "does not answer any more"
                why = f" ({external.last_words()})" if external.last_words() else ""
                message = f"the process of the run {what}{why}; what it stored is kept, start it again to go on"
                outcome = {"state": "failed", "error": to_problem(IndexerError(message))}
            self._finish(run_id, **outcome)

    def _execute(self, run_id: str, work: Work) -> None:
        """The run boundary: whatever happens becomes the state of the run."""
        stop = self._stops[run_id]

        def note_progress(stage: str, done: int, total: int | None) -> None:
            if stop.is_set():
                raise CancelledError(CANCELLED)
            with self._lock:
                self._note(run_id, stage, done, total)

        try:
            outcome: dict[str, Any] = {"state": "succeeded", "result": work(note_progress)}
        except CancelledError as error:
            outcome = {"state": "cancelled", "error": to_problem(error)}
        except IndexerError as error:
            outcome = {"state": "failed", "error": to_problem(error)}
        except Exception as error:  # noqa: BLE001 - nobody else is there to see what a thread raises
            _log.error("run %s failed unexpectedly", run_id, exc_info=error)
            outcome = {"state": "failed", "error": to_problem(error)}
        with self._lock:
            self._finish(run_id, **outcome)

    def _note(self, run_id: str, stage: str, done: int, total: int | None) -> None:
        rate, left = self._rates[run_id].note(stage, done, total)
        changes = {"stage": stage, "done": done, "total": total, "rate_per_s": rate, "seconds_left": left}
        self._infos[run_id] = self._infos[run_id].model_copy(update=changes)

    def _finish(self, run_id: str, **outcome: Any) -> None:
        over = {"finished_at": datetime.now(UTC), "seconds_left": None}
        self._infos[run_id] = self._infos[run_id].model_copy(update=over | outcome)
        self._rates.pop(run_id, None)
        self._stops.pop(run_id, None)
        if self._active == run_id:
            self._active = None
        external = self._external.pop(run_id, None)
        if external is not None:
            thread = threading.Thread(target=self._clear_up, args=(external,), name=f"after run {run_id}")
            self._clearing_up = [*(one for one in self._clearing_up if one.is_alive()), thread]
            thread.start()

    def _clear_up(self, external: ExternalRun) -> None:
        external.release()
        try:
            self._on_external_end()
        except LookalikeError as error:
            _log.error("after a run: %s", error)


def describe_end(end: RunEnd, describe: Describe) -> dict[str, Any]:
    """The fields of ``RunInfo`` that the end of another process gives.

    Args:
        end: What that process tells.
        describe: Makes the result of what it made.
    """
    outcome: dict[str, Any] = {"state": end.state}
    if end.error is not None:
        outcome["error"] = to_problem(_to_error(end.error_code, end.error))
    if end.result_json is not None:
        outcome["result"] = describe(json.loads(end.result_json))
    return outcome


def _to_error(code: str, text: str) -> LookalikeError:
    """The error that a process tells of, as the class that decides on its status."""
    kind = getattr(errors, code, None)
    if not (isinstance(kind, type) and issubclass(kind, IndexerError)):
        kind = IndexerError
    made: LookalikeError = kind.__new__(kind)
    Exception.__init__(made, text)
    return made
