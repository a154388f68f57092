"""Who may read folders and write files of the server's machine: "local power".

A program has it that sends the server's token (``server.json`` in the data directory tells it to the user who started
the server) or its key. The page that the server itself served to a browser on the same machine has it. It carries a
cookie that no page of another site can have sent.
"""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem_response, to_problem
from api.middleware.allowed_hosts import is_loopback
from api.middleware.same_origin import is_foreign
from api.settings import ServerIdentity
from lookalike.errors import TokenError

_BEARER: Final = "bearer "
_OF_PROXIES: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
HAS_LOCAL_POWER: Final = "has_local_power"
"""Name in a request's state."""


class Authentication:
    """ASGI middleware that finds out whether a request has local power; a wrong token is answered with 401.

    Args:
        app: What asks for ``request.state.has_local_power``.
        identity: Who this server is.
    """

    def __init__(self, app: ASGIApp, identity: ServerIdentity) -> None:
        self._app, self._identity = app, identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with what it may do, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        secret = read_bearer(Headers(scope=scope))
        if secret is not None and not self._identity.knows(secret):
            fault = TokenError("the server does not know the key of this request; check LOOKALIKE_API_KEY")
            await problem_response(to_problem(fault), {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        has_power = secret is not None or self._is_own_page(scope)
        scope["state"] = {**scope.get("state", {}), HAS_LOCAL_POWER: has_power}
        await self._app(scope, receive, send)

    def _is_own_page(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._identity.cookie_name)
        except CookieError:
            return False
        if found is None or not hmac.compare_digest(found.value.encode(), self._identity.cookie_value.encode()):
            return False
        return is_on_this_machine(scope) and not is_foreign(headers)


class PageCookie:
    """ASGI middleware that gives the page its cookie, if a browser on the same machine asks for it.

    Args:
        app: Serves the page at ``/``.
        identity: Who this server is.
    """

    def __init__(self, app: ASGIApp, identity: ServerIdentity) -> None:
        self._app = app
        self._cookie = f"{identity.cookie_name}={identity.cookie_value}; Path=/; HttpOnly; SameSite=Strict"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with the cookie if it is for the page."""
        if scope["type"] != "http" or scope["path"] != "/" or not is_on_this_machine(scope):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", self._cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def is_on_this_machine(scope: Scope) -> bool:
    """Whether a request comes from this machine, asks for it by a loopback name, and no proxy passed it on."""
    headers, client = Headers(scope=scope), scope.get("client")
    if client is None or any(name in headers for name in _OF_PROXIES):
        return False
    host = headers.get("host", "").lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(client[0]) and is_loopback(name)


def read_bearer(headers: Headers) -> str | None:
    """Return what follows ``Authorization: Bearer``; other kinds of proof are the business of a proxy."""
    given = headers.get("authorization", "")
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else None
