"""Transport of requests to the api in this process."""

from __future__ import annotations

import asyncio
import atexit
import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from lookalike.local import LocalApi


class LoopTransport(httpx.AsyncBaseTransport):
    """Answers requests in the caller's event loop.

    Args:
        local: The api, closed with the transport.
    """

    def __init__(self, local: LocalApi) -> None:
        self._local = local
        self._inner = httpx.ASGITransport(app=local.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; a bug in the api is raised as it is."""
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the api."""
        await self._inner.aclose()
        self._local.close()


class ThreadTransport(httpx.BaseTransport):
    """Answers requests in an event loop in a thread of its own; that thread keeps no process alive.

    Args:
        local: The api, closed with the transport or, at the latest, when the process ends.
    """

    def __init__(self, local: LocalApi) -> None:
        self._local = local
        self._inner = httpx.ASGITransport(app=local.app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lookalike api", daemon=True)
        self._thread.start()
        self._left: Future[httpx.Response] | None = None
        atexit.register(self.close)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; a bug in the api is raised as it is."""
        answer = asyncio.run_coroutine_threadsafe(self._answer(request), self._loop)
        try:
            return answer.result()
        except KeyboardInterrupt:
            self._left = answer
            self._local.cancel()
            raise

    def close(self) -> None:
        """Close the api, after the step at which it is; closing twice is fine."""
        if self._loop.is_closed():
            return
        self._local.cancel()
        if self._left is not None:
            wait([self._left])
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._local.close()
        atexit.unregister(self.close)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=content)
