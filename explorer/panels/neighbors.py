"""Points similar to the selected one, or to an image that somebody dropped."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from datetime import datetime
from typing import Any, cast

from dash import Dash, Input, Output, State, html, no_update

from explorer import state
from explorer.errors import ExplorerError
from explorer.figures import breakable, class_label, color_of_class, compared_labels
from explorer.panels.binding import bind
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection, Results, SearchedBox, Selected
from explorer.urls import crop_url
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.client.selecting import Where
from lookalike.client.tables import Rows
from lookalike.wire.neighbors import NeighborModel

CROP_SIZE_PX = 128
Conditions = dict[str, Any]
"""Store FILTER."""
_MOMENTS = ("updated_after", "updated_before")


class Ids:
    """Ids of the components of this panel."""

    TITLE = "neighbors-title"
    GRID = "neighbors-grid"


def layout(settings: ExplorerSettings) -> html.Section:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is selected."""
    return html.Section(
        [html.Div(id=Ids.TITLE), html.Div(id=Ids.GRID, className="neighbor-grid")],
        className="neighbors",
        **{"aria-label": "Nearest neighbors"},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Connect the panel's callbacks."""
    search = NeighborSearch(client, settings.n_neighbors)
    app.callback(
        Output(Ids.TITLE, "children"),
        Output(Ids.GRID, "children"),
        Output(state.RESULTS, "data"),
        Input(state.SELECTED, "data"),
        Input(state.FILTER, "data"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(find_similar_points, search))
    app.callback(
        Output(Ids.TITLE, "children", allow_duplicate=True),
        Output(Ids.GRID, "children", allow_duplicate=True),
        Output(state.RESULTS, "data", allow_duplicate=True),
        Output(state.SELECTED, "data", allow_duplicate=True),
        Input(state.UPLOAD, "contents"),
        State(state.UPLOAD, "filename"),
        State(state.COLLECTION, "data"),
        State(state.SELECTED, "data"),
        State(state.FILTER, "data"),
        prevent_initial_call=True,
    )(bind(find_similar_to_upload, search))
    app.callback(
        Output(Ids.TITLE, "children", allow_duplicate=True),
        Output(Ids.GRID, "children", allow_duplicate=True),
        Output(state.RESULTS, "data", allow_duplicate=True),
        Input(state.BOX, "data"),
        State(state.COLLECTION, "data"),
        State(state.SELECTED, "data"),
        State(state.FILTER, "data"),
        prevent_initial_call=True,
    )(bind(find_similar_to_box, search))


class NeighborSearch:
    """The api, and how many neighbors to ask it for."""

    def __init__(self, client: AsyncClient, limit: int) -> None:
        self.client = client
        self.limit = limit


async def find_similar_points(
    search: NeighborSearch, selected: Selected | None, conditions: Conditions | None, collection: OpenCollection | None
) -> tuple[Any, Any, Any]:
    """Title, thumbnails and results for the selected point; nothing for nothing selected."""
    if selected is None or selected["by"] == "upload":
        return no_update, no_update, no_update
    if collection is None or selected["id"] is None:
        nothing: Results = {"of": None, "ids": [], "reveal": False}
        return None, [], nothing
    where = to_where(conditions)
    found = await search.client.find_neighbors(selected["id"], collection["name"], limit=search.limit, **where)
    results: Results = {
        "of": selected["id"],
        "ids": [neighbor.point.id for neighbor in found],
        "reveal": selected["by"] == "list",
    }
    return _title(found, collection), _cards(found, collection) or _explain(found), results


async def find_similar_to_upload(
    search: NeighborSearch,
    contents: str | None,
    file_name: str | None,
    collection: OpenCollection | None,
    selected: Selected | None,
    conditions: Conditions | None,
) -> tuple[Any, Any, Any, Any]:
    """Title, thumbnails and results for an uploaded image, which takes the place of the selected point."""
    if contents is None or collection is None:
        return no_update, no_update, no_update, no_update
    image, name = decode_upload(contents), file_name or "the image"
    found = await search.client.find_neighbors_of_image(
        image, collection["name"], file_name=name, limit=search.limit, **to_where(conditions)
    )
    title = html.Div(
        [html.Img(src=contents, alt=name), html.Div([html.H2("Nearest to", className="section"), html.Span(name)])],
        className="upload-title",
    )
    results: Results = {"of": None, "ids": [neighbor.point.id for neighbor in found], "reveal": True}
    unselected: Selected = {"id": None, "by": "upload", "n": 0 if selected is None else selected.get("n", 0)}
    return title, _cards(found, collection) or _explain(found), results, unselected


async def find_similar_to_box(
    search: NeighborSearch,
    box: SearchedBox | None,
    collection: OpenCollection | None,
    selected: Selected | None,
    conditions: Conditions | None,
) -> tuple[Any, Any, Any]:
    """Title, thumbnails and results for a part of the selected point's image; the point stays selected."""
    if box is None or collection is None or selected is None or selected["id"] != box["id"]:
        return no_update, no_update, no_update
    left, top, right, bottom = box["box"]
    found = await search.client.find_neighbors_of_box(
        box["id"], (left, top, right, bottom), collection["name"], limit=search.limit, **to_where(conditions)
    )
    title = html.Div(
        [
            html.H2("Nearest to the drawn box", className="section"),
            html.Span(f"{right - left} × {bottom - top} px", className="dim"),  # noqa: RUF001 (the sign of times)
            html.Span(className="spacer"),
            html.Button("Back to the point", className="quiet", **{"data-box-search": "clear"}),
        ],
        className="row neighbors-head",
    )
    results: Results = {"of": box["id"], "ids": [neighbor.point.id for neighbor in found], "reveal": False}
    return title, _cards(found, collection) or _explain(found), results


def to_where(conditions: Conditions | None) -> Where:
    """The page's filter as the client takes it: moments are no texts there."""
    moments = {name: datetime.fromisoformat(text) for name, text in (conditions or {}).items() if name in _MOMENTS}
    return cast("Where", {**(conditions or {}), **moments})


def _explain(found: Rows[NeighborModel]) -> html.P:
    why = found.why_empty or "there is no other point"
    return html.P(f"{why[:1].upper()}{why[1:]}.", className="dim")


def decode_upload(contents: str) -> bytes:
    """The bytes of a data URL, as browsers hand over a file.

    Raises:
        ExplorerError: It is no data URL.
    """
    _, comma, encoded = contents.partition(",")
    try:
        image = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ExplorerError("the uploaded file did not arrive whole; choose it again") from error
    if not comma or not image:
        raise ExplorerError("the uploaded file is empty; choose an image")
    return image


def _title(found: list[NeighborModel], collection: OpenCollection) -> html.Div:
    """Say what these are, and what most of them are."""
    title = [html.H2("Nearest neighbors", className="section"), html.Span(className="spacer")]
    most = Counter(neighbor.point.class_name for neighbor in found).most_common(1)
    for name, count in most:
        swatch = html.Span(className="swatch", style={"--swatch": color_of_class(collection, name)})
        label = html.Span(breakable(class_label(name)))
        words = [html.Span(f"{count} of {len(found)} are", className="dim"), swatch, label]
        title.append(html.Span(words, className="claim"))
    return html.Div(title, className="row neighbors-head")


def _cards(found: list[NeighborModel], collection: OpenCollection) -> list[html.Button]:
    """One card per neighbor; only those of another class than most say which."""
    for most, count in Counter(neighbor.point.class_name for neighbor in found).most_common(1):
        return [_card(neighbor, most, collection, agree=2 * count > len(found)) for neighbor in found]
    return []


def _card(neighbor: NeighborModel, most: str | None, collection: OpenCollection, *, agree: bool) -> html.Button:
    """A neighbor; one of another class stands out if most of them agree."""
    point, name = neighbor.point, class_label(neighbor.point.class_name)
    is_other = point.class_name != most
    caption = [
        html.Span(className="swatch", style={"--swatch": color_of_class(collection, point.class_name)}),
        html.Span(f"{neighbor.score:.2f}", className="card-score"),
    ]
    word = compared_labels(most, point.class_name)[1] if is_other else name
    words = html.Span(breakable(word), className="card-class" if is_other else "visually-hidden")
    return html.Button(
        [html.Img(src=crop_url(collection["name"], point.id, CROP_SIZE_PX), alt=""), html.Span(caption), words],
        className="neighbor is-dissenting" if is_other and agree else "neighbor",
        title=f"{name}, similarity {neighbor.score:.4f}, {point.image_name}",
        **{"data-point-id": point.id},
    )
