"""The legend: the classes of the map with their counts, which of them are shown, and how dots are painted."""

from __future__ import annotations

from typing import Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html

from explorer import state
from explorer.figures import class_label, color_of_class, dot_size_px, natural_key, shared_path
from explorer.settings import ExplorerSettings
from explorer.state import ClassCount, OpenCollection, OpenProjection
from lookalike.client.asynchronous.client import AsyncClient

RAMP_ENDS: Final = (
    ("score", "label fits", "suspect"),
    ("trust", "place can be trusted", "neighbors lie elsewhere"),
)
"""Values that dots are coloured by along a ramp, with the meaning of its lower and upper end."""


class Ids:
    """Ids of the components of this panel."""

    COLOR_BY = "legend-color-by"
    RAMP = "legend-ramp"
    RAMP_NOTE = "legend-ramp-note"
    DOT_SIZE = "legend-dot-size"
    SEARCH = "legend-search"
    TITLE = "legend-title"
    ROWS = "legend-rows"


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
    tools = html.Div(
        [
            html.H2("Classes", id=Ids.TITLE, className="section"),
            html.Span(className="spacer"),
            html.Button("all", className="quiet", title="Show every class", **{"data-legend-all": "1"}),
            html.Button("none", className="quiet", title="Hide every class", **{"data-legend-all": "0"}),
        ],
        className="row",
    )
    search = dmc.TextInput(id=Ids.SEARCH, placeholder="Find a class", size="xs", **{"aria-label": "Find a class"})
    return html.Aside(
        [
            html.H2("Colour by", className="section"),
            color_by,
            ramp,
            html.H2("Dot size", className="section"),
            dot_size,
            tools,
            search,
            html.Div(id=Ids.ROWS, className="legend-rows"),
        ],
        className="panel legend",
        **{"aria-label": "Legend"},
    )


def _ramp_ends(column: str, lower: str, upper: str) -> html.Div:
    ends = [html.Span(lower), html.Span(upper)]
    return html.Div(ends, className="ramp-ends", hidden=True, **{"data-ramp-of": column})


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks. Showing and hiding happens in the browser: ``assets/page/legend.mjs``."""
    app.callback(
        Output(Ids.ROWS, "children"),
        Output(Ids.TITLE, "children"),
        Output(Ids.DOT_SIZE, "value"),
        Input(state.PROJECTION, "data"),
        State(state.COLLECTION, "data"),
    )(show_classes)
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "colorBy"), Input(Ids.COLOR_BY, "value"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "setDotSize"), Input(Ids.DOT_SIZE, "value"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "findClass"), Input(Ids.SEARCH, "value"))


async def show_classes(
    projection: OpenProjection | None, collection: OpenCollection | None
) -> tuple[list[html.Div], str, float]:
    """The rows of the legend in the order of their names, its title, and a dot size for that number of points."""
    if projection is None or collection is None:
        return [], "Classes", dot_size_px(0)
    classes = projection["classes"]
    most = max((entry["count"] for entry in classes), default=1)
    by_name = sorted(enumerate(classes), key=lambda numbered: natural_key(numbered[1]["name"]))
    n_shared = len(shared_path(entry["name"] for entry in classes if entry["name"])) if len(classes) > 1 else 0
    rows = [
        _row(index, entry, color_of_class(collection, entry["name"]), entry["count"] / most, n_shared)
        for index, entry in by_name
    ]
    return rows, f"Classes · {len(classes)}", dot_size_px(projection["n_points"])


def _row(index: int, entry: ClassCount, color: str, share: float, n_shared: int) -> html.Div:
    """One class; the first ``n_shared`` letters are the same in all names and left out."""
    name = class_label(entry["name"])
    toggle = html.Button(
        [
            html.Span(className="swatch"),
            html.Span(name[n_shared:] if entry["name"] else name, className="legend-name"),
            html.Span(f"{entry['count']:,}", className="legend-count"),
        ],
        className="legend-toggle",
        title=f"Show or hide {name}",
        **{"data-class-index": str(index), "aria-pressed": "true"},
    )
    only = html.Button("only", className="quiet legend-only", title=f"Show only {name}", **{"data-only": str(index)})
    style = {"--swatch": color, "--share": f"{100 * share:.1f}%"}
    return html.Div([toggle, only], className="legend-row", style=style, **{"data-class-name": name})
