"""Suspect labels: points whose class their neighborhood contradicts, most suspicious first, with the reason."""

from __future__ import annotations

import asyncio
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from api.schemas import SuspectModel, Suspects
from explorer import state
from explorer.api_client import ApiClient, crop_url
from explorer.figures import class_label, color_of_class, count_text
from explorer.panels.binding import bind
from explorer.panels.verdicts import verdict_buttons
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection, ReviewsSeen

CROP_SIZE_PX = 128
COUNT_TITLE = (
    "Every label that can be compared with its neighborhood, the most doubtful first: a ranking, not a verdict"
)


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    OF = "suspects-of"
    CLASS = "suspects-class"
    COUNT = "suspects-count"
    PAGE = "suspects-page"
    LIST = "suspects-list"


def layout(settings: ExplorerSettings) -> html.Section:
    """The panel as it is before anything is known."""
    only_class = dmc.Select(
        id=Ids.CLASS,
        placeholder="every class",
        data=[],
        size="xs",
        w=130,
        clearable=True,
        searchable=True,
        **{"aria-label": "Given class"},
    )
    reviewer = dmc.TextInput(
        id=state.REVIEWER,
        value=settings.reviewer,
        leftSection="as",
        size="xs",
        w=120,
        debounce=True,
        persistence=True,
        persistence_type="local",
        **{"aria-label": "Your name, kept with your verdicts"},
    )
    pages = dmc.Pagination(id=Ids.PAGE, total=1, value=1, size="xs", siblings=1)
    head = [
        html.H2("Suspect labels", className="section"),
        only_class,
        html.Span(id=Ids.COUNT, className="dim suspects-count", title=COUNT_TITLE),
        html.Span(className="spacer"),
        reviewer,
        pages,
    ]
    return html.Section(
        [
            dcc.Store(id=Ids.OF),
            html.Div(head, className="row"),
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
        Output(Ids.PAGE, "value", allow_duplicate=True),
        Output(Ids.OF, "data"),
        Input(state.COLLECTION, "data"),
        State(Ids.OF, "data"),
        prevent_initial_call=True,
    )(offer_classes)
    app.callback(Output(Ids.PAGE, "value"), Input(Ids.CLASS, "value"), prevent_initial_call=True)(start_over)
    app.callback(
        Output(Ids.LIST, "children"),
        Output(Ids.PAGE, "total"),
        Output(Ids.COUNT, "children"),
        Input(Ids.PAGE, "value"),
        Input(state.REVIEWS, "data"),
        State(Ids.CLASS, "value"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(show_suspects, SuspectPages(client, settings.suspects_per_page)))
    app.clientside_callback(
        ClientsideFunction(state.SCRIPTS, "suspectsListed"),
        Input(Ids.LIST, "children"),
        State(Ids.PAGE, "value"),
        State(Ids.PAGE, "total"),
        prevent_initial_call=True,
    )


class SuspectPages:
    """The api, and how many suspects make a page."""

    def __init__(self, client: ApiClient, size: int) -> None:
        self.client = client
        self.size = size

    async def load(self, collection: str, page: int, class_name: str | None) -> Suspects:
        """One page, counted from 1."""
        offset = (page - 1) * self.size
        return await self.client.list_suspects(collection, limit=self.size, offset=offset, class_name=class_name)

    async def skipped(self, collection: str) -> set[str]:
        """Ids of the points that somebody left for later; they stay in their place."""
        return {review.point_id for review in await self.client.list_reviews(collection, "skip")}

    def count(self, found: Suspects, page: int) -> int:
        """How many pages there are."""
        return page if found.next_offset is None else page + 1


async def offer_classes(collection: OpenCollection | None, of: str | None) -> tuple[Any, Any, Any, str | None]:
    """The classes to choose from; another collection starts with all of them, at its first page."""
    if collection is None:
        return [], None, 1, None
    if collection["name"] == of:
        return collection["classes"], no_update, no_update, of
    return collection["classes"], None, 1, collection["name"]


async def start_over(_class_name: str | None) -> int:
    """Another class starts at its first page."""
    return 1


async def show_suspects(
    pages: SuspectPages,
    page: int,
    _reviews: ReviewsSeen | None,
    class_name: str | None,
    collection: OpenCollection | None,
) -> tuple[Any, Any, Any]:
    """The cards of one page, how many pages there are, and how many labels were ranked."""
    if collection is None:
        return no_update, no_update, no_update
    name = collection["name"]
    found, skipped = await asyncio.gather(pages.load(name, page, class_name), pages.skipped(name))
    n_pages, count = pages.count(found, page), f"{count_text(found.n_ranked, 'label')} ranked" if found.n_ranked else ""
    if not found.suspects:
        return html.P(found.why_empty or "No label is suspect here.", className="dim"), n_pages, count
    cards = [_card(suspect, collection, is_skipped=suspect.id in skipped) for suspect in found.suspects]
    return cards, n_pages, count


def _card(suspect: SuspectModel, collection: OpenCollection, *, is_skipped: bool) -> html.Div:
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
    reason = [html.Span("skipped · ", className="dim")] * is_skipped + [suspect.reason]
    words = [claim, html.Span(reason, className="reason"), html.Span(place, className="place", title=place)]
    crop = html.Img(src=crop_url(collection["name"], suspect.id, CROP_SIZE_PX), alt="")
    look = html.Button([crop, html.Span(words, className="suspect-words")], className="suspect-look")
    verdicts = html.Div(verdict_buttons(suspect.id, suspect.class_name, suspect.suggested_class), className="verdicts")
    return html.Div([look, verdicts], className="suspect", **{"data-point-id": suspect.id})


def _class(name: str, collection: OpenCollection, kind: str) -> list[html.Span]:
    color = color_of_class(collection, name)
    return [
        html.Span(className="swatch", style={"--swatch": color}),
        html.Span(class_label(name), className=f"claim-{kind}"),
    ]
