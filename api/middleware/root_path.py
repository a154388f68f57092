"""A server below a path of another one: a proxy passes requests on, with that path or without it."""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class RootPath:
    """ASGI middleware that takes the path off, and tells it to the api, whose documentation names it.

    Args:
        app: Serves the page at ``/`` and the api below ``api_prefix``.
        root_path: The path, such as ``/tools/lookalike``.
        api_prefix: Where the api is.
    """

    def __init__(self, app: ASGIApp, root_path: str, api_prefix: str) -> None:
        self._app, self._root, self._api_prefix = app, root_path, api_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the path alone leads to the page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        if path == self._root:
            query = scope.get("query_string", b"").decode("latin-1")
            await RedirectResponse(f"{self._root}/{'?' if query else ''}{query}", 307)(scope, receive, send)
            return
        below = path[len(self._root) :] if path.startswith(f"{self._root}/") else path
        if below.startswith(f"{self._api_prefix}/"):  # it names itself in addresses
            scope["path"], scope["root_path"] = self._root + below, self._root
        else:  # Dash knows the path by itself, and does not want to see it here
            scope["path"] = below
        await self._app(scope, receive, send)
