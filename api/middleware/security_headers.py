"""Headers that tell browsers what a page of this server may do, and who may show or load what it sends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Final = "content-security-policy"
_NOT_A_PAGE: Final = "default-src 'none'"
_ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


HEADERS_OF_REFUSALS: Final = {
    **_ALWAYS,
    "x-frame-options": "DENY",
    _POLICY: f"{_NOT_A_PAGE}; frame-ancestors 'none'",
}
"""For answers that are given before any app is asked."""


def page_policy(script_hashes: Iterable[str]) -> str:
    """The policy of a page: scripts of this server, and the inline ones that hash to these.

    Styles may be inline, as the components of the page write theirs while they run.
    """
    scripts = " ".join(("'self'", *script_hashes))
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
    )


class SecurityHeaders:
    """ASGI middleware that adds the headers to every answer; a policy that an answer brings along is kept.

    Args:
        app: What answers.
        policy: Policy of HTML; other answers may load nothing at all.
        frame_ancestors: Origins whose pages may show this one in a frame; nobody's if empty.
    """

    def __init__(self, app: ASGIApp, policy: str, frame_ancestors: Sequence[str] = ()) -> None:
        self._app, self._policy = app, policy
        self._ancestors = " ".join(("frame-ancestors", *(frame_ancestors or ("'none'",))))
        self._always = _ALWAYS if frame_ancestors else {**_ALWAYS, "x-frame-options": "DENY"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers.setdefault(name, value)
                is_page = headers.get("content-type", "").startswith("text/html")
                policy = headers.get(_POLICY, self._policy if is_page else _NOT_A_PAGE)
                headers[_POLICY] = f"{policy}; {self._ancestors}"
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
