"""One request is one question: the revision of a collection on a server is asked once for it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from indexer.stores.questions import one_question


class OneQuestion:
    """Has the stores remember what they found out, for one request.

    Args:
        inner: The application.
    """

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        with one_question():
            await self._inner(scope, receive, send)
