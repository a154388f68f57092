"""Refuse request bodies that are too large before they are read, parsed or written to disk."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem_response, to_problem
from lookalike.errors import BodyLengthError, BodyTooLargeError, ConfigurationError

_WITH_BODY: Final = ("POST", "PUT", "PATCH")
_MAX_DIGITS: Final = 18


class BodyLimit:
    """ASGI middleware that goes by the declared length, to which servers hold their clients.

    A chunked body declares none, and a server that sees both goes by the chunks: it is refused whatever else is said.

    Args:
        app: What is protected.
        max_bytes: Longest body that is let through.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 411 where no length is declared and 413 where it is too much."""
        fault = self._judge(scope) if scope["type"] == "http" else None
        answer = self._app if fault is None else problem_response(to_problem(fault))
        await answer(scope, receive, send)

    def _judge(self, scope: Scope) -> ConfigurationError | None:
        headers = Headers(scope=scope)
        lengths = headers.getlist("content-length")
        is_without = scope["method"] in _WITH_BODY and not lengths
        if "transfer-encoding" in headers or len(lengths) > 1 or is_without:
            return BodyLengthError("the request does not declare its length; send one Content-Length header")
        if not lengths:
            return None
        declared = lengths[0]
        if not (declared.isascii() and declared.isdigit()):
            return BodyLengthError("the length that the request declares is no number; send it in bytes")
        if len(declared) > _MAX_DIGITS or int(declared) > self._max_bytes:
            return BodyTooLargeError(f"the request is larger than {self._max_bytes} bytes; send less")
        return None
