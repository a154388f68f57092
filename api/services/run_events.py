"""Runs as server-sent events: a page or a program is told of each step, without asking again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.concurrency import run_in_threadpool

from lookalike.errors import UnknownPathNameError
from lookalike.wire.runs import RunInfo

MEDIA_TYPE: Final = "text/event-stream"
_LOOK_S: Final = 0.25
_BEAT_S: Final = 15.0
"""A proxy takes a connection for dead that is silent for a minute or so."""


async def follow_run(get: Callable[[], RunInfo], is_stopping: threading.Event) -> AsyncIterator[str]:
    """Yield a run whenever it changed, and once more when it is over.

    Args:
        get: Gives the run as it is now.
        is_stopping: Set when the server is about to end; the client then asks again.

    Yields:
        Events with a ``RunInfo`` as JSON; the last is of the type ``end``.
    """
    loop = asyncio.get_running_loop()
    told, told_at = None, loop.time()
    yield "retry: 2000\n\n"
    while not is_stopping.is_set():
        try:
            info = await run_in_threadpool(get)
        except UnknownPathNameError:  # it is over, and many were started since
            return
        if info.state != "running":
            yield f"event: end\ndata: {info.model_dump_json()}\n\n"
            return
        if info != told:
            told, told_at = info, loop.time()
            yield f"data: {info.model_dump_json()}\n\n"
        elif loop.time() - told_at > _BEAT_S:
            told_at = loop.time()
            yield ": at work\n\n"
        await asyncio.sleep(_LOOK_S)
