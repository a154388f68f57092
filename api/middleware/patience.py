"""Bounds on how long a client may take to send a request, and on how many are answered at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import make_problem, problem_response
from api.middleware.route_path import route_path

FIRST_S: Final = 20.0
"""A body may take so long, and longer only as it grows."""
SLOWEST_BYTES_PER_S: Final = 10_000


class Patience:
    """ASGI middleware that answers 408 to a body that comes too slowly.

    Args:
        app: What reads bodies.
        first_s: How long any body may take.
    """

    def __init__(self, app: ASGIApp, first_s: float = FIRST_S) -> None:
        self._app, self._first_s = app, first_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, if its body comes."""
        if scope["type"] != "http" or Headers(scope=scope).get("content-length", "0") == "0":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, send, self._first_s)
        try:
            await self._app(scope, body.receive, body.send)
        except TimeoutError:
            if not body.is_late:
                raise
        if body.is_late and not body.is_answered:
            text = "the body of the request came too slowly; send it again over a better connection"
            answer = problem_response(make_problem(HTTPStatus.REQUEST_TIMEOUT, text), {"Connection": "close"})
            await answer(scope, receive, send)


class _Body:
    """A body on its way in, and its answer on the way out.

    Args:
        receive: Where it comes from.
        send: Where its answer goes.
        first_s: How long it may take at least.
    """

    def __init__(self, receive: Receive, send: Send, first_s: float) -> None:
        self._receive, self._send, self._first_s = receive, send, first_s
        self._started, self._n_bytes = time.monotonic(), 0
        self._is_complete = self.is_late = self.is_answered = False

    async def receive(self) -> Message:
        """The next part of the body.

        Raises:
            TimeoutError: It did not come in time.
        """
        if self._is_complete:
            return await self._receive()
        allowed_s = self._first_s + self._n_bytes / SLOWEST_BYTES_PER_S
        try:
            async with asyncio.timeout(allowed_s - (time.monotonic() - self._started)):
                message = await self._receive()
        except TimeoutError:
            self.is_late = self._is_complete = True
            raise
        self._n_bytes += len(message.get("body", b""))
        self._is_complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass on what is answered. Frameworks take a late body for a damaged one, so their answer to it is dropped."""
        if not self.is_late:
            self.is_answered = True
            await self._send(message)


class Crowd:
    """ASGI middleware that answers 503 while too many requests are being answered; asking for health always works.

    Args:
        app: What answers.
        n_in_flight: Tells how many are being answered, this one included.
        limit: How many may be.
        exempt: Paths that are answered all the same.
    """

    def __init__(self, app: ASGIApp, n_in_flight: Callable[[], int], limit: int, exempt: frozenset[str]) -> None:
        self._app, self._n_in_flight, self._limit, self._exempt = app, n_in_flight, limit, exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or ask to come again."""
        if scope["type"] == "http" and self._n_in_flight() > self._limit and route_path(scope) not in self._exempt:
            text = f"the server answers {self._limit} requests already; ask again in a moment"
            answer = problem_response(make_problem(HTTPStatus.SERVICE_UNAVAILABLE, text), {"Retry-After": "1"})
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)
