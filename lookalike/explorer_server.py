"""The explorer alone, in front of the api of another server. It needs neither torch nor a store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from fastapi import FastAPI

from api.errors import add_error_handlers
from api.middleware.authentication import Door, OnBehalf
from api.middleware.metrics import Metrics
from api.routes import login
from api.settings import ApiSettings, ServerIdentity
from explorer.app import client_of, create_app
from explorer.settings import ExplorerSettings
from lookalike.api_proxy import ApiProxy
from lookalike.client.server_file import API_PREFIX
from lookalike.guards import Surroundings, add_guards, add_outermost, user_name

_LIMITS: Final = ApiSettings()


def create_explorer_server(
    url: str,
    *,
    host: str,
    identity: ServerIdentity,
    surroundings: Surroundings | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The page at ``/`` and, under ``/api/v1``, what another server answers.

    Visitors prove who they are to this server. Its keys are those of the other server, which it is asked with.

    Args:
        url: Address of the other server, without the api's prefix.
        host: The address that this one will listen on.
        identity: Who this server is, and the keys.
        surroundings: What lies between it and those who ask; by default nothing.
        transport: How the other server is reached; injectable for tests.
    """
    around = surroundings or Surroundings()
    proxy = ApiProxy(url, identity.keys, transport)

    @asynccontextmanager
    async def closing_proxy(_: FastAPI) -> AsyncIterator[None]:
        yield
        await proxy.close()

    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=closing_proxy)
    server.state.door, server.state.root_path = Door(identity), around.root_path
    server.mount(API_PREFIX, proxy)
    server.include_router(login.router)
    add_error_handlers(server)
    settings = ExplorerSettings(reviewer=user_name(), prefix=around.root_path)
    page = create_app(server, client_of(OnBehalf(proxy), settings, is_local=False), settings)
    add_guards(server, server.state.door, Metrics(), max_body_bytes=_LIMITS.max_body_bytes, host=host, around=around)
    add_outermost(server, page.csp_hashes(), around.frame_ancestors, around)
    return server
