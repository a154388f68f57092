"""Suspect labels: points whose class their neighborhood contradicts, most suspicious first, with the reason."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update

from api.schemas import SuspectModel, Suspects
from explorer import state
from explorer.api_client import ApiClient, crop_url
from explorer.figures import class_label, color_of_class
from explorer.panels.binding import bind
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection

CROP_SIZE_PX = 128


class Ids:
    """Ids of the components of this panel."""

    CLASS = "suspects-class"
    PAGE = "suspects-page"
    LIST = "suspects-list"


def layout(settings: ExplorerSettings) -> html.Section:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is known."""
    only_class = dmc.Select(
        id=Ids.CLASS,
        placeholder="every class",
        data=[],
        size="xs",
        w=150,
        clearable=True,
        searchable=True,
        **{"aria-label": "Given class"},
    )
    pages = dmc.Pagination(id=Ids.PAGE, total=1, value=1, size="xs", siblings=1)
    return html.Section(
        [
            html.Div(
                [html.H2("Suspect labels", className="section"), only_class, html.Span(className="spacer"), pages],
                className="row",
            ),
            html.Div(id=Ids.LIST, className="suspect-list"),
        ],
        className="panel suspects",
        **{"aria-label": "Suspect labels"},
    )


def register(app: Dash, client: ApiClient, settings: ExplorerSettings) -> None:
    """Connect the panel's callbacks."""
    app.callback(
        Output(Ids.CLASS, "data"),
        Output(Ids.CLASS, "value"),
        Input(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(offer_classes)
    app.callback(Output(Ids.PAGE, "value"), Input(Ids.CLASS, "value"), prevent_initial_call=True)(start_over)
    app.callback(
        Output(Ids.LIST, "children"),
        Output(Ids.PAGE, "total"),
        Input(Ids.PAGE, "value"),
        State(Ids.CLASS, "value"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(show_suspects, SuspectPages(client, settings.suspects_per_page)))


class SuspectPages:
    """The api, and how many suspects make a page."""

    def __init__(self, client: ApiClient, size: int) -> None:
        self.client = client
        self.size = size

    async def load(self, collection: str, page: int, class_name: str | None) -> Suspects:
        """One page, counted from 1."""
        offset = (page - 1) * self.size
        return await self.client.list_suspects(collection, limit=self.size, offset=offset, class_name=class_name)


async def offer_classes(collection: OpenCollection | None) -> tuple[list[str], None]:
    """The classes to choose from; a new collection starts with all of them."""
    return collection["classes"] if collection else [], None


async def start_over(_class_name: str | None) -> int:
    """Another class or collection starts at its first page."""
    return 1


async def show_suspects(
    pages: SuspectPages, page: int, class_name: str | None, collection: OpenCollection | None
) -> tuple[Any, Any]:
    """The cards of one page, and how many pages are known to exist."""
    if collection is None:
        return no_update, no_update
    found = await pages.load(collection["name"], page, class_name)
    n_pages = page if found.next_offset is None else page + 1
    if not found.suspects:
        return html.P(found.why_empty or "No label is suspect here.", className="dim"), n_pages
    return [_card(suspect, collection) for suspect in found.suspects], n_pages


def _card(suspect: SuspectModel, collection: OpenCollection) -> html.Button:
    claim = html.Span(
        [
            *_class(suspect.class_name, collection, "given"),
            html.Span("→", className="arrow", **{"aria-label": "rather"}),
            *_class(suspect.suggested_class, collection, "suggested"),
            html.Span(f"{suspect.score:.3f}", className="card-score", title="Suspect score, a rank: 1 is the worst"),
        ],
        className="claim",
    )
    place = " / ".join(part for part in (suspect.dataset, suspect.image_name) if part)
    words = [claim, html.Span(suspect.reason, className="reason"), html.Span(place, className="place", title=place)]
    crop = html.Img(src=crop_url(collection["name"], suspect.id, CROP_SIZE_PX), alt="")
    return html.Button(
        [crop, html.Span(words, className="suspect-words")], className="suspect", **{"data-point-id": suspect.id}
    )


def _class(name: str, collection: OpenCollection, kind: str) -> list[html.Span]:
    color = color_of_class(collection, name)
    return [
        html.Span(className="swatch", style={"--swatch": color}),
        html.Span(class_label(name), className=f"claim-{kind}"),
    ]
