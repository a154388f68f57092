"""The map: tools, caption, and what lights up in it. Drawing happens in the browser: ``assets/map``."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from explorer import state
from explorer.figures import class_label, color_of_class
from explorer.panels.binding import bind
from explorer.settings import ExplorerSettings
from explorer.state import (
    MapSpec,
    OpenCollection,
    OpenProjection,
    Relabels,
    ReviewsSeen,
)
from explorer.urls import columns_url, map_url, row_url
from lookalike.class_colors import CLASS_COLORS, OTHER_COLOR
from lookalike.client.asynchronous.client import AsyncClient

DRAG_TOOLS = (
    ("pan", "icon-hand", "Drag the map (p)"),
    ("lasso", "icon-lasso", "Draw around points (l, or drag with Shift; Shift adds, Alt takes away)"),
    ("box", "icon-box", "Draw a box around points (b; Shift adds, Alt takes away)"),
)
MODES = (
    ("replace", "Replace", "What is drawn around replaces the selection"),
    ("add", "Add", "What is drawn around joins the selection (or hold Shift)"),
    ("subtract", "Remove", "What is drawn around leaves the selection (or hold Alt)"),
)
"""For hands without Shift and Alt."""
TOOLS = (
    ("zoom-in", "icon-plus", "Zoom in (+)"),
    ("zoom-out", "icon-minus", "Zoom out (-)"),
    ("fit", "icon-fit", "Show everything (0)"),
    ("clear", "icon-clear", "Clear the selection (Esc)"),
    ("png", "icon-download", "Save the map as PNG"),
)


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    HOST = "map-host"
    CAPTION = "map-caption"
    STATUS = "map-status"
    HOVER = "map-hover"
    CHIPS = "filter-chips"
    LIVE = "map-live"
    LOST = "map-lost"
    SECOND = "map-second"


def layout(settings: ExplorerSettings) -> html.Main:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is known."""
    drags = [_tool(*tool, **{"aria-pressed": str(tool[0] == "pan").lower()}) for tool in DRAG_TOOLS]
    names = html.Button(
        html.Span(className="icon icon-names"),
        title="Class names on the map",
        **{"data-map-tool": "names", "aria-label": "Class names", "aria-pressed": "true"},
    )
    tools = [*drags, *(_tool(*tool) for tool in TOOLS), names]
    return html.Main(
        [
            html.Div(id=Ids.HOST, className="map-host"),
            html.Div(
                [
                    html.Div(tools, className="map-tools", role="toolbar", **{"aria-label": "Map tools"}),
                    _modes(),
                    html.Div(id=Ids.CHIPS, className="filter-chips"),
                ],
                className="map-top",
            ),
            html.Div(id=Ids.CAPTION, className="map-caption"),
            html.Div("Loading the page …", id=Ids.STATUS, className="map-status", role="status"),
            html.Div(
                [html.Span("No point is in view."), html.Button("Show everything", **{"data-map-tool": "fit"})],
                id=Ids.LOST,
                className="map-lost",
                hidden=True,
            ),
            _second_map(),
            html.Div(id=Ids.HOVER, className="hover-card", hidden=True),
            html.Div(id=Ids.LIVE, className="visually-hidden", **{"aria-live": "polite"}),
        ],
        className="map-panel",
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks."""
    app.callback(
        Output(state.MAP, "data"),
        Output(Ids.CAPTION, "children"),
        Input(state.PROJECTION, "data"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(describe_map)
    app.callback(
        Output(state.RELABELS, "data"),
        Input(state.REVIEWS, "data"),
        Input(state.PROJECTION, "data"),
    )(bind(place_relabels, client))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "showMap"), Input(state.MAP, "data"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "relabel"), Input(state.RELABELS, "data"))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "markSelected"), Input(state.SELECTED, "data"))
    app.clientside_callback(
        ClientsideFunction(state.SCRIPTS, "updateLink"),
        Input(state.COLLECTION, "data"),
        Input(state.PROJECTION, "data"),
        Input(state.SELECTED, "data"),
        Input(state.VIEW, "data"),
    )


async def describe_map(
    projection: OpenProjection | None, collection: OpenCollection | None
) -> tuple[MapSpec | None, list[html.Span]]:
    """Return what the renderer needs to load the map, and a line that says what is seen."""
    if projection is None or collection is None:
        return None, []
    place = projection["collection"], projection["id"]
    names = [entry["name"] for entry in projection["classes"]]
    spec: MapSpec = {
        "collection": projection["collection"],
        "id": projection["id"],
        "url": map_url(*place, projection["version"]),
        "columnsUrl": columns_url(*place),
        "hasScores": projection["has_scores"],
        "rowUrl": row_url(*place),
        "classNames": [class_label(name) for name in names],
        "colors": [color_of_class(collection, name) for name in names],
        "palette": list(CLASS_COLORS),
        "otherColor": OTHER_COLOR,
    }
    return spec, _caption(projection)


async def place_relabels(client: AsyncClient, reviews: ReviewsSeen | None, projection: OpenProjection | None) -> Any:
    """The rows whose class people changed, so that the map shows what they said before the source does."""
    if reviews is None or projection is None or reviews["collection"] != projection["collection"]:
        return no_update
    accepted = await client.reviews(projection["collection"], "accept")
    numbers = {entry["name"]: number for number, entry in enumerate(projection["classes"])}
    known = {review.point_id: numbers[review.class_name] async for review in accepted if review.class_name in numbers}
    places = await client.get_rows_of_points(projection["id"], list(known), projection["collection"]) if known else []
    relabels: Relabels = {
        "projection": projection["id"],
        "rows": [place.row for place in places],
        "classes": [known[place.id] for place in places],
    }
    return relabels


def _second_map() -> html.Section:
    """The place of a second map of the same points; ``assets/page/second_map`` fills it."""
    return html.Section(
        [
            html.Div(className="map-host"),
            html.Div(className="second-map-head"),
            html.Div(className="hover-card", hidden=True),
        ],
        id=Ids.SECOND,
        className="second-map",
        hidden=True,
        **{"aria-label": "Second map"},
    )


def _modes() -> html.Div:
    """Seen while a drag draws."""
    buttons = [
        html.Button(word, title=title, **{"data-map-tool": name, "aria-pressed": str(name == "replace").lower()})
        for name, word, title in MODES
    ]
    label = {"aria-label": "What becomes of the selection"}
    return html.Div(buttons, className="map-modes choices", role="group", hidden=True, **label)


def _tool(name: str, icon: str, title: str, **properties: str) -> html.Button:
    labels = {"data-map-tool": name, "aria-label": title}
    return html.Button(html.Span(className=f"icon {icon}"), title=title, **labels, **properties)


def _caption(projection: OpenProjection) -> list[html.Span]:
    parts = [html.Span(f"{projection['method'].upper()} · {projection['metric']}")]
    if projection["note"]:
        parts.append(html.Span(projection["note"], className="warning"))
    return parts
