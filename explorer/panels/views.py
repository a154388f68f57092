"""Views of the points that the filter leaves: map, gallery, table. ``assets/page/views`` draws all but the map."""

from __future__ import annotations

from dash import Dash, html

from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    BAR = "views-bar"
    HOST = "views-host"


def layout(settings: ExplorerSettings) -> html.Div:  # noqa: ARG001 (one form for all panels)
    """The switch above the map, and the place of a gallery or table."""
    return html.Div(
        [
            html.Div(id=Ids.BAR, className="views-bar"),
            html.Section(id=Ids.HOST, className="views-host", hidden=True, **{"aria-label": "Points"}),
        ],
        style={"display": "contents"},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Nothing to connect: the views live in the browser."""
