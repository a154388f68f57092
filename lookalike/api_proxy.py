"""The api of another server, asked on behalf of the visitors of an explorer; the keys stay here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import Access, AccessKey
from api.errors import make_problem, problem_response
from api.middleware.authentication import ACCESS
from api.middleware.observation import HEADER, REQUEST_ID
from api.middleware.route_path import route_path
from lookalike.client.server_file import API_PREFIX

_SENT: Final = (
    *("accept", "accept-encoding", "accept-language", "content-type", "content-length", "range", "if-range"),
    *("if-none-match", "if-modified-since", "last-event-id", "user-agent"),
)
"""Headers that the api is told of. Proofs of who asks are not among them, nor is where the page comes from."""
_KEPT_BACK: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "upgrade", "set-cookie", "server", "date", HEADER}
    | {"proxy-authenticate", "proxy-authorization", "te", "trailer"}
)
"""Headers of an answer that are about the way to this process."""
_TIMEOUT: Final = httpx.Timeout(600.0, connect=5.0)
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=32)


class ApiProxy:
    """ASGI app that answers as the api of another server does.

    A visitor has the rights that this process gave the request. The api is asked with a key of the same rights or less.

    Args:
        url: Address of that server, without the api's prefix.
        keys: Keys of that server.
        transport: How it is reached; injectable for tests.
    """

    def __init__(self, url: str, keys: Sequence[AccessKey], transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._keys = url, sorted(keys, key=lambda key: key.access)
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, trust_env=False, transport=transport)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with what the api answers, as it comes."""
        if scope["type"] == "http":
            answer: ASGIApp = await self._ask(Request(scope, receive))
            await answer(scope, receive, send)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name in _SENT}
        headers[HEADER] = REQUEST_ID.get() or ""
        key = self._key_for(Access(getattr(request.state, ACCESS, Access.NONE)))
        if key is not None:
            headers["authorization"] = f"Bearer {key.secret}"
        has_body = headers.get("content-length", "0") != "0"
        try:
            answer = await self._http.send(
                self._http.build_request(
                    request.method,
                    f"{self._url}{API_PREFIX}{_path_below(request.scope)}",
                    headers=headers,
                    content=request.stream() if has_body else None,
                ),
                stream=True,
            )
        except (httpx.RequestError, httpx.InvalidURL) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            detail = f"the api at {self._url} does not answer ({reason}); try again, or look whether it runs"
            return problem_response(make_problem(HTTPStatus.BAD_GATEWAY, detail))
        kept = {name: value for name, value in answer.headers.items() if name not in _KEPT_BACK}
        return StreamingResponse(_stream(answer), answer.status_code, headers=kept)

    def _key_for(self, access: Access) -> AccessKey | None:
        """The best key that gives no more than that."""
        return next((key for key in reversed(self._keys) if key.access <= access), None)


async def _stream(answer: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the bytes as the api sent them, so that compressed ones stay so."""
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()


def _path_below(scope: Scope) -> str:
    """Path and query below the api's prefix, as they were sent."""
    raw = scope.get("raw_path") or b""
    is_mounted = str(scope.get("root_path", "")).endswith(API_PREFIX)
    _, found, below = raw.decode("latin-1").partition(API_PREFIX) if is_mounted else ("", "/", raw.decode("latin-1"))
    path = below if found and below.startswith("/") else quote(route_path(scope))
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path
