"""Refuse what a foreign web page has a visitor's browser send, so that opening one changes no labels."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem_response, to_problem
from lookalike.errors import ForeignOriginError

_CHANGES_NOTHING: Final = ("GET", "HEAD", "OPTIONS")
_OWN: Final = ("same-origin", "none")
"""Values of ``Sec-Fetch-Site`` for our own page, and for a person who typed the address."""


class SameOrigin:
    """ASGI middleware that answers 403 to requests that may change something and come from another site's page.

    Browsers say so in ``Sec-Fetch-Site``, and those that do not, or not on plain HTTP, in ``Origin``; programs send
    neither and are let through. It is the rule of Go's ``net/http.CrossOriginProtection``, and needs no token. What is
    only read needs no protection: browsers keep the answer from foreign pages, since the api never allows them (CORS).
    They keep no WebSocket from foreign pages. Nothing here speaks through one, so that each is closed at once.

    Args:
        app: What is protected.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        answer = self._app
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http" and scope["method"] not in _CHANGES_NOTHING and is_foreign(Headers(scope=scope)):
            fault = ForeignOriginError("the request comes from the page of another site; send it from the explorer")
            answer = problem_response(to_problem(fault))
        await answer(scope, receive, send)


def is_foreign(headers: Headers) -> bool:
    """Whether a browser says that a request comes from another site's page."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in _OWN
    # "https://host:port", or "null" where the page has none to tell; the scheme is a proxy's business.
    return origin is not None and origin.partition("://")[2] != headers.get("host")
