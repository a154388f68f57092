"""Who asks, and what that one may do.

A program has all rights that sends the server's token (``server.json`` in the data directory tells it to the user who
started the server). So has the page that the server itself served to a browser on the same machine. It carries a cookie
that no page of another site can have sent. Keys give the rights that their line in the token file says, to programs
that send them and to people who logged in with them.
"""

from __future__ import annotations

import hmac
import math
from contextvars import ContextVar
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import Access, Keyring, end_of_session
from api.errors import problem_response, to_problem
from api.middleware.allowed_hosts import is_loopback
from api.middleware.ended_sessions import EndedSessions
from api.middleware.failed_tries import FailedTries
from api.middleware.machine_users import is_of_another_user
from api.middleware.route_path import route_path
from api.middleware.same_origin import is_foreign
from api.settings import ServerIdentity
from lookalike.errors import ConfigurationError, TokenError, TooManyTriesError

_BEARER: Final = "bearer "
_OF_PROXIES: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
PUBLIC: Final = frozenset({"/health", "/ready"})
"""Paths of the api that need no key, for programs that watch whether the server lives."""
ACCESS: Final = "access"
"""Name in a request's state."""
_CURRENT: ContextVar[Access] = ContextVar("access of the request that is answered", default=Access.NONE)


class Door:
    """Judges the secrets of requests.

    Args:
        identity: Who this server is.
        ended: Sessions that people ended.
        tries: Wrong keys so far.

    Attributes:
        identity: Who this server is.
        keyring: Its keys.
    """

    def __init__(
        self, identity: ServerIdentity, ended: EndedSessions | None = None, tries: FailedTries | None = None
    ) -> None:
        self.identity, self.keyring = identity, Keyring(identity.all_keys)
        self._ended, self._tries = ended or EndedSessions(), tries or FailedTries()

    def check_secret(self, scope: Scope, secret: str) -> Access:
        """The rights that a token or key gives.

        Raises:
            TokenError: The server does not know it.
            TooManyTriesError: Too many wrong ones came from this client; it was not looked at.
        """
        client = (scope.get("client") or ("",))[0]
        if (wait_s := self._tries.seconds_to_wait(client, secret)) > 0:
            raise TooManyTriesError(wait_s)
        access = self.keyring.access_of(secret)
        if access is Access.NONE:
            self._tries.note_failure(client)
            raise TokenError("the server does not know the key of this request; check LOOKALIKE_API_KEY")
        self._tries.note_success(client, secret)
        return access

    def access_of(self, scope: Scope) -> Access:
        """The rights of a request.

        Raises:
            TokenError: It sends a key that the server does not know.
            TooManyTriesError: Too many wrong ones came from this client.
        """
        headers = Headers(scope=scope)
        secret = read_bearer(headers)
        if secret is not None:
            return self.check_secret(scope, secret)
        if self.identity.trusts_own_page and self._is_own_page(scope, headers):
            return Access.OWNER
        return max(self.access_of_session(headers), self.identity.guest_access)

    def access_of_session(self, headers: Headers) -> Access:
        """The rights of somebody who logged in, by their cookie; NONE if they did not, or have logged out."""
        session = _cookie_of(headers, self.identity.session_name)
        if session is None:
            return Access.NONE
        found = self.keyring.access_of_session(session)
        return Access.NONE if found is Access.NONE or self._ended.has(session) else found

    def end_session(self, headers: Headers) -> None:
        """End the session whose cookie a request sends; a copy of the cookie is worth nothing from now on."""
        session = _cookie_of(headers, self.identity.session_name)
        if session is not None and self.access_of_session(headers) > Access.NONE:
            self._ended.add(session, end_of_session(session))

    def _is_own_page(self, scope: Scope, headers: Headers) -> bool:
        given = _cookie_of(headers, self.identity.cookie_name)
        if given is None or not hmac.compare_digest(given.encode(), self.identity.cookie_value.encode()):
            return False
        return is_on_this_machine(scope) and not is_foreign(headers)


class Authentication:
    """ASGI middleware that finds out what a request may do, and refuses those that may not even look.

    Args:
        app: What asks for ``request.state.access``.
        door: Judges secrets.
        public: Paths that anybody may ask for.
        page: The page's path, from which people are sent to the login; None for none.
    """

    def __init__(self, app: ASGIApp, door: Door, public: frozenset[str], page: str | None = None) -> None:
        self._app, self._door, self._public, self._page = app, door, public, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with what it may do, or refuse it."""
        if scope["type"] != "http" or ACCESS in scope.get("state", {}):
            await self._app(scope, receive, send)
            return
        path = route_path(scope)
        try:
            access = self._door.access_of(scope)
            if access < Access.READ and path not in self._public:
                raise TokenError("this server asks for a key; set LOOKALIKE_API_KEY, or log in on its page")
        except ConfigurationError as fault:
            is_page = path == self._page and scope["method"] == "GET" and "authorization" not in Headers(scope=scope)
            answer = _to_login(scope) if is_page else refusal(fault)
            await answer(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), ACCESS: access}
        reset = _CURRENT.set(access)
        try:
            await self._app(scope, receive, send)
        finally:
            _CURRENT.reset(reset)


class OnBehalf:
    """ASGI app that asks another one in this process with the rights of the request that is answered.

    Args:
        app: What is asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with those rights."""
        scope["state"] = {**scope.get("state", {}), ACCESS: _CURRENT.get()}
        await self._app(scope, receive, send)


def refusal(fault: ConfigurationError) -> ASGIApp:
    """The answer to a request without a right key."""
    if isinstance(fault, TooManyTriesError):
        return problem_response(to_problem(fault), {"Retry-After": str(math.ceil(fault.wait_s))})
    return problem_response(to_problem(fault), {"WWW-Authenticate": "Bearer"})


def _to_login(scope: Scope) -> ASGIApp:
    query = scope.get("query_string", b"").decode("latin-1")
    return RedirectResponse(f"login?{query}" if query else "login", status_code=303)


class PageCookie:
    """ASGI middleware that gives the page its cookie, if a browser of the same user on the same machine asks for it.

    Args:
        app: Serves the page at ``/``.
        identity: Who this server is.
    """

    def __init__(self, app: ASGIApp, identity: ServerIdentity) -> None:
        self._app = app
        self._cookie = f"{identity.cookie_name}={identity.cookie_value}; Path=/; HttpOnly; SameSite=Strict"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with the cookie if it is for the page."""
        is_for_page = scope["type"] == "http" and route_path(scope) == "/"
        if not is_for_page or not is_on_this_machine(scope) or is_of_another_user(scope):
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


def _cookie_of(headers: Headers, name: str) -> str | None:
    """The value of a cookie. Other services of the host may have set cookies that no standard knows."""
    return cookie_parser(headers.get("cookie", "")).get(name)
