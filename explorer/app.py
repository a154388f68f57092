"""The explorer's composition root: panels, layout and scripts become one Dash app on a FastAPI server."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
from dash import Dash, html, set_props
from dash._utils import to_json
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from explorer import state
from explorer.bundle import bundle, bundle_styles, version_of
from explorer.faults import DashFaults
from explorer.layout import build_layout
from explorer.opening import read_opening
from explorer.panels import ADDED, PANELS
from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.errors import LookalikeError

logger = logging.getLogger(__name__)

_INDEX: Final = """<!DOCTYPE html>
<html lang="en">
    <head><base href="BASE">{%metas%}<title>{%title%}</title>
    <link rel="icon" href="ICON"><link rel="modulepreload" href="BASEassets/SCRIPT">
    <link rel="preload" as="fetch" crossorigin href="BASE_dash-layout">
    <link rel="preload" as="fetch" crossorigin href="BASE_dash-dependencies">
    {%css%}<link rel="stylesheet" href="BASEassets/STYLES"></head>
    <body><div id="early-map" class="early" inert hidden><div class="map-root"></div></div>
    OPENING
    <script type="module" async src="BASEassets/SCRIPT"></script>
    {%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""
"""The page's frame as Dash fills it; unlike Dash's own it says its language, which screen readers need to know.

What the page asks for is named from ``BASE`` on, so that it goes through the proxy that the page came through. The icon
is in the page, because browsers ask for Dash's anew whenever the address changes.
"""
_ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http:%2F%2Fwww.w3.org%2F2000%2Fsvg' viewBox='0 0 24 24'%3E"
    "%3Ccircle cx='8.6' cy='12' r='6.7' fill='none' stroke='%232f7fd6' stroke-width='2'%2F%3E"
    "%3Ccircle cx='15.8' cy='12' r='5.3' fill='%23e8a317'%2F%3E%3C%2Fsvg%3E"
)
_NEEDLESS: Final = re.compile(r"/dash_table/|/polyfill@")
"""Tables, and what browsers without WebGL2 miss; components that load their code later need the second one, too."""
_SOURCE: Final = re.compile(r'<script src="([^"]+)"')
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
"""After Back browsers take what they have kept, also if it was for another address."""
_OPENING: Final = "OPENING"
"""Where the first answers come in the frame."""
_OPEN: Final = "(layout) => dash_clientside.explorer.open(layout)"
"""Dash calls it with the layout, before it draws."""
_FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}


class ExplorerPage(Dash):  # type: ignore[misc] # Dash has no types
    """Dash without the scripts that this page never runs."""

    def __init__(self, name: str, client: AsyncClient, **options: Any) -> None:
        self._client = client
        super().__init__(name, **options)

    async def serve_page(self, request: Request) -> Response:
        """The page, with the first answers for its address. Its head does not wait for them."""
        head, body = str(self.index()).split(_OPENING)

        async def parts() -> AsyncIterator[str]:
            yield head
            answers = to_json(await read_opening(self._client, request.url.query)).replace("<", r"\u003c")
            yield f'<script type="application/json" id="opening">{answers}</script>{body}'

        return StreamingResponse(parts(), media_type="text/html", headers=_NOT_KEPT)

    def interpolate_index(self, scripts: str = "", css: str = "", **parts: str) -> str:
        """Fill the page's frame; scripts that it never needs go, unless a panel of another package may need them."""
        if not ADDED:
            scripts = "\n".join(line for line in scripts.splitlines() if not _NEEDLESS.search(line))
        css += "".join(f'<link rel="preload" as="script" href="{url}">' for url in _SOURCE.findall(scripts))
        return str(super().interpolate_index(scripts=scripts, css=css, **parts))


def create_app(server: FastAPI, client: AsyncClient, settings: ExplorerSettings) -> Dash:
    """Put the page on a server.

    Args:
        server: Serves the page; the api is mounted on it at ``API_PREFIX``, before or after.
        client: How callbacks reach the api.
        settings: How much the page shows.
    """
    assets = Path(__file__).parent / "assets"
    server.add_middleware(DashFaults)  # before Dash's own, which is around it then
    # Before Dash, which has all other assets.
    script = _serve(server, "page.mjs", bundle(assets), "text/javascript")
    styles = _serve(server, "page.css", bundle_styles(assets), "text/css")
    frame = _INDEX.replace("BASE", f"{settings.prefix}/").replace("ICON", _ICON)
    frame = frame.replace("SCRIPT", script).replace("STYLES", styles)

    async def open_page(request: Request) -> Response:
        return await app.serve_page(request)

    # Before Dash's own page, which has no answers in it.
    server.add_api_route("/", open_page, methods=["GET"], include_in_schema=False)
    app = ExplorerPage(
        __name__,
        client,
        server=server,
        title="Lookalike",
        update_title=None,
        assets_folder=str(assets),
        # Modules and sheets come joined; a tag for each would run them twice. They are served all the same.
        assets_ignore=r".*\.(mjs|css)$",
        serve_locally=True,
        index_string=frame,
        routes_pathname_prefix="/",
        requests_pathname_prefix=f"{settings.prefix}/",
        on_error=report_error,
        hooks={"layout_post": _OPEN},
    )
    app.layout = build_layout(settings)
    for panel in PANELS:
        panel.register(app, client, settings)
    return app


def _serve(server: FastAPI, name: str, text: str, media_type: str) -> str:
    """Serve a part of the page at an address with its version, so that browsers keep it; gives the address."""

    async def answer() -> Response:
        return Response(text, media_type=media_type, headers=_FOR_EVER)

    server.add_api_route(f"/assets/{name}", answer, methods=["GET"], include_in_schema=False)
    return f"{name}?v={version_of(text)}"


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
    set_props(state.TICK, {"disabled": False})  # what failed is asked again
