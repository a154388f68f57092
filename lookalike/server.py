"""Api and explorer as one server."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from fastapi import FastAPI

from api.app import create_app as create_api
from api.middleware.allowed_hosts import AllowedHosts
from api.middleware.body_limit import BodyLimit
from api.middleware.same_origin import SameOrigin
from api.settings import ApiSettings
from explorer.api_client import API_PREFIX
from explorer.app import client_of
from explorer.app import create_app as create_explorer
from explorer.settings import ExplorerSettings
from indexer.workspace import Workspace


def create_server(workspace: Workspace, *, host: str = "127.0.0.1", allow_hosts: Sequence[str] = ()) -> FastAPI:
    """Api and explorer as one server: the api under ``/api/v1``, the page at ``/``.

    Args:
        workspace: What it serves.
        host: The address that it will listen on; requests for other hosts are refused.
        allow_hosts: Further names by which it may be asked.
    """
    api_settings = ApiSettings()
    api = create_api(api_settings, workspace)
    settings = ExplorerSettings(reviewer=_user_name())
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.add_middleware(BodyLimit, max_bytes=api_settings.max_body_bytes)
    server.add_middleware(SameOrigin)  # the page's callbacks record verdicts too
    server.add_middleware(AllowedHosts, listening=host, names=allow_hosts)
    server.mount(API_PREFIX, api)
    server.state.api = api
    create_explorer(server, client_of(api, settings), settings)
    return server


def _user_name() -> str:
    """The user of this computer, as a first guess at who gives verdicts."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "me"
