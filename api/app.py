"""The composition root: a workspace becomes an app that a server mounts at ``/api/v1``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool

from api.dependencies import Services
from api.errors import PROBLEM_RESPONSES, add_error_handlers
from api.middleware.authentication import Authentication
from api.middleware.body_limit import BodyLimit
from api.middleware.same_origin import SameOrigin
from api.routes import (
    catalogue,
    check,
    collections,
    exports,
    groups,
    health,
    images,
    maps,
    neighbors,
    points,
    reviews,
    runs,
    store,
    suspects,
)
from api.settings import ApiSettings, ServerIdentity
from indexer.domain import Progress, ignore_progress
from indexer.workspace import Workspace
from lookalike.version import read_version

_ROUTERS = (
    health.router,
    catalogue.router,
    collections.router,
    points.router,
    images.router,
    neighbors.router,
    maps.router,
    suspects.router,
    groups.router,
    check.router,
    reviews.router,
    reviews.restoring,
    runs.router,
    exports.router,
    store.router,
)


def create_app(
    settings: ApiSettings,
    workspace: Workspace,
    identity: ServerIdentity | None = None,
    *,
    on_progress: Progress = ignore_progress,
) -> FastAPI:
    """Put a workspace on HTTP.

    The workspace stays the caller's: close it after the app. A mounted app is never told that its server stops, so
    call ``stop_runs`` before you close the workspace.

    Args:
        settings: Limits of the api.
        workspace: What it serves.
        identity: Who the server is and what gives local power; by default one that nobody knows.
        on_progress: Told what a long answer does, for an api in the process of the one who asks.
    """
    identity = identity or ServerIdentity.make()
    # FastAPI's own documentation page loads its scripts from another host; this one brings them along.
    app: FastAPI = FastAPIOffline(
        title="Lookalike",
        summary="Find similar objects, suspect labels and clusters in labelled images",
        version=read_version(),
        docs_url="/docs",
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": None},
        responses=PROBLEM_RESPONSES,
        lifespan=_stop_runs_at_the_end,
    )
    app.state.services = Services.build(settings, workspace, identity.server_id, on_progress)
    app.add_middleware(Authentication, identity=identity)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(SameOrigin)
    add_error_handlers(app)
    for router in _ROUTERS:
        _add_routes(app, router)
    return app


def _add_routes(app: FastAPI, router: APIRouter) -> None:
    """Give an app the routes of a router as they are; ``include_router`` makes each anew, which takes 0.1 s in all."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            route.responses = {**PROBLEM_RESPONSES, **route.responses}
        app.router.routes.append(route)


def stop_runs(app: FastAPI) -> None:
    """Cancel what an app does in the background and wait for it to stop."""
    services: Services = app.state.services
    services.runs.close()


@asynccontextmanager
async def _stop_runs_at_the_end(app: FastAPI) -> AsyncIterator[None]:
    yield
    await run_in_threadpool(stop_runs, app)
