"""Api and explorer as one server, or the api alone."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI

from api.app import create_app as create_api
from api.dependencies import Services
from api.errors import add_error_handlers
from api.middleware.authentication import Door, OnBehalf
from api.middleware.compression import Compression
from api.middleware.ended_sessions import EndedSessions
from api.middleware.platform_session import PlatformSession, Session
from api.routes import login
from api.settings import ApiSettings, ServerIdentity
from indexer.workspace import Workspace
from lookalike.client.server_file import API_PREFIX
from lookalike.guards import Surroundings, add_guards, add_outermost, user_name

SCRIPT_FOLDERS = ("/assets/", "/_dash-component-suites/")
"""Where the page's scripts and styles are."""


def create_server(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    identity: ServerIdentity | None = None,
    surroundings: Surroundings | None = None,
    session: Session | None = None,
    open_paths: Sequence[str] = (),
) -> FastAPI:
    """Api and explorer as one server: the api under ``/api/v1``, the page at ``/``.

    Args:
        workspace: What it serves.
        host: The address that it will listen on; requests for other hosts are refused.
        identity: Who this server is and who may do what; by default one that nobody else knows.
        surroundings: What lies between it and those who ask; by default nothing.
        session: How a platform serves it, if it is an app there; its visitors are those that the platform lets in.
        open_paths: Paths of an app that anybody may ask.
    """
    around = surroundings or Surroundings()
    settings = ApiSettings(roots=around.roots, has_workers=around.has_workers)
    identity = identity or ServerIdentity.make()
    workspace.graphs.search_elsewhere()  # so that this process answers meanwhile
    api = create_api(settings, workspace, identity)
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ended = EndedSessions(workspace.data_dir / "sessions" / "ended.json")
    server.state.api, server.state.door, server.state.root_path = api, Door(identity, ended), around.root_path
    server.mount(API_PREFIX, api)
    add_error_handlers(server)
    hashes = _add_page(server, around.root_path if session is None else session.prefix) if around.has_page else ()
    services: Services = api.state.services
    add_guards(
        server,
        server.state.door,
        services.metrics,
        max_body_bytes=settings.max_body_bytes,
        host=None if session else host,
        around=around,
    )
    ancestors = tuple(around.frame_ancestors)
    if session is not None:  # outside of what Dash adds, which must not see the prefix
        server.add_middleware(PlatformSession, session=session, identity=identity, open_paths=tuple(open_paths))
        ancestors = (*ancestors, "'self'", session.host)
    add_outermost(server, hashes, ancestors, around)
    return server


def _add_page(server: FastAPI, prefix: str) -> Sequence[str]:
    """Put the page on a server, and give the hashes of its inline scripts."""
    from explorer.app import client_of
    from explorer.app import create_app as create_explorer
    from explorer.settings import ExplorerSettings

    settings = ExplorerSettings(reviewer=user_name(), prefix=prefix)
    server.include_router(login.router)
    server.add_middleware(Compression, folders=SCRIPT_FOLDERS)
    client = client_of(OnBehalf(server.state.api), settings, is_local=True)
    hashes: Sequence[str] = create_explorer(server, client, settings).csp_hashes()
    return hashes
