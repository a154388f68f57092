"""The explorer's composition root: panels, layout and scripts become one Dash app on a FastAPI server."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import httpx
from dash import Dash, html, set_props
from fastapi import FastAPI
from starlette.types import ASGIApp

from explorer import state
from explorer.layout import build_layout
from explorer.panels import PANELS
from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.errors import LookalikeError

logger = logging.getLogger(__name__)

_INDEX: Final = """<!DOCTYPE html>
<html lang="en">
    <head><base href="BASE">{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
    <body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""
"""The page's frame as Dash fills it; unlike Dash's own it says its language, which screen readers need to know.

What the page asks for is named from ``BASE`` on, so that it goes through the proxy that the page came through.
"""


def create_app(server: FastAPI, client: AsyncClient, settings: ExplorerSettings) -> Dash:
    """Put the page on a server.

    Args:
        server: Serves the page; the api is mounted on it at ``API_PREFIX``, before or after.
        client: How callbacks reach the api.
        settings: How much the page shows.
    """
    app = Dash(
        __name__,
        server=server,
        title="Lookalike",
        update_title=None,
        assets_folder=str(Path(__file__).parent / "assets"),
        # A module is imported by bridge.js; a script tag as well would run it twice. It is served all the same.
        assets_ignore=r".*\.mjs$",
        serve_locally=True,
        index_string=_INDEX.replace("BASE", f"{settings.prefix}/"),
        routes_pathname_prefix="/",
        requests_pathname_prefix=f"{settings.prefix}/",
        meta_tags=[{"name": "referrer", "content": "same-origin"}],
        on_error=report_error,
    )
    app.layout = build_layout(settings)
    for panel in PANELS:
        panel.register(app, client, settings)
    return app


def client_of(api: ASGIApp, settings: ExplorerSettings, *, is_local: bool) -> AsyncClient:
    """The client of an api in this process.

    Args:
        api: The api, or what asks it.
        settings: How long answers may take.
        is_local: Whether paths mean the same there as here.
    """
    transport = httpx.ASGITransport(app=api, raise_app_exceptions=False)
    http = httpx.AsyncClient(base_url="http://api.in.this.process", transport=transport, timeout=settings.timeout_s)
    return AsyncClient(http, is_local=is_local, streams=False)


def report_error(error: Exception) -> None:
    """Log what went wrong in a callback and say it on the page; without this Dash would do neither."""
    if isinstance(error, LookalikeError):
        logger.warning("%s", error)
        text = str(error)
    else:
        logger.error("a callback of the explorer failed", exc_info=error)
        text = "something went wrong in the explorer; the server's log says what"
    set_props(state.NOTICE, {"children": html.Div(text[:1].upper() + text[1:], className="notice-text")})
