"""The selected point: its object in its image, and its payload."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from explorer import state
from explorer.figures import breakable, class_label, color_of_class, payload_rows, value_text
from explorer.panels.binding import bind
from explorer.panels.verdicts import Judged, verdict_buttons
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection, ReviewsSeen, Selected
from explorer.urls import crop_url, image_url
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.wire.points import PointModel

CROP_SIZE_PX = 128
IMAGE_SIZE_PX = 720
"""Twice the panel's width, for screens with two device pixels per CSS pixel."""


class Ids:
    """Ids of the components of this panel."""

    EMPTY = "point-empty"
    OVERVIEW = "point-overview"
    CONTENT = "point-content"
    TITLE = "point-title"
    ANNOTATION = "point-annotation"
    IMAGE = "point-image"
    VERDICT = "point-verdict"
    OTHER_CLASS = "point-other-class"
    PAYLOAD = "point-payload"
    PLATFORM = "point-platform"


def layout(settings: ExplorerSettings) -> html.Section:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is selected."""
    annotation = dmc.SegmentedControl(
        id=Ids.ANNOTATION,
        data=[{"value": value, "label": value.capitalize()} for value in ("object", "all", "none")],
        value="object",
        size="xs",
        **{"aria-label": "Annotations drawn"},
    )
    other_class = dmc.Select(
        id=Ids.OTHER_CLASS,
        placeholder="Other class (c)",
        data=[],
        size="xs",
        searchable=True,
        selectFirstOptionOnChange=True,
        **{"aria-label": "Accept another class"},
    )
    hint = html.P("Drag a box, or use arrow keys and Enter, to find what looks like it", className="image-hint")
    content = html.Div(
        [
            html.Div(
                [
                    html.Div(id=Ids.TITLE, className="point-title"),
                    html.Div(id=Ids.VERDICT, className="point-verdict"),
                    other_class,
                ],
                className="judging",
            ),
            html.Div(id=Ids.PLATFORM),
            html.Div(
                [html.Img(id=Ids.IMAGE, alt="", className="point-image", tabIndex=0), annotation, hint],
                className="point-frame",
            ),
            html.Div(id=Ids.PAYLOAD),
        ],
        id=Ids.CONTENT,
        hidden=True,
    )
    empty = html.Div(
        [
            html.Div(id=Ids.OVERVIEW),
            html.P("Click a point to see it in its image, with its neighbors."),
            html.P([*(html.Kbd("?"), " lists all keys, "), *(html.Kbd("/"), " searches.")], className="dim"),
        ],
        id=Ids.EMPTY,
        className="point-empty",
    )
    return html.Section([empty, content], className="point", **{"aria-label": "Selected point"})


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks."""
    app.callback(
        Output(Ids.TITLE, "children"),
        Output(Ids.PAYLOAD, "children"),
        Output(Ids.CONTENT, "hidden"),
        Output(Ids.EMPTY, "hidden"),
        Input(state.SELECTED, "data"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(show_point, client))
    app.callback(
        Output(Ids.VERDICT, "children"),
        Input(state.SELECTED, "data"),
        Input(state.REVIEWS, "data"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(show_verdict, client))
    app.callback(
        Output(Ids.IMAGE, "src"),
        Output(Ids.IMAGE, "alt"),
        Input(state.SELECTED, "data"),
        Input(Ids.ANNOTATION, "value"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(show_image)
    app.callback(Output(Ids.OTHER_CLASS, "data"), Input(state.COLLECTION, "data"), prevent_initial_call=True)(
        offer_other_classes
    )
    app.clientside_callback(
        ClientsideFunction(state.SCRIPTS, "acceptAs"),
        Output(Ids.OTHER_CLASS, "value"),
        Input(Ids.OTHER_CLASS, "value"),
        State(state.SELECTED, "data"),
        prevent_initial_call=True,
    )


async def show_point(
    client: AsyncClient, selected: Selected | None, collection: OpenCollection | None
) -> tuple[Any, Any, bool, bool]:
    """Title and payload of the selected point, and which of the panel's two faces is hidden."""
    if selected is None or collection is None or selected["id"] is None:
        return no_update, no_update, True, False
    point = await client.get_point(selected["id"], collection["name"])
    return _title(point, collection), _payload(point), False, True


async def show_verdict(
    client: AsyncClient, selected: Selected | None, _reviews: ReviewsSeen | None, collection: OpenCollection | None
) -> Any:
    """The verdict that stands and can be taken back, or the buttons that give one, with what speaks for it."""
    if selected is None or collection is None or selected["id"] is None:
        return no_update
    point = await client.get_point(selected["id"], collection["name"])
    review = point.payload.get("review")
    if review:
        return _standing(point, review, collection)
    found = await client.list_suspects(collection["name"], limit=1, ids=[point.id])
    suspect = next(iter(found.suspects), None)
    suggested = None if suspect is None else suspect.suggested_class
    group = () if suspect is None else suspect.group
    judged = Judged(collection["name"], point.id, point.class_name, group)
    buttons = html.Div(verdict_buttons(judged, suggested), className="verdict-buttons")
    if suspect is None:
        return [buttons]
    claim = html.Div(_claim("looks like", suspect.suggested_class, collection), className="claim")
    reason = html.Div(suspect.reason, className="point-reason")
    return [html.Div([claim, reason], className="point-claim"), buttons]


async def offer_other_classes(collection: OpenCollection | None) -> list[str]:
    """The classes that a person may say instead."""
    return collection["classes"] if collection else []


async def show_image(selected: Selected | None, annotation: str, collection: OpenCollection | None) -> tuple[Any, Any]:
    """Where the browser finds the selected point's image with that annotation drawn into it."""
    if selected is None or collection is None or selected["id"] is None:
        return no_update, no_update
    drawn = {"object": "the object outlined", "all": "every object outlined", "none": "nothing outlined"}[annotation]
    url = image_url(collection["name"], selected["id"], annotation=annotation, size_px=IMAGE_SIZE_PX)
    return url, f"The selected point's image with {drawn}"


def _title(point: PointModel, collection: OpenCollection) -> list[Any]:
    color = color_of_class(collection, point.class_name)
    names = [
        html.Span("given", className="dim"),
        html.Span(className="swatch", style={"--swatch": color}),
        html.Span(breakable(class_label(point.class_name)), className="point-class"),
    ]
    crop = html.Img(src=crop_url(collection["name"], point.id, CROP_SIZE_PX), alt="")
    return [crop, html.Div(names, className="claim point-names")]


def _standing(point: PointModel, review: dict[str, Any], collection: OpenCollection) -> list[Any]:
    done = {"accept": "accepted", "dismiss": "dismissed", "skip": "skipped"}[review["verdict"]]
    accepted = _claim("as", review["class_name"], collection) if review["verdict"] == "accept" else []
    by = html.Span(f"by {review['who']}", className="dim", title=value_text("reviewed_at", review["at"]))
    judged = Judged(collection["name"], point.id, point.class_name)
    undo = html.Button("Undo", className="quiet", **judged.to_data(), **{"data-undo": review["id"]})
    return [
        html.Div(html.Div([html.Span(done), *accepted, by, undo], className="claim is-done"), className="point-claim")
    ]


def _claim(words: str, class_name: str, collection: OpenCollection) -> list[html.Span]:
    swatch = html.Span(className="swatch", style={"--swatch": color_of_class(collection, class_name)})
    return [html.Span(words, className="dim"), swatch, html.Strong(breakable(class_label(class_name)))]


def _payload(point: PointModel) -> list[Any]:
    plain, technical = payload_rows(point.payload)
    details = html.Details([html.Summary("All fields"), _table([*technical, ("Point id", point.id)])])
    return [_table(plain), details]


def _table(rows: list[tuple[str, str]]) -> html.Table:
    lines = [html.Tr([html.Th(name, scope="row"), html.Td(value, title=value)]) for name, value in rows]
    return html.Table(html.Tbody(lines), className="payload")
