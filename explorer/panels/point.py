"""The selected point: its object in its image, and its payload."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html

from explorer import state
from explorer.settings import ExplorerSettings
from lookalike.client.asynchronous.client import AsyncClient


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
    other_class = dmc.Select(
        id=Ids.OTHER_CLASS,
        placeholder="Other class (c)",
        data=[],
        size="xs",
        searchable=True,
        selectFirstOptionOnChange=True,
        nothingFoundMessage="No class has that in its name",
        **{"aria-label": "Accept another class"},
    )
    content = html.Div(
        [
            _image_frame(),
            html.Div(
                [
                    html.Div(id=Ids.TITLE, className="point-title"),
                    html.Div(id=Ids.VERDICT, className="point-verdict"),
                    other_class,
                ],
                className="judging",
            ),
            html.Div(id=Ids.PLATFORM),
            _image_hint(),
            html.Div(id=Ids.PAYLOAD),
        ],
        id=Ids.CONTENT,
        hidden=True,
    )
    empty = html.Div(
        [
            html.Div(id=Ids.OVERVIEW),
            html.P("Click a point to see it large, with its neighbors."),
            html.P([*(html.Kbd("?"), " lists all keys, "), *(html.Kbd("/"), " searches.")], className="dim keys-only"),
        ],
        id=Ids.EMPTY,
        className="point-empty",
    )
    return html.Section([empty, content], className="point", **{"aria-label": "Selected point"})


def _image_frame() -> html.Div:
    """The point's image, and below it what is drawn into it and how much of it is shown."""
    annotation = dmc.SegmentedControl(
        id=Ids.ANNOTATION,
        data=[{"value": value, "label": value.capitalize()} for value in ("object", "all", "none")],
        value="object",
        size="xs",
        **{"aria-label": "Annotations drawn"},
    )
    image = html.Img(id=Ids.IMAGE, alt="", className="point-image", tabIndex=0)
    zoom = html.Button(
        ["Whole image", html.Kbd("z", **{"aria-hidden": "true"})],
        className="act image-zoom",
        title="Show the whole image, or the object with a little around it (z)",
        **{"aria-pressed": "false", "aria-keyshortcuts": "z"},
    )
    tools = html.Div([annotation, zoom], className="image-tools")
    return html.Div([html.Div(image, className="image-place"), tools], className="point-frame")


def _image_hint() -> html.P:
    """Words that say what hands and keys do on the image."""
    words = {
        "with-mouse": "On the image, drag a box to find what looks like it, or click an object to open it",
        "with-mouse keys-only": "; the wheel zooms, Shift and a drag move",
        "with-mouse fingers-only": "; two fingers zoom and move the image",
        "with-keys": "On the image, arrow keys draw a box, Enter finds its like, + and - zoom",
    }
    return html.P([html.Span(text, className=name) for name, text in words.items()], className="image-hint")


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's controls; ``assets/page/point`` fills the panel."""
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "annotate"), Input(Ids.ANNOTATION, "value"))
    app.clientside_callback(
        ClientsideFunction(state.SCRIPTS, "acceptAs"),
        Output(Ids.OTHER_CLASS, "value"),
        Input(Ids.OTHER_CLASS, "value"),
        State(state.SELECTED, "data"),
        prevent_initial_call=True,
    )
