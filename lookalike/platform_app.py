"""The server as an app of the Supervisely platform: it opens on the project that somebody started it from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.middleware.platform_session import Session
from api.settings import ServerIdentity
from indexer.collection.collections import Collections
from indexer.workspace import Workspace
from lookalike.errors import LookalikeError
from lookalike.server import create_server

SIGNS_OF_LIFE: Final[Mapping[str, tuple[str, ...]]] = {
    "/livez": ("GET",),
    "/readyz": ("GET",),
    "/is_alive": ("GET",),
    "/is_ready": ("GET", "POST"),
    "/is_running": ("POST",),
}
"""Paths that the platform asks, with the methods by which it does."""


def create_platform_app(
    workspace: Workspace, *, session: Session | None, source: str | None, identity: ServerIdentity
) -> FastAPI:
    """Api and explorer as an app of the platform.

    Args:
        workspace: What it serves.
        session: How the platform serves it; None if the platform did not start it.
        source: What it was opened on, such as ``supervisely://11/22``; None for nothing.
        identity: Who this server is.
    """
    server = create_server(
        workspace,
        host="0.0.0.0",  # noqa: S104 - the platform asks from outside
        identity=identity,
        session=session,
        open_paths=tuple(SIGNS_OF_LIFE),
    )
    for place, (path, methods) in enumerate(SIGNS_OF_LIFE.items()):
        server.add_api_route(path, _say_alive, methods=list(methods), include_in_schema=False)
        server.router.routes.insert(place, server.router.routes.pop())  # before the page, which takes every path
    if source is not None:
        prefix = "" if session is None else session.prefix
        server.add_middleware(OpeningPage, collections=workspace.collections, source=source, prefix=prefix)
    return server


async def _say_alive() -> dict[str, str]:
    return {"status": "running"}


class OpeningPage:
    """ASGI middleware that sends who opens the bare page to the project's collection, or to the offer to index it.

    Args:
        app: Serves the page at ``/``.
        collections: The collections to look through.
        source: The project or data set.
        prefix: What paths begin with in browsers.
    """

    def __init__(self, app: ASGIApp, *, collections: Collections, source: str, prefix: str) -> None:
        self._app, self._collections, self._source, self._prefix = app, collections, source, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; only that for the bare page is sent on."""
        path = scope.get("path", "").removeprefix(self._prefix)
        is_bare = scope["type"] == "http" and scope["method"] == "GET" and path in ("", "/")
        if not is_bare or scope.get("query_string"):
            await self._app(scope, receive, send)
            return
        query = await run_in_threadpool(find_opening, self._collections, self._source)
        address = f"{quote(self._prefix)}/?{urlencode(query)}"
        await RedirectResponse(address, 307, {"Cache-Control": "no-store"})(scope, receive, send)


def find_opening(collections: Collections, source: str) -> dict[str, Any]:
    """Query of the page's address when it is opened: the collection of a source, or the source to index.

    Both, if the collection holds the project but not the data set that is meant.
    """
    from indexer.sources.supervisely_address import ProjectAddress, parse_project_address
    from indexer.supervisely.places import holds

    address = parse_project_address(source)
    for name in collections.names():
        try:
            collection = collections.open(name)
            if not holds(collection, ProjectAddress(address.project_id)):
                continue
            return {"collection": name} | ({} if holds(collection, address) else {"index": source})
        except LookalikeError:  # a collection or server that cannot be read is told of on the page
            continue
    return {"index": source}
