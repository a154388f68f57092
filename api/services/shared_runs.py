"""Runs of an api whose long work is done by workers: those that wait in the queue, and those of this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from api.services.run_queue import RunQueue
from api.services.runs import Runs, describe_end
from lookalike.wire.runs import AttachedRun, ClaimedRun, RunEnd, RunInfo, RunKind, RunProgress, RunRequest

DescribeRun = Callable[[RunInfo, dict[str, object]], dict[str, object]]
"""Makes the result of a run of what its worker tells in the end."""


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

    def enqueue(self, kind: RunKind, collection: str | None, request: RunRequest) -> RunInfo | None:
        """Let a run wait for a worker."""
        return self._queue.add(kind, collection, request)

    def claim(self, worker: str, kinds: Sequence[RunKind]) -> ClaimedRun | None:
        """Give a worker the run that waits longest; None if no run waits."""
        return self._queue.claim(worker, kinds)

    def attach(self, request: AttachedRun) -> RunInfo:
        """Register a run that another process does. Raises as ``Runs.attach``."""
        known = None if request.run_id is None else self._queue.find(request.run_id)
        return super().attach(request) if known is None else known

    def note(self, run_id: str, progress: RunProgress) -> bool:
        """Record how far another process is, and say whether it is to stop."""
        is_queued = self._queue.find(run_id) is not None
        return self._queue.note(run_id, progress) if is_queued else super().note(run_id, progress)

    def end(self, run_id: str, end: RunEnd) -> RunInfo:
        """Record how another process ended its run."""
        info = self._queue.find(run_id)
        if info is None:
            return super().end(run_id, end)
        self._after()  # before anybody hears of the end
        return self._queue.end(run_id, **describe_end(end, partial(self._describe, info)))

    def list(self) -> list[RunInfo]:
        """The runs that are remembered, newest first."""
        return sorted((*super().list(), *self._queue.infos()), key=lambda info: info.started_at, reverse=True)

    def get(self, run_id: str) -> RunInfo:
        """One run as it is now."""
        info = self._queue.find(run_id)
        return super().get(run_id) if info is None else info

    def cancel(self, run_id: str) -> RunInfo:
        """Stop a run."""
        return super().cancel(run_id) if self._queue.find(run_id) is None else self._queue.cancel(run_id)
