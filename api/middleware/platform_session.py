"""Visitors of the app on a Supervisely server: who was let in by the platform, and the prefix that it is served under.

The platform serves a session of the app at ``/net/SESSION/`` and lets in who may see it. SESSION is a random text that
only those people's browsers are told, so that it proves where a request comes from. Some servers keep the prefix in
the path that the app is asked for. Others strip it. Then the page's own address in ``Referer`` has it.

A request with the proof has **platform power**. It may index projects of the server and write to it, with the rights of
the person who started the session. It may not read folders or write files of the machine, on which that person's token
is. A request without the proof gets the empty page, the empty documentation and their scripts, and nothing else.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem_response, to_problem
from api.middleware.authentication import read_bearer
from api.settings import ServerIdentity
from lookalike.errors import NotFromPlatformError

HAS_PLATFORM_POWER: Final = "has_platform_power"
"""Name in a request's state."""
_OPEN_FOLDERS: Final = ("/assets/", "/_dash-component-suites/", "/api/v1/static-offline-docs/")
_OPEN_PAGES: Final = ("/", "/_favicon.ico", "/api/v1/docs")
"""Pages whose address people may type: that tells no proof if the prefix is stripped."""
_READS: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Session:
    """One session of the app, as the platform serves it.

    Attributes:
        prefix: What the browser's paths begin with, such as ``/net/SESSION``; its last part is the secret.
        host: The platform's name and port in browsers.
    """

    prefix: str
    host: str


class PlatformSession:
    """ASGI middleware that takes the prefix off, and refuses what does not come through the platform.

    Args:
        app: Serves the page at ``/``.
        session: The session.
        identity: Who this server is; who sends its token, as runs do, needs no platform.
        open_paths: Further paths that anybody may read, such as those that the platform asks for signs of life.
    """

    def __init__(
        self, app: ASGIApp, session: Session, identity: ServerIdentity, open_paths: tuple[str, ...] = ()
    ) -> None:
        self._app, self._session, self._identity = app, session, identity
        self._open_paths = (*_OPEN_PAGES, *open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":  # the page speaks through none
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == self._session.prefix:
            query = scope.get("query_string", b"").decode("latin-1")
            address = f"{self._session.prefix}/{'?' if query else ''}{query}"
            await RedirectResponse(address, 307)(scope, receive, send)
            return
        page = urlsplit(Headers(scope=scope).get("referer", ""))
        is_kept = _is_below(scope["path"], self._session.prefix)
        scope = self._without_prefix(scope) if is_kept else dict(scope)
        is_from_page = _is_below(page.path, self._session.prefix)
        if not (is_kept or is_from_page or self._is_open(scope)):
            fault = NotFromPlatformError("the request does not come through the platform; open the app there")
            await problem_response(to_problem(fault))(scope, receive, send)
            return
        if is_kept or is_from_page:
            scope["state"] = {**scope.get("state", {}), HAS_PLATFORM_POWER: True}
            _name_host(scope, page.netloc if is_from_page else self._session.host)
        await self._app(scope, receive, send)

    def _without_prefix(self, scope: Scope) -> Scope:
        path = scope["path"][len(self._session.prefix) :]
        raw = scope.get("raw_path")
        return {**scope, "path": path, "raw_path": None if raw is None else raw[len(self._session.prefix) :]}

    def _is_open(self, scope: Scope) -> bool:
        path: str = scope["path"]
        secret = read_bearer(Headers(scope=scope))
        if path in self._open_paths or (secret is not None and self._identity.knows(secret)):
            return True
        return scope["method"] in _READS and path.startswith(_OPEN_FOLDERS)


def _is_below(path: str, prefix: str) -> bool:
    """Whether a path begins with the prefix; takes as long for a wrong one."""
    given = path[: len(prefix) + 1].encode("utf-8", "backslashreplace")
    return hmac.compare_digest(given, f"{prefix}/".encode())


def _name_host(scope: Scope, host: str) -> None:
    """Have a request name the host that the browser sees; a proxy may have put in its own name for the app."""
    scope["headers"] = list(scope["headers"])
    MutableHeaders(scope=scope)["host"] = host
