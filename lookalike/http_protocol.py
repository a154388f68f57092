"""HTTP connections: what clients are told that take too long, send too much or no HTTP, or come when many are there."""

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
MAX_HEAD_BYTES: Final = 65_536
MAX_WAITING: Final = 100
"""A client may send so many requests before the first of them is answered; browsers send one."""
STALL_S: Final = 60.0
"""A client that takes nothing of its answer for so long has gone."""
_PART_BYTES: Final = 16_384


class PatientProtocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """uvicorn's protocol, with patience that ends and refusals like those of the app.

    uvicorn itself waits for the end of a head for ever, however long it gets, and for clients that do not read. It
    keeps any number of requests waiting. Its own refusals are plain text, without headers of security.
    """

    head_timeout_s, stall_s = HEAD_TIMEOUT_S, STALL_S
    transport: asyncio.Transport
    cycle: Any
    headers: list[tuple[bytes, bytes]]
    app: Any
    limit_concurrency: int | None
    _timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _n_head_bytes = 0
    _is_in_head = hasattr(AutoHTTPProtocol, "on_headers_complete")  # h11, which has no such step, counts by itself

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._inner, self._most = self.app, self.limit_concurrency
        self.limit_concurrency = None  # what is above it is answered here

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note a connection; the first head is awaited from now on."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, in parts, so that what is too much is seen before all of it is read."""
        start = 0
        while start < len(data) and not self.transport.is_closing():
            size = min(_PART_BYTES, MAX_HEAD_BYTES - self._n_head_bytes)
            self._take(data[start : start + size])
            start += size

    def _take(self, data: bytes) -> None:
        if not self._is_answering():
            self._await_head()
        is_crowded = self._most is not None and max(len(self.connections), len(self.tasks)) > self._most
        self.app = _refuse_crowd if is_crowded else self._inner
        self._n_head_bytes += len(data) if self._is_in_head else 0
        super().data_received(data)
        if self._n_head_bytes >= MAX_HEAD_BYTES:  # and the end of the head is not among them
            text = f"the head of the request is larger than {MAX_HEAD_BYTES} bytes; send less"
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)
        elif len(getattr(self, "pipeline", ())) > MAX_WAITING:  # h11 itself keeps none waiting
            self.transport.abort()
        if self._is_answering():
            self._stop_waiting()

    def on_headers_complete(self) -> None:
        """Note the end of a head. A body in chunks is refused whatever it holds, and counts as if it were one."""
        self._n_head_bytes = 0
        self._is_in_head = any(name == b"transfer-encoding" for name, _ in self.headers)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the next head may come."""
        self._is_in_head = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Watch a client that does not read as fast as it is answered."""
        super().pause_writing()
        self._await_reader(None)

    def resume_writing(self) -> None:
        """Go on answering."""
        self._trust_reader()
        super().resume_writing()

    def _await_reader(self, left_before: int | None) -> None:
        left = self.transport.get_write_buffer_size()
        if left_before is not None and left >= left_before:
            self.transport.abort()
            return
        self._stall_timer = asyncio.get_running_loop().call_later(self.stall_s, self._await_reader, left)

    def _trust_reader(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of a connection."""
        self._stop_waiting()
        self._trust_reader()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and close; an answer that is on its way is not disturbed but cut."""
        self._refuse(HTTPStatus.BAD_REQUEST, f"{msg.rstrip('.')}; send HTTP/1.1 as RFC 9112 describes it")

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        if not self._is_answering():
            self.transport.write(_to_bytes(status, text))
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
