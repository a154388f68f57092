"""Suspect labels: points whose class their neighborhood contradicts, most suspicious first, with the reason."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final, TypedDict

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from explorer import state
from explorer.figures import class_label, color_of_class, compared_labels
from explorer.panels.binding import bind
from explorer.panels.verdicts import Judged, verdict_keys
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection, ReviewsSeen
from explorer.urls import crop_url
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.wire.suspects import SuspectModel, Suspects

CROP_SIZE_PX = 128
MATE_SIZE_PX = 64
MOST_MATES = 5
"""Other objects of a group that are shown with the first."""
TITLE_HINT: Final = (
    "Labels that could be compared with their neighborhood, most doubtful first: a ranking, not a verdict"
)
_FILTER: Final = {"size": "xs", "w": 118, "comboboxProps": {"width": 180, "position": "top-start"}}


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    OF = "suspects-of"
    CLASS = "suspects-class"
    DATASET = "suspects-dataset"
    CHOICE = "suspects-choice"
    TITLE = "suspects-title"
    PAGE = "suspects-page"
    TOTAL = "suspects-total"
    PLACE = "suspects-place"
    LIST = "suspects-list"


class Choice(TypedDict):
    """Which suspects are listed, in the api's words; None for any."""

    class_name: str | None
    dataset: str | None


EVERYTHING: Final[Choice] = {"class_name": None, "dataset": None}


def layout(settings: ExplorerSettings) -> html.Section:  # noqa: ARG001 (one form for all panels)
    """The panel as it is before anything is known."""
    head = [
        html.H2("Suspects", id=Ids.TITLE, className="section", title=TITLE_HINT),
        html.Span(className="spacer"),
        _filter(Ids.CLASS, "any class", "Given class"),
        _filter(Ids.DATASET, "any dataset", "Dataset", display="none"),
        _turn(-1, "Previous page", "←"),
        html.Span(id=Ids.PLACE, className="dim suspects-place"),
        _turn(1, "Next page", "→"),
    ]
    return html.Section(
        [
            dcc.Store(id=Ids.OF),
            dcc.Store(id=Ids.CHOICE),
            dcc.Store(id=Ids.PAGE),
            dcc.Store(id=Ids.TOTAL),
            html.Div(head, className="row"),
            html.Div(id=Ids.LIST, className="suspect-list"),
        ],
        className="panel suspects",
        **{"aria-label": "Suspect labels"},
    )


def _turn(direction: int, label: str, sign: str) -> html.Button:
    data = {"data-turn": str(direction), "aria-label": label}
    return html.Button(sign, className="quiet turn", title=label, disabled=True, **data)


