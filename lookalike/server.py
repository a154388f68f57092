"""Api and explorer as one server."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Sequence

import uvicorn
from fastapi import FastAPI

from api.app import create_app as create_api
from api.middleware.allowed_hosts import AllowedHosts
from api.middleware.authentication import PageCookie
from api.middleware.body_limit import BodyLimit
from api.middleware.platform_session import PlatformSession, Session
from api.middleware.same_origin import SameOrigin
from api.settings import ApiSettings, ServerIdentity
from explorer.app import client_of
from explorer.app import create_app as create_explorer
from explorer.settings import ExplorerSettings
from indexer.workspace import Workspace
from lookalike.client.server_file import API_PREFIX
from lookalike.stopping import hand_hangup_to


def create_server(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    allow_hosts: Sequence[str] = (),
    identity: ServerIdentity | None = None,
    session: Session | None = None,
    open_paths: Sequence[str] = (),
) -> FastAPI:
    """Api and explorer as one server: the api under ``/api/v1``, the page at ``/``.

    Args:
        workspace: What it serves.
        host: The address that it will listen on; requests for other hosts are refused.
        allow_hosts: Further names by which it may be asked.
        identity: Who this server is and what gives local power; by default one that nobody else knows.
        session: How a platform serves it, if it is an app there; its visitors are those that the platform lets in.
        open_paths: Paths of an app that anybody may ask.
    """
    api_settings = ApiSettings()
    identity = identity or ServerIdentity.make()
    workspace.graphs.search_elsewhere()  # so that this process answers meanwhile
    api = create_api(api_settings, workspace, identity)
    settings = ExplorerSettings(reviewer=_user_name(), prefix="" if session is None else session.prefix)
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if session is None:  # a platform's proxy may be on this machine, and is nobody in particular
        server.add_middleware(PageCookie, identity=identity)
    server.add_middleware(BodyLimit, max_bytes=api_settings.max_body_bytes)
    server.add_middleware(SameOrigin)  # the page's callbacks record verdicts too
    if session is None:
        server.add_middleware(AllowedHosts, listening=host, names=allow_hosts)
    server.mount(API_PREFIX, api)
    server.state.api = api
    create_explorer(server, client_of(api, settings), settings)
    if session is not None:  # outside of what Dash adds, which must not see the prefix
        server.add_middleware(PlatformSession, session=session, identity=identity, open_paths=tuple(open_paths))
    return server


def run_server(app: FastAPI, host: str, port: int, *, on_start: Callable[[], None]) -> None:
    """Serve until a signal ends it.

    Args:
        app: What is served.
        host: Address to listen on.
        port: Port to listen on.
        on_start: Called as soon as the server answers.
    """
    server = _Server(uvicorn.Config(app, host=host, port=port, log_level="warning"), on_start)
    hand_hangup_to(server.handle_exit)  # uvicorn itself takes SIGINT and SIGTERM
    server.run()


class _Server(uvicorn.Server):
    """Server that tells when it answers."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()


def _user_name() -> str:
    """The user of this computer, as a first guess at who gives verdicts."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "me"
