"""HTTP connections: what clients are told that take too long, send no HTTP, or come when too many are there."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Final

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from api.errors import make_problem, problem_response
from api.middleware.security_headers import HEADERS_OF_REFUSALS

HEAD_TIMEOUT_S: Final = 10.0
"""A client has so long to send the head of a request."""


class PatientProtocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """uvicorn's protocol, with patience that ends and refusals like those of the app.

    uvicorn itself waits for the end of a head for ever. Its own refusals are plain text, without headers of security.
    """

    head_timeout_s = HEAD_TIMEOUT_S
    transport: asyncio.Transport
    cycle: Any
    app: Any
    limit_concurrency: int | None
    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._inner, self._most = self.app, self.limit_concurrency
        self.limit_concurrency = None  # what is above it is answered here

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note a connection; the first head is awaited from now on."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent."""
        if not self._is_answering():
            self._await_head()
        is_crowded = self._most is not None and max(len(self.connections), len(self.tasks)) > self._most
        self.app = _refuse_crowd if is_crowded else self._inner
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of a connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and close; an answer that is on its way is not disturbed but cut."""
        if not self._is_answering():
            text = f"{msg.rstrip('.')}; send HTTP/1.1 as RFC 9112 describes it"
            self.transport.write(_to_bytes(HTTPStatus.BAD_REQUEST, text))
        self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.head_timeout_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def _refuse_crowd(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI app for those who come when too many are there."""
    text = "too many connections are open to this server; ask again in a moment"
    headers = {**HEADERS_OF_REFUSALS, "Retry-After": "1", "Connection": "close"}
    await problem_response(make_problem(HTTPStatus.SERVICE_UNAVAILABLE, text), headers)(scope, receive, send)


def _to_bytes(status: HTTPStatus, text: str) -> bytes:
    """A whole answer as it is sent, after which the connection is closed."""
    answer = problem_response(make_problem(status, text), {**HEADERS_OF_REFUSALS, "Connection": "close"})
    lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode()), *(b": ".join(one) for one in answer.raw_headers)]
    return b"\r\n".join((*lines, b"", bytes(answer.body)))
