"""Scripts and styles of the page, packed once and kept: on a slow line most of the wait is for them."""

from __future__ import annotations

import gzip
from hashlib import blake2b
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LEAST_BYTES: Final = 1000
_MOST_KEPT: Final = 500
_PACKED_TYPES: Final = ("javascript", "css", "json", "text/html")


class Compression:
    """ASGI middleware that answers with packed texts; what does not change between requests is packed once.

    Args:
        app: Answers.
        folders: Beginnings of the paths that are packed, such as ``/assets/``.
    """

    def __init__(self, app: ASGIApp, folders: tuple[str, ...]) -> None:
        self._app, self._folders = app, folders
        self._kept: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and pack the answer if who asks can unpack it."""
        is_wanted = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(self._folders)
        if not is_wanted or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body: list[bytes] = []

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.append(message.get("body", b""))
            if not message.get("more_body", False):
                packed = self._packed(start, b"".join(body))  # which changes the headers
                await send(start)
                await send({"type": "http.response.body", "body": packed})

        await self._app(scope, receive, hold)

    def _packed(self, start: Message, body: bytes) -> bytes:
        """The packed body, with headers that say so; as it is if that is not worth it."""
        headers = MutableHeaders(raw=list(start["headers"]))
        is_text = any(kind in headers.get("content-type", "") for kind in _PACKED_TYPES)
        if start["status"] != 200 or not is_text or len(body) < _LEAST_BYTES or "content-encoding" in headers:
            return body
        key = blake2b(body).digest()
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = gzip.compress(body, 6, mtime=0)
        packed = self._kept[key]
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        if "etag" in headers:
            headers["ETag"] = f"W/{headers['etag'].removeprefix('W/')}"
        start["headers"] = headers.raw
        return packed