def _filter(component_id: str, placeholder: str, label: str, **properties: str) -> dmc.Select:
    return dmc.Select(
        id=component_id,
        placeholder=placeholder,
        data=[],
        clearable=True,
        searchable=True,
        **_FILTER,
        **properties,
        **{"aria-label": label},
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Connect the panel's callbacks."""
    app.callback(
        Output(Ids.CLASS, "data"),
        Output(Ids.CLASS, "value"),
        Output(Ids.DATASET, "data"),
        Output(Ids.DATASET, "value"),
        Output(Ids.DATASET, "display"),
        Output(Ids.OF, "data"),
        Input(state.COLLECTION, "data"),
        State(Ids.OF, "data"),
        prevent_initial_call=True,
    )(offer_filters)
    app.callback(
        Output(Ids.CHOICE, "data"),
        Output(Ids.PAGE, "data"),
        Input(Ids.CLASS, "value"),
        Input(Ids.DATASET, "value"),
        prevent_initial_call=True,
    )(start_over)
    app.callback(
        Output(Ids.LIST, "children"),
        Output(Ids.TOTAL, "data"),
        Output(Ids.PLACE, "children"),
        Output(Ids.TITLE, "children"),
        Input(Ids.PAGE, "data"),
        Input(state.REVIEWS, "data"),
        State(Ids.CHOICE, "data"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(show_suspects, SuspectPages(client, settings.suspects_per_page)))
    app.clientside_callback(
        ClientsideFunction(state.SCRIPTS, "suspectsListed"),
        Input(Ids.LIST, "children"),
        State(Ids.PAGE, "data"),
        State(Ids.TOTAL, "data"),
        State(Ids.CHOICE, "data"),
        prevent_initial_call=True,
    )


class SuspectPages:
    """The api, and how many suspects make a page."""

    def __init__(self, client: AsyncClient, size: int) -> None:
        self.client = client
        self.size = size

    async def load(self, collection: str, page: int, choice: Choice | None) -> Suspects:
        """One page, counted from 1."""
        offset = (page - 1) * self.size
        return await self.client.list_suspects(collection, limit=self.size, offset=offset, **(choice or EVERYTHING))

    async def skipped(self, collection: str) -> set[str]:
        """Ids of the points that somebody left for later; they stay in their place."""
        skipped = await self.client.reviews(collection, "skip")
        return {review.point_id async for review in skipped}


async def offer_filters(collection: OpenCollection | None, of: str | None) -> tuple[Any, Any, Any, Any, str, Any]:
    """Choices that narrow the list; another collection starts with everything. One dataset needs no choice."""
    if collection is None:
        return [], None, [], None, "none", None
    display = "block" if len(collection["datasets"]) > 1 else "none"
    keeps = collection["name"] == of
    value = no_update if keeps else None
    return collection["classes"], value, collection["datasets"], value, display, collection["name"]


async def start_over(class_name: str | None, dataset: str | None) -> tuple[Choice, int]:
    """Another choice starts at its first page."""
    return {"class_name": class_name, "dataset": dataset}, 1


async def show_suspects(
    pages: SuspectPages,
    page: int | None,
    _reviews: ReviewsSeen | None,
    choice: Choice | None,
    collection: OpenCollection | None,
) -> tuple[Any, Any, Any, Any]:
    """The cards of one page, how many pages there are, which this is, and how many labels were ranked.

    How many may be wrong is not said: a ranking does not know.
    """
    if collection is None or page is None:
        return no_update, no_update, no_update, no_update
    name = collection["name"]
    found, skipped = await asyncio.gather(pages.load(name, page, choice), pages.skipped(name))
    n_pages = max(1, math.ceil(found.n_matching / pages.size))
    title = f"Suspects · {found.n_ranked:,} ranked" if found.n_ranked else "Suspects"
    cards: Any = [_card(suspect, collection, is_skipped=suspect.id in skipped) for suspect in found.suspects]
    if not cards:
        cards = html.P(found.why_empty or "No label is suspect here.", className="dim")
    return cards, n_pages, f"{page} / {n_pages}", title


def _card(suspect: SuspectModel, collection: OpenCollection, *, is_skipped: bool) -> html.Div:
    given, suggested = compared_labels(suspect.class_name, suspect.suggested_class)
    claim = html.Span(
        [
            _class(suspect.class_name, given, collection, "given"),
            html.Span("rather", className="visually-hidden"),
            _class(suspect.suggested_class, suggested, collection, "suggested"),
        ],
        className="claim-pair",
    )
    place = " / ".join(part for part in (suspect.dataset, suspect.image_name) if part)
    reason = [html.Span("skipped · ", className="dim")] * is_skipped + [suspect.reason]
    mates = [point_id for point_id in suspect.group if point_id != suspect.id][:MOST_MATES]
    crops = [html.Img(src=crop_url(collection["name"], mate, MATE_SIZE_PX), alt="") for mate in mates]
    below = html.Span(crops, className="suspect-mates") if mates else html.Span(place, className="place", title=place)
    words = [claim, html.Span(reason, className="reason", title=suspect.reason), below]
    crop = html.Img(src=crop_url(collection["name"], suspect.id, CROP_SIZE_PX), alt="")
    score = f"Suspect score {suspect.score:.3f}, a rank: 1 is the worst"
    look = html.Button([crop, html.Span(words, className="suspect-words")], className="suspect-look", title=score)
    judged = Judged(collection["name"], suspect.id, suspect.class_name, suspect.group)
    verdicts = html.Div(verdict_keys(judged, suspect.suggested_class), className="verdicts")
    return html.Div([look, verdicts], className="suspect", **{"data-point-id": suspect.id})


def _class(name: str | None, label: str, collection: OpenCollection, kind: str) -> html.Span:
    swatch = html.Span(className="swatch", style={"--swatch": color_of_class(collection, name)})
    return html.Span([swatch, html.Span(label, className=f"claim-{kind}", title=class_label(name))], className="claim")
