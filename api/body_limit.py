"""Refuse request bodies that are too large before they are read, parsed or written to disk."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import BodyLengthError, BodyTooLargeError, problem_response, to_problem
from indexer.errors import ConfigurationError

_WITH_BODY: Final = ("POST", "PUT", "PATCH")


class BodyLimit:
    """ASGI middleware that goes by the declared length, to which servers hold their clients.

    Args:
        app: What is protected.
        max_bytes: Longest body that is let through.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 411 where no length is declared and 413 where it is too much."""
        fault = self._judge(scope) if scope["type"] == "http" and scope["method"] in _WITH_BODY else None
        answer = self._app if fault is None else problem_response(to_problem(fault))
        await answer(scope, receive, send)

    def _judge(self, scope: Scope) -> ConfigurationError | None:
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if not declared.isdigit():
            return BodyLengthError("the request does not declare its length; send a Content-Length header")
        if int(declared) > self._max_bytes:
            return BodyTooLargeError(f"the request is larger than {self._max_bytes} bytes; send less")
        return None
