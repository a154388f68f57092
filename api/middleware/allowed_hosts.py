"""Refuse requests that ask for another host than this server is.

A foreign site may let its name lead to 127.0.0.1 once its page is open (DNS rebinding). To the browser, our server is
then that site, and the page may read and change whatever our own page may. Only the ``Host`` header tells its requests
from those of a person who opened our page.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem_response, to_problem
from lookalike.errors import UnknownHostError

_HOST: Final = re.compile(
    r"(?:\[(?P<six>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_.-]{1,255}))(?::[0-9]{0,5})?", re.IGNORECASE
)
_NAME: Final = re.compile(r"[a-z0-9_.-]{1,255}", re.IGNORECASE)
_SHOWN_CHARS: Final = 100


class AllowedHosts:
    """ASGI middleware that answers 421 to requests for an unknown host; the names of this machine are always known.

    Args:
        app: What is protected.
        listening: The address or name that the server listens on. If it stands for all addresses of the machine, a
            request may name any address: unlike a name, an address leads nowhere else.
        names: Further names that lead here, such as that of a proxy.
    """

    def __init__(self, app: ASGIApp, listening: str, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = {_normalise(name) for name in ("localhost", listening, *names)}
        self._takes_any_address = is_everywhere(listening)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] in ("http", "websocket") and (fault := self._judge(scope)) is not None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await problem_response(to_problem(fault))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _judge(self, scope: Scope) -> UnknownHostError | None:
        hosts = Headers(scope=scope).getlist("host")
        # A target such as http://name/path takes the place of the header; only proxies are asked so.
        if len(hosts) != 1 or not scope["path"].startswith(("/", "*")):
            return UnknownHostError("the request does not say which host it asks for; send one Host header")
        found = _HOST.fullmatch(hosts[0])
        if found is not None and self._is_known(_normalise(found["six"] or found["name"])):
            return None
        shown = hosts[0][:_SHOWN_CHARS]
        return UnknownHostError(
            f"the request asks for host '{shown}', which this server is not; start it with --allow-host NAME if it is"
        )

    def _is_known(self, host: str) -> bool:
        address = _parse_address(host)
        return host in self._names or (address is not None and (address.is_loopback or self._takes_any_address))


def is_host(text: str) -> bool:
    """Whether a text is the name or address of a host, without a scheme, a port or a path."""
    return _parse_address(_normalise(text)) is not None or _NAME.fullmatch(text) is not None


def is_everywhere(host: str) -> bool:
    """Whether an address to listen on stands for all addresses of the machine."""
    address = _parse_address(_normalise(host))
    return host == "" or (address is not None and address.is_unspecified)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on ``host``."""
    address = _parse_address(_normalise(host))
    return _normalise(host) == "localhost" or (address is not None and address.is_loopback)


def _normalise(host: str) -> str:
    name = host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
    address = _parse_address(name)
    return name if address is None else str(address)


def _parse_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
