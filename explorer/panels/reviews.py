"""Verdicts of people: recorded, taken back, told in a line over the map, with a look at what others change meanwhile.

Buttons and keys are served by ``assets/page/suspect_list.mjs``; ``review_queue.mjs`` writes one order at a time.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from explorer import state
from explorer.figures import class_label
from explorer.panels.binding import bind
from explorer.settings import ExplorerSettings
from explorer.state import OpenCollection, Order, Outcome, ReviewsSeen
from lookalike.client.asynchronous.client import AsyncClient
from lookalike.errors import LookalikeError
from lookalike.wire.reviews import ReviewModel


class Ids:
    """Ids of the components of this panel; the scripts of the page use them too."""

    MESSAGE = "verdict-message"


def layout(settings: ExplorerSettings) -> html.Div:  # noqa: ARG001 (one form for all panels)
    """The line over the map, empty until there is something to say."""
    return html.Div(id=Ids.MESSAGE, className="verdict-message", role="status")


def register(app: Dash, client: AsyncClient, settings: ExplorerSettings) -> None:
    """Connect the panel's callbacks."""
    app.callback(
        Output(Ids.MESSAGE, "children"),
        Output(state.OUTCOME, "data"),
        Output(state.REVIEWS, "data"),
        Input(state.ORDER, "data"),
        State(state.REVIEWER, "value"),
        State(state.COLLECTION, "data"),
        prevent_initial_call=True,
    )(bind(carry_out, Reviewing(client, settings.reviewer)))
    app.callback(
        Output(state.REVIEWS, "data", allow_duplicate=True),
        Output(state.TICK, "disabled", allow_duplicate=True),
        Input(state.WATCH, "n_intervals"),
        Input(state.COLLECTION, "data"),
        State(state.REVIEWS, "data"),
        prevent_initial_call=True,
    )(bind(watch, client))
    app.clientside_callback(ClientsideFunction(state.SCRIPTS, "orderDone"), Input(state.OUTCOME, "data"))


class Reviewing:
    """The api, and in whose name verdicts are where the page has no name."""

    def __init__(self, client: AsyncClient, reviewer: str) -> None:
        self.client = client
        self.reviewer = reviewer


async def carry_out(
    reviewing: Reviewing, order: Order | None, who: str | None, collection: OpenCollection | None
) -> tuple[Any, Any, Any]:
    """Record a verdict or take one back: what to say about it, what became of it, and that reviews changed."""
    if order is None or collection is None:
        return no_update, no_update, no_update
    client, name = reviewing.client, collection["name"]
    who = (who or "").strip() or reviewing.reviewer
    try:
        message, outcome = await _carry_out(client, name, order, who)
        revision = (await client.get_collection(name)).review_revision
    except LookalikeError as error:
        failed: Outcome = {"ok": False, "id": order.get("id"), "review": None}
        text = str(error)
        return html.Div(text[:1].upper() + text[1:], className="verdict-text is-error", role="alert"), failed, no_update
    seen: ReviewsSeen = {"collection": name, "revision": revision}
    return message, outcome, seen


async def _carry_out(client: AsyncClient, collection: str, order: Order, who: str) -> tuple[html.Div, Outcome]:
    if "undo" in order:
        taken_back = await client.undo_review(order["undo"], collection, who=who)
        whole = ", the whole group" if taken_back.undone.entry else ""
        return _message([html.Span(f"taken back: {review_words(taken_back.undone)}{whole}")]), {
            "ok": True,
            "id": taken_back.undone.point_id,
            "review": None,
        }
    group = order.get("group") or []
    reviews = await client.add_reviews(
        list(dict.fromkeys([order["id"], *group])),
        order["verdict"],
        collection,
        class_name=order.get("class_name"),
        is_one_entry=bool(group),
        who=who,
    )
    review = reviews[0]
    undo = html.Button(
        ["Undo ", html.Kbd("u")], className="quiet", title="Take this verdict back (u)", **{"data-undo": review.id}
    )
    words = review_words(review) + (f", {len(group)} objects" if group else "")
    return _message([html.Span(words), undo]), {"ok": True, "id": review.point_id, "review": review.id}


async def watch(
    client: AsyncClient, _n_intervals: int | None, collection: OpenCollection | None, seen: ReviewsSeen | None
) -> tuple[Any, Any]:
    """Whether reviews changed, and whether points did, which sets the page looking for collections and maps anew."""
    if collection is None:
        return no_update, no_update
    try:
        info = await client.get_collection(collection["name"])
    except LookalikeError:
        return no_update, no_update  # nobody asked for anything; what people do ask for will say what is wrong
    now: ReviewsSeen = {"collection": info.name, "revision": info.review_revision}
    return no_update if now == seen else now, False if info.revision != collection["revision"] else no_update


def review_words(review: ReviewModel) -> str:
    """A verdict in words, for example ``accepted: 3 → 8``."""
    given = class_label(review.given_class)
    if review.verdict == "accept":
        return f"accepted: {given} → {class_label(review.class_name)}"
    return {"dismiss": f"dismissed: {given} is right", "skip": f"skipped: {given}, to be decided later"}[review.verdict]


def _message(parts: list[Any]) -> html.Div:
    return html.Div(parts, className="verdict-text")
