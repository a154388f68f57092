"""The filter on the left, which is the legend too, and how dots are painted.

The browser draws facets (``assets/page/filter_panel.mjs``) and colours (``assets/page/coloring``).
"""

from __future__ import annotations

from typing import Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, html

from explorer import state
from explorer.figures import dot_size_px
from explorer.settings import ExplorerSettings
from explorer.state import OpenProjection
from lookalike.client.asynchronous.client import AsyncClient

CONTOURS_FROM: Final = 20_000
"""Points from which on lines of equal density are shown at first: dots alone no longer tell crowds apart."""


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    HOST = "filter-host"
    COLOR_LEGEND = "filter-color-legend"
    CONTOURS = "filter-contours"
    FADING = "filter-fading"
    DOT_SIZE = "filter-dot-size"


def layout(settings: ExplorerSettings) -> html.Aside:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is known."""
    dot_size = dmc.Slider(
        id=Ids.DOT_SIZE, min=1, max=12, step=0.5, value=6, size="xs", label=None, thumbLabel="Dot size"
    )
    shading = [
        dmc.Checkbox(id=Ids.CONTOURS, label="Density contours", checked=False, size="xs"),
        dmc.Checkbox(id=Ids.FADING, label="Fainter where crowded", checked=True, size="xs"),
    ]
    look = [
        html.H2("Colour by", className="section"),
        html.Div(id=Ids.COLOR_LEGEND, className="color-legend"),
        html.Span("Dot size", className="dim"),
        dot_size,
        *shading,
    ]
    return html.Aside(
        [html.Div(id=Ids.HOST, className="filter-host"), html.Div(look, className="filter-look")],
        className="panel filter-panel",
        **{"aria-label": "Filter"},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks. What is filtered is known in the browser: ``assets/page/filter_store.mjs``."""
    app.callback(
        Output(Ids.DOT_SIZE, "value"),
        Output(Ids.CONTOURS, "checked"),
        Input(state.PROJECTION, "data"),
        prevent_initial_call=True,
    )(fit_dots)
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "setDotSize"), Input(Ids.DOT_SIZE, "value"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "showContours"), Input(Ids.CONTOURS, "checked"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "fadeCrowds"), Input(Ids.FADING, "checked"))


async def fit_dots(projection: OpenProjection | None) -> tuple[float, bool]:
    """A dot size for the number of points of the map, and whether contours are of use."""
    n_points = 0 if projection is None else projection["n_points"]
    return dot_size_px(n_points), n_points >= CONTOURS_FROM
