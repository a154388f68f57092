# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Long work at the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from lookalike.client.asynchronous.sender import Sender
from lookalike.client.problems import error_of_problem, read_value
from lookalike.errors import CancelledError, UnexpectedAnswerError
from lookalike.wire.runs import NO_STAGE, RunInfo

R = TypeVar("R")
Progress = Callable[[str, int, int | None], Any]
"""Told what is done, how much of it, and of how much, None while that is unknown."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.5


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

    def _result(self) -> R:
        info = self.info
        if info.error is not None:
            raise error_of_problem(info.error)
        if info.state == "cancelled":
            raise CancelledError("cancelled on request; what was finished is kept")
        if info.state != "succeeded":
            raise UnexpectedAnswerError(200, f"run {self.id} ended as '{info.state}' without saying why")
        return read_value(self._kind, info.result)
