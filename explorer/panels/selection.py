"""Points that were drawn around in the map. They may be a million: ``assets/page/selection.mjs`` fills the panel."""

from __future__ import annotations

from dash import Dash, html

from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    PANEL = "selection"


def layout(settings: ExplorerSettings) -> html.Section:  # noqa: ARG001 (one form for all panels)
    """The panel, hidden until something is selected."""
    head = html.Div(
        [
            html.H2(className="section selection-count"),
            html.Div(className="selection-classes"),
            html.Span(className="spacer"),
            html.Button("Save as CSV", className="quiet", **{"data-map-tool": "csv"}),
            html.Button("Clear", className="quiet", **{"data-map-tool": "clear"}),
        ],
        className="row",
    )
    return html.Section(
        [head, html.Div(className="gallery", tabIndex=0)],
        id=Ids.PANEL,
        className="panel selection",
        hidden=True,
        **{"aria-label": "Selection"},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Nothing to connect: the panel lives in the browser."""
