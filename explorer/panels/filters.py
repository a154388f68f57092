"""The filter on the left, which is the legend too, and how dots are painted.

Facets are drawn in the browser: ``assets/page/filter_panel.mjs``.
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

RAMP_ENDS: Final = (
    ("score", "label fits", "suspect"),
    ("trust", "place can be trusted", "neighbors lie elsewhere"),
)
"""Values that dots are coloured by along a ramp, with the meaning of its lower and upper end."""


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    HOST = "filter-host"
    COLOR_BY = "filter-color-by"
    RAMP = "filter-ramp"
    RAMP_NOTE = "filter-ramp-note"
    DOT_SIZE = "filter-dot-size"


def layout(settings: ExplorerSettings) -> html.Aside:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is known."""
    color_by = dmc.SegmentedControl(
        id=Ids.COLOR_BY,
        data=[
            {"value": "class", "label": "Class"},
            {"value": "score", "label": "Suspect score"},
            {"value": "trust", "label": "Trust"},
        ],
        value="class",
        size="xs",
        fullWidth=True,
        **{"aria-label": "Colour by"},
    )
    ramp = html.Div(
        [
            html.Div(className="ramp-bar"),
            *(_ramp_ends(*ends) for ends in RAMP_ENDS),
            html.Div(id=Ids.RAMP_NOTE, className="dim"),
        ],
        id=Ids.RAMP,
        className="ramp",
        hidden=True,
    )
    dot_size = dmc.Slider(
        id=Ids.DOT_SIZE, min=1, max=12, step=0.5, value=6, size="xs", label=None, thumbLabel="Dot size"
    )
    look = [html.H2("Colour by", className="section"), color_by, ramp, html.Span("Dot size", className="dim"), dot_size]
    return html.Aside(
        [html.Div(id=Ids.HOST, className="filter-host"), html.Div(look, className="filter-look")],
        className="panel filter-panel",
        **{"aria-label": "Filter"},
    )


def _ramp_ends(column: str, lower: str, upper: str) -> html.Div:
    ends = [html.Span(lower), html.Span(upper)]
    return html.Div(ends, className="ramp-ends", hidden=True, **{"data-ramp-of": column})


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks. What is filtered is known in the browser: ``assets/page/filter_store.mjs``."""
    app.callback(Output(Ids.DOT_SIZE, "value"), Input(state.PROJECTION, "data"))(fit_dots)
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "colorBy"), Input(Ids.COLOR_BY, "value"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "setDotSize"), Input(Ids.DOT_SIZE, "value"))


async def fit_dots(projection: OpenProjection | None) -> float:
    """A dot size for the number of points of the map."""
    return dot_size_px(0 if projection is None else projection["n_points"])
