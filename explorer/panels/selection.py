"""Points that were drawn around in the map. They may be a million: ``assets/page/selection.mjs`` fills the panel."""

from __future__ import annotations

from typing import Final

from dash import Dash, html

from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient

_JUDGE_HINT: Final = "Shows the selection as cards, to be judged one by one or all at once"
_ADVICE: Final = [
    html.Strong("Nothing is selected"),
    html.P(
        [
            html.Span(
                "Draw around points with Shift; a further drag or click adds with Shift and takes away with Alt.",
                className="by-mouse",
            ),
            html.Span(
                "Draw around points with the lasso, a tool above the map; Add and Remove change what is selected.",
                className="by-finger",
            ),
        ]
    ),
    html.P("A cluster or a group of duplicates can be selected too."),
]


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    PANEL = "selection"


def layout(settings: ExplorerSettings) -> html.Div:  # noqa: ARG001 (one form for all panels)
    """The panel, hidden until something is selected, and what stands in its place."""
    head = html.Div(
        [
            html.H2(className="section selection-count"),
            html.Div(className="selection-classes"),
            html.Div(
                [
                    html.Button(
                        "Judge", className="act selection-cards", title=_JUDGE_HINT, **{"aria-pressed": "false"}
                    ),
                    html.Span(className="selection-tools"),
                    html.Span(className="platform-host"),
                    html.Button("Save as CSV", className="act", **{"data-map-tool": "csv"}),
                    html.Button("Clear", className="quiet", **{"data-map-tool": "clear"}),
                ],
                className="selection-acts",
            ),
        ],
        className="row list-head",
    )
    gallery = html.Div(className="gallery", tabIndex=0, role="group", **{"aria-label": "Selected points"})
    panel = html.Section(
        [head, gallery, html.Div(className="dock-view")],
        id=Ids.PANEL,
        className="selection",
        hidden=True,
        **{"aria-label": "Selected points"},
    )
    return html.Div([panel, html.Div(_ADVICE, className="dock-absent")], className="worklist")


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Nothing to connect: the panel lives in the browser."""
