"""Api and explorer as one server."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.app import PUBLIC
from api.app import create_app as create_api
from api.dependencies import Services
from api.errors import add_error_handlers
from api.middleware.allowed_hosts import AllowedHosts
from api.middleware.authentication import Authentication, Door, OnBehalf, PageCookie
from api.middleware.body_limit import BodyLimit
from api.middleware.observation import Observation
from api.middleware.patience import Crowd, Patience
from api.middleware.platform_session import PlatformSession, Session
from api.middleware.root_path import RootPath
from api.middleware.same_origin import SameOrigin
from api.middleware.security_headers import SecurityHeaders, page_policy
from api.routes import login
from api.settings import ApiSettings, ServerIdentity
from explorer.app import client_of
from explorer.app import create_app as create_explorer
from explorer.settings import ExplorerSettings
from indexer.workspace import Workspace
from lookalike.client.server_file import API_PREFIX
from lookalike.http_protocol import PatientProtocol
from lookalike.log_settings import log_settings
from lookalike.stopping import hand_hangup_to
from lookalike.wire.names import LogFormat

_MAX_CONNECTIONS: Final = 1000
_KEEP_ALIVE_S: Final = 15
_LAST_ANSWERS_S: Final = 10
"""Answers that are on their way when the server stops have so long."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Names, proxies and folders of a server, and limits on those who ask it.

    Attributes:
        allow_hosts: Further names by which it may be asked.
        trust_proxies: Addresses and networks of proxies that say truly who asks.
        root_path: Path below which a proxy serves it, such as ``/tools/lookalike``.
        frame_ancestors: Origins whose pages may show the page in a frame.
        roots: Folders in which clients with admin access may have it read and write; None for all.
        max_requests: How many requests it answers at once.
    """

    allow_hosts: Sequence[str] = ()
    trust_proxies: Sequence[str] = ()
    root_path: str = ""
    frame_ancestors: Sequence[str] = ()
    roots: tuple[Path, ...] | None = None
    max_requests: int = 256


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
    api_settings = ApiSettings(roots=around.roots)
    identity = identity or ServerIdentity.make()
    workspace.graphs.search_elsewhere()  # so that this process answers meanwhile
    api = create_api(api_settings, workspace, identity)
    settings = ExplorerSettings(reviewer=_user_name(), prefix=around.root_path if session is None else session.prefix)
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.state.api, server.state.door, server.state.root_path = api, Door(identity), around.root_path
    server.mount(API_PREFIX, api)
    server.include_router(login.router)
    add_error_handlers(server)
    page = create_explorer(server, client_of(OnBehalf(api), settings), settings)
    _add_guards(server, api_settings, None if session else host, around)
    ancestors = tuple(around.frame_ancestors)
    if session is not None:  # outside of what Dash adds, which must not see the prefix
        server.add_middleware(PlatformSession, session=session, identity=identity, open_paths=tuple(open_paths))
        ancestors = (*ancestors, "'self'", session.host)
    server.add_middleware(SecurityHeaders, policy=page_policy(page.csp_hashes()), frame_ancestors=ancestors)
    if around.trust_proxies:
        server.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(around.trust_proxies))
    return server


def _add_guards(server: FastAPI, settings: ApiSettings, host: str | None, around: Surroundings) -> None:
    """Put what judges requests before the routes; what is added last is asked first.

    Args:
        server: The server.
        settings: Limits.
        host: The address that it listens on; None for a platform's app, whose proxy is nobody in particular.
        around: What lies between the server and those who ask.
    """
    door: Door = server.state.door
    services: Services = server.state.api.state.services
    alive = frozenset(API_PREFIX + path for path in PUBLIC)
    if door.identity.trusts_own_page and host is not None:
        server.add_middleware(PageCookie, identity=door.identity)
    server.add_middleware(Authentication, door=door, public=alive | login.PUBLIC, page="/")
    server.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    server.add_middleware(SameOrigin)  # the page's callbacks record verdicts too
    if host is not None:
        server.add_middleware(AllowedHosts, listening=host, names=around.allow_hosts)
    server.add_middleware(Patience)
    metrics = services.metrics
    server.add_middleware(Crowd, n_in_flight=lambda: metrics.n_in_flight, limit=around.max_requests, exempt=alive)
    if around.root_path:
        server.add_middleware(RootPath, root_path=around.root_path, api_prefix=API_PREFIX)
    server.add_middleware(Observation, metrics=metrics)


def run_server(
    app: FastAPI, host: str, port: int, *, on_start: Callable[[], None], log_format: LogFormat = "text"
) -> None:
    """Serve until a signal ends it; answers that are on their way are sent first.

    Args:
        app: What is served.
        host: Address to listen on.
        port: Port to listen on.
        on_start: Called as soon as the server answers.
        log_format: How it writes what happens to stderr.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PatientProtocol,
        proxy_headers=False,  # only those proxies are believed that the app was told
        server_header=False,
        log_config=log_settings(log_format),
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    server = _Server(config, on_start, app.state.api.state.services)
    hand_hangup_to(server.handle_exit)  # uvicorn itself takes SIGINT and SIGTERM
    server.run()


class _Server(uvicorn.Server):
    """Server that tells when it answers, and tells those who watch runs that it stops."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None], services: Services) -> None:
        super().__init__(config)
        self._on_start, self._services = on_start, services

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._services.is_stopping.set()
        super().handle_exit(sig, frame)


def _user_name() -> str:
    """The user of this computer, as a first guess at who gives verdicts."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "me"
