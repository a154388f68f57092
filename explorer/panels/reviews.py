"""Verdicts of people, told in a line over the map, with a look at what others change meanwhile.

The browser sends verdicts to the api by itself, so that none waits for the page: ``assets/page/reviewing.mjs``.
"""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, html, no_update

from explorer import state
from explorer.panels.binding import bind
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection, ReviewsSeen
from explorer.urls import API_OF_PAGE
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.errors import LookalikeError


class Ids:
    """Ids of the components of this panel; the scripts of the page fill them."""

    MESSAGE = "verdict-message"
    BAR = "review-bar"


def layout(settings: ExplorerSettings) -> html.Div:
    """The line over the map and the bar of what lasts, both empty until there is something to say."""
    known = {"data-api": API_OF_PAGE, "data-reviewer": settings.reviewer}
    return html.Div(
        [
            html.Div(id=Ids.MESSAGE, className="verdict-message", role="status"),
            html.Div(id=Ids.BAR, className="review-bar", **known),
        ],
        className="reviews",
    )


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:  # noqa: ARG001 (one form for all panels)
    """Connect the panel's callbacks."""
    app.callback(
        Output(state.REVIEWS, "data"),
        Output(state.TICK, "disabled", allow_duplicate=True),
        Input(state.WATCH, "n_intervals"),
        Input(state.COLLECTION, "data"),
        State(state.REVIEWS, "data"),
        prevent_initial_call=True,
    )(bind(watch, client))


async def watch(
    client: AsyncClient, _n_intervals: int | None, collection: OpenCollection | None, seen: ReviewsSeen | None
) -> tuple[Any, Any]:
    """Whether reviews changed, and whether points did, which sets the page looking for collections and maps anew."""
    if collection is None:
        return no_update, False
    try:
        info = await client.get_collection(collection["name"])
    except LookalikeError:
        return no_update, no_update  # nobody asked for anything; what people do ask for will say what is wrong
    now: ReviewsSeen = {"collection": info.name, "revision": info.review_revision}
    return no_update if now == seen else now, False if info.revision != collection["revision"] else no_update
