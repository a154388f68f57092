"""Runs of an api whose long work is done by workers: those that wait in the queue, and those of this process.

Other processes of the api see both kinds, and may cancel both.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from api.services.external_runs import ProcessPlan
from api.services.run_queue import RunQueue
from api.services.runs import Runs, Work, describe_end
from api.settings import STOP_TIMEOUT_S
from lookalike.errors import LookalikeError
from lookalike.wire.runs import AttachedRun, ClaimedRun, RunEnd, RunInfo, RunKind, RunProgress, RunRequest

_log = logging.getLogger(__name__)

DescribeRun = Callable[[RunInfo, dict[str, object]], dict[str, object]]
"""Makes the result of a run of what its worker tells in the end."""
_BEAT_S: Final = 0.5
_LAST_S: Final = 5.0


class SharedRuns(Runs):
    """As ``Runs``, with a queue that other processes of the api know, too.

    Args:
        queue: Runs that workers do.
        describe: Makes the result of such a run.
        on_external_end: Called after a run of another process, however it ended.
    """

    def __init__(self, queue: RunQueue, describe: DescribeRun, on_external_end: Callable[[], None]) -> None:
        super().__init__(on_external_end)
        self._queue, self._describe, self._after = queue, describe, on_external_end
        self._name = f"api {socket.gethostname()}/{os.getpid()}"
        self._beats: list[threading.Thread] = []

    def enqueue(self, kind: RunKind, collection: str | None, request: RunRequest) -> RunInfo | None:
        """Let a run wait for a worker."""
        return self._queue.add(kind, collection, request)

    def claim(self, worker: str, kinds: Sequence[RunKind]) -> ClaimedRun | None:
        """Give a worker the run that waits longest; None if no run waits."""
        return self._queue.claim(worker, kinds)

    def start_beside(self, kind: RunKind, collection: str | None, work: Work) -> RunInfo:
        """Start work in a thread, and show it to other processes of the api."""
        return self._show(super().start_beside(kind, collection, work))

    def start_process(self, plan: ProcessPlan) -> RunInfo:
        """Start work in a process of its own, and show it to other processes of the api."""
        return self._show(super().start_process(plan))

    def attach(self, request: AttachedRun) -> RunInfo:
        """Register a run that another process does. Raises as ``Runs.attach``."""
        known = None if request.run_id is None else self._find_queued(request.run_id)
        return super().attach(request) if known is None else known

    def note(self, run_id: str, progress: RunProgress) -> bool:
        """Record how far another process is, and say whether it is to stop."""
        is_queued = self._find_queued(run_id) is not None
        return self._queue.note(run_id, progress) if is_queued else super().note(run_id, progress)

    def end(self, run_id: str, end: RunEnd) -> RunInfo:
        """Record how another process ended its run."""
        info = self._find_queued(run_id)
        if info is None:
            return super().end(run_id, end)
        self._after()  # before anybody hears of the end
        return self._queue.end(run_id, **describe_end(end, partial(self._describe, info)))

    def list(self) -> list[RunInfo]:
        """The runs that are remembered, newest first; long lists of results are cut."""
        own = super().list()
        known = {info.id for info in own}
        others = (info for info in self._queue.infos() if info.id not in known)
        return sorted((*own, *others), key=lambda info: info.started_at, reverse=True)

    def get(self, run_id: str) -> RunInfo:
        """One run as it is now."""
        info = self._find_queued(run_id)
        return super().get(run_id) if info is None else info

    def cancel(self, run_id: str) -> RunInfo:
        """Stop a run; another process of the api that does it hears of that within a second."""
        return super().cancel(run_id) if self._find_queued(run_id) is None else self._queue.cancel(run_id)

    def close(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Cancel what this process does, wait until it has stopped, and tell the other processes so."""
        has_stopped = super().close(timeout_s)
        for beat in self._beats:
            beat.join(_LAST_S)
        return has_stopped

    def _find_queued(self, run_id: str) -> RunInfo | None:
        """Find a run of the queue that another process does; None if the queue has no such run."""
        with self._lock:
            is_own = run_id in self._infos
        return None if is_own else self._queue.find(run_id)

    def _show(self, info: RunInfo) -> RunInfo:
        self._queue.show(info, self._name)
        beat = threading.Thread(target=self._beat, args=(info.id,), name=f"beat of run {info.id}", daemon=True)
        self._beats = [*(one for one in self._beats if one.is_alive()), beat]
        beat.start()
        return info

    def _beat(self, run_id: str) -> None:
        """Tell the others of a run of this process until it is over, and hear whether one of them cancels it."""
        try:
            while (info := Runs.get(self, run_id)).state == "running":
                if self._queue.note(run_id, RunProgress(stage=info.stage, done=info.done, total=info.total)):
                    Runs.cancel(self, run_id)
                time.sleep(_BEAT_S)
            told = {name: getattr(info, name) for name in ("state", "stage", "done", "total", "result", "error")}
            self._queue.end(run_id, **told)
        except LookalikeError as error:  # it goes on, and this process knows of its end
            _log.warning("run %s is not shown to other processes any more: %s", run_id, error)
