"""The composition root: a workspace becomes an app that a server mounts at ``/api/v1``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from api.dependencies import Services
from api.documentation import add_documentation
from api.errors import PROBLEM_RESPONSES, add_error_handlers
from api.middleware.authentication import PUBLIC, Authentication, Door
from api.middleware.body_limit import BodyLimit
from api.middleware.one_question import OneQuestion
from api.middleware.same_origin import SameOrigin
from api.settings import STOP_TIMEOUT_S, ApiSettings, ServerIdentity
from indexer.domain import Progress, ignore_progress
from indexer.insights import INSIGHTS
from indexer.workspace import Workspace
from lookalike.parts import is_made
from lookalike.version import read_version
from lookalike.wire.base import complete_requests

ROUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "health": ("health", "ready", "metrics"),
    "catalogue": ("catalogue", "models"),
    "collections": ("collections", "status", "find"),
    "points": ("points",),
    "images": ("images",),
    "neighbors": ("neighbors",),
    "maps": ("projections",),
    "suspects": ("suspects",),
    "facets": ("facets",),
    "gallery": ("gallery",),
    "selections": ("selections",),
    "tags": ("tags",),
    "check": ("check",),
    "reviews": ("reviews",),
    "runs": ("runs",),
    "sources": ("sources",),
    "uploads": ("uploads",),
    "exports": ("exports", "imports"),
    "backups": ("backups", "restores", "moves"),
    "supervisely": ("supervisely",),
    "store": ("store",),
    "insights": (),
}
"""Modules of ``api.routes``, and the words in their paths: the first word, or the one behind a collection.

The words of insights are their names.
"""


def create_app(
    settings: ApiSettings,
    workspace: Workspace,
    identity: ServerIdentity | None = None,
    *,
    on_progress: Progress = ignore_progress,
    is_lazy: bool = False,
) -> FastAPI:
    """Put a workspace on HTTP.

    The workspace stays the caller's: close it after the app. A mounted app is never told that its server stops, so
    call ``stop_runs`` before you close the workspace.

    Args:
        settings: Limits of the api.
        workspace: What it serves.
        identity: Who the server is and what gives local power; by default one that nobody knows.
        on_progress: Told what a long answer does, for an api in the process of the one who asks.
        is_lazy: Import routes when they are first asked for. All of them take a fifth of a CPU second, too much for a
            command that asks one question.
    """
    identity = identity or ServerIdentity.make()
    # FastAPI's own documentation page loads its scripts from another host; this one brings them along.
    app: FastAPI = FastAPIOffline(
        separate_input_output_schemas=False,
        title="Lookalike",
        summary="Find similar objects, suspect labels and clusters in labelled images",
        version=read_version(),
        docs_url=None,  # ours tells browsers which scripts it has
        redoc_url=None,
        servers=[{"url": ".", "description": "where this document is"}],  # also below a path of a proxy
        root_path_in_servers=False,
        responses=PROBLEM_RESPONSES,
        lifespan=_stop_runs_at_the_end,
    )
    app.state.services = Services.build(settings, workspace, identity.server_id, on_progress)
    app.add_middleware(OneQuestion)
    app.add_middleware(Authentication, door=Door(identity), public=PUBLIC)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(SameOrigin)
    add_error_handlers(app)
    add_documentation(app)
    if is_lazy:
        app.add_middleware(RoutesOnDemand)
    else:
        _add_routes(app, *ROUTES)
    return app


class RoutesOnDemand:
    """Imports the routes that a request is for, before it is answered.

    Args:
        inner: The application.
    """

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner
        self._missing = dict(ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and self._missing:
            parts = scope["path"].strip("/").split("/")
            word = parts[2] if parts[0] == "collections" and len(parts) > 2 else parts[0]
            wanted = [name for name, words in ROUTES.items() if word in words]
            wanted += ["insights"] if word in INSIGHTS else []
            _add_routes(scope["app"], *(name for name in wanted or ROUTES if self._missing.pop(name, None) is not None))
        await self._inner(scope, receive, send)


def load_routers(name: str) -> list[APIRouter]:
    """The routers of a module in ``ROUTES``."""
    with suppress(ModuleNotFoundError):  # routes of pictures have no models
        complete_requests(import_module(f"lookalike.wire.{name}"))
    module = import_module(f"api.routes.{name}")
    return [found for found in vars(module).values() if isinstance(found, APIRouter)]


def _add_routes(app: FastAPI, *names: str) -> None:
    """Give an app the routes of modules as they are; ``include_router`` makes each anew, which takes 0.1 s in all."""
    for route in (route for name in names for router in load_routers(name) for route in router.routes):
        if isinstance(route, APIRoute):
            route.responses = {**PROBLEM_RESPONSES, **route.responses}
        app.router.routes.append(route)


def stop_answers(app: FastAPI) -> None:
    """Have long answers and those without an end come to one at their next step."""
    services: Services = app.state.services
    services.is_stopping.set()


def stop_runs(app: FastAPI, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Cancel what an app does in the background, wait for it to stop, and remove files that nobody fetched.

    Args:
        app: The app.
        timeout_s: Longest wait for a step, in seconds.

    Returns:
        Whether it has stopped.
    """
    services: Services = app.state.services
    has_stopped = not is_made(services, "runs") or services.runs.close(timeout_s)
    if is_made(services, "downloads"):
        services.downloads.close()
    return has_stopped


@asynccontextmanager
async def _stop_runs_at_the_end(app: FastAPI) -> AsyncIterator[None]:
    yield
    await run_in_threadpool(stop_runs, app)
