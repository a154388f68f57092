"""The dock under the map: worklists as tabs. ``assets/page/dock.mjs`` lays out its tabs and most of their lists."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, html

from explorer import state
from explorer.panels import selection
from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    HOST = "dock-host"
    BAR = "dock-bar"
    SELECTION = "dock-selection"


def layout(settings: ExplorerSettings) -> html.Section:
    """The dock with the list that Python lays out; scripts add the others."""
    return html.Section(
        [
            html.Div(id=Ids.BAR, className="dock-bar"),
            html.Div([selection.layout(settings)], id=Ids.SELECTION, className="dock-panel", hidden=True),
        ],
        id=Ids.HOST,
        className="dock",
        **{"aria-label": "Worklists"},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Connect the dock, and the panel in it."""
    selection.register(app, client, settings)
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "openCollection"), Input(state.COLLECTION, "data"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "reviewsChanged"), Input(state.REVIEWS, "data"))
