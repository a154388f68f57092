"""Every request under a name of its own: in the log, in the answer and in the metrics."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from contextvars import ContextVar
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import make_problem, problem_response, to_problem
from api.middleware.metrics import Metrics

_log = logging.getLogger("lookalike.access")
HEADER: Final = "x-request-id"
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
_OTHER: Final = "other"
_PAGES: Final = ("/_dash-", "/assets/", "/login", "/logout")
REQUEST_ID: ContextVar[str | None] = ContextVar("id of the request that is answered", default=None)


class Observation:
    """ASGI middleware that names, counts and logs requests; an error that nobody handled becomes a problem document.

    Args:
        app: What answers.
        metrics: Counts.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(send, _id_of(scope))
        reset = REQUEST_ID.set(seen.request_id)
        started = time.perf_counter()
        self._metrics.begin()
        try:
            await self._app(scope, receive, seen.send)
        except asyncio.CancelledError:  # the server ends, and waits for this answer no longer
            if seen.status == 0:
                fault = make_problem(HTTPStatus.SERVICE_UNAVAILABLE, "the server was stopped; ask again in a moment")
                answer = problem_response(fault, {"Retry-After": "5", "Connection": "close"})
                await answer(scope, receive, seen.send)
        except Exception as error:  # noqa: BLE001 - the boundary of a request
            _log.error("a request failed unexpectedly", exc_info=error)
            if seen.status == 0:
                await problem_response(to_problem(error))(scope, receive, seen.send)
        finally:
            seconds = (seen.sent_at or time.perf_counter()) - started
            self._metrics.end(_method_of(scope), _route_of(scope), seen.status, seconds)
            _log.info("request", extra={"request": _facts_of(scope, seen.status, seconds)})
            REQUEST_ID.reset(reset)


class _Seen:
    """An answer on its way.

    Args:
        send: Where it goes.
        request_id: Name of the request, which the answer tells.
    """

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self.request_id = send, request_id
        self.status = 0
        self.sent_at: float | None = None  # what is done afterwards takes nobody's time

    async def send(self, message: Message) -> None:
        """Note the status and the end, and pass the message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self.request_id
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.sent_at = time.perf_counter()


def _id_of(scope: Scope) -> str:
    given = Headers(scope=scope).get(HEADER, "")
    return given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def _method_of(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else _OTHER


def _route_of(scope: Scope) -> str:
    """The path as the documentation writes it; the page's files count together."""
    found = scope.get("route")
    template = getattr(found, "path_format", None) or getattr(found, "path", None)
    if isinstance(template, str) and "{path" not in template:
        return template
    path = str(scope["path"])
    return next((f"{start}*" for start in _PAGES if start in path), "/" if path.endswith("/") else _OTHER)


def _facts_of(scope: Scope, status: int, seconds: float) -> dict[str, object]:
    return {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "seconds": round(seconds, 6),
        "client": (scope.get("client") or ("",))[0],
    }
