# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Long work at the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from lookalike.client.asynchronous.sender import Sender
from lookalike.client.problems import error_of_problem, read_value
from lookalike.client.run_events import EventReader
from lookalike.errors import CancelledError, ServerUnreachableError, UnexpectedAnswerError
from lookalike.wire.runs import NO_STAGE, RunInfo

R = TypeVar("R")
Progress = Callable[[str, int, int | None], Any]
"""Told what is done, how much of it, and of how much, None while that is unknown."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.5
_PATIENCE_S = 60.0


class AsyncRun(Generic[R]):
    """Long work at the server, such as an index run; it goes on whether anybody watches or not.

    Args:
        sender: How the server is asked.
        info: What is known of it.
        kind: What its result is.
        on_progress: Told how far it is while somebody waits.
    """

    def __init__(self, sender: Sender, info: RunInfo, kind: type[R], *, on_progress: Progress | None = None) -> None:
        self._sender, self._kind, self._on_progress = sender, kind, on_progress
        self.info = info

    @property
    def id(self) -> str:
        """Its name at the server."""
        return self.info.id

    async def refresh(self) -> RunInfo:
        """Ask how far it is."""
        self.info = await self._sender._ask(RunInfo, "GET", f"/runs/{self.id}")  # noqa: SLF001 - a part of the client
        return self.info

    async def cancel(self) -> RunInfo:
        """Ask it to stop; what it has finished is kept. ``wait`` tells when it has stopped."""
        self.info = await self._sender._ask(RunInfo, "DELETE", f"/runs/{self.id}")  # noqa: SLF001 - a part of the client
        return self.info

    async def wait(self, *, on_progress: Progress | None = None, timeout_s: float | None = None) -> R:
        """Wait until it is over.

        Args:
            on_progress: Told how far it is; that of the start if None.
            timeout_s: Longest wait; None for any.

        Returns:
            Its result.

        Raises:
            TimeoutError: It is still at work.
            CancelledError: It was cancelled.
            LookalikeError: It failed, with the server's reason.
        """
        tell = on_progress or self._on_progress
        give_up_at = None if timeout_s is None else time.monotonic() + timeout_s
        pause_s, told = _FIRST_PAUSE_S, None
        while True:
            info = await self.refresh()
            now = (info.stage, info.done, info.total)
            if tell is not None and now != told and info.stage != NO_STAGE:
                tell(*now)
                told = now
            if info.state != "running":
                return self._result()
            if give_up_at is not None and time.monotonic() > give_up_at:
                raise TimeoutError(f"run {self.id} is still at work after {timeout_s:g} s: {info.stage}")
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)

    async def events(self, *, patience_s: float = _PATIENCE_S) -> AsyncIterator[RunInfo]:
        """Yield the run as it is now, whenever it has changed, and the last time when it is over.

        The server tells of each change by itself. A connection that is lost is opened again, so that no end is missed.
        An api in this process is asked again and again instead.

        Args:
            patience_s: How long to try to reach a server that does not answer any more.

        Raises:
            ServerUnreachableError: The server does not answer for so long.
            UnknownPathNameError: The server does not know the run any more, as it was started again.

        Example:
            >>> async for info in run.events():
            ...     print(info.stage, info.done, info.total)
        """
        told: RunInfo | None = None
        give_up_at: float | None = None
        while True:
            try:
                async for info in self._listen():
                    give_up_at = None
                    if info != told:
                        self.info = told = info
                        yield info
                    if info.state != "running":
                        return
            except ServerUnreachableError:
                give_up_at = give_up_at or time.monotonic() + patience_s
                if time.monotonic() >= give_up_at:
                    raise
            await asyncio.sleep(_LONGEST_PAUSE_S)

    async def _listen(self) -> AsyncIterator[RunInfo]:
        """Yield what one connection tells of the run; in this process, the run as it is now."""
        if not self._sender._streams:  # noqa: SLF001 - a part of the client
            yield await self.refresh()
            return
        reader = EventReader()
        async for line in self._sender._lines(f"/runs/{self.id}/events"):  # noqa: SLF001 - a part of the client
            if (info := reader.take(line)) is not None:
                yield info

    def _result(self) -> R:
        info = self.info
        if info.error is not None:
            raise error_of_problem(info.error)
        if info.state == "cancelled":
            raise CancelledError("cancelled on request; what was finished is kept")
        if info.state != "succeeded":
            raise UnexpectedAnswerError(200, f"run {self.id} ended as '{info.state}' without saying why")
        return read_value(self._kind, info.result)
