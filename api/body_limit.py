"""Refuse request bodies that are too large before they are read, parsed or written to disk."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLargeError, problem_response, to_problem


class BodyLimit:
    """ASGI middleware that answers 413 where a body is longer than ``max_bytes``, declared or not.

    Args:
        app: What is protected.
        max_bytes: Longest body that is let through.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless its body is too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = BodyTooLargeError(self._max_bytes)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await problem_response(to_problem(refusal))(scope, receive, send)
            return
        n_received = 0

        async def receive_counted() -> Message:
            nonlocal n_received
            message = await receive()
            n_received += len(message.get("body", b""))
            if n_received > self._max_bytes:
                raise refusal
            return message

        await self._app(scope, receive_counted, send)
