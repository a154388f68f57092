"""The page notices verdicts of others. The tests call its callbacks as functions."""

from __future__ import annotations

import asyncio
from typing import Any

from dash import no_update

from explorer.panels import map_view, reviews
from tests.unit.explorer.components import ACCEPT, OPEN, PROJECTED, run


def judge(client, order: dict[str, Any], who: str) -> None:
    """Give a verdict, as the page's script does."""
    asyncio.run(client.add_reviews(order["id"], order["verdict"], "pets", who=who, class_name=order.get("class_name")))


SEEN = {"collection": "pets", "revision": "r0"}


def test_watch__nothing_changed_changes_nothing(client):
    assert run(reviews.watch, client, 1, OPEN, SEEN) == (no_update, no_update)


def test_watch__points_that_changed_set_the_page_looking(client):
    assert run(reviews.watch, client, 1, OPEN | {"revision": "0"}, SEEN) == (no_update, False)


def test_watch__somebody_elses_verdict_is_noticed(client):
    judge(client, ACCEPT, "Bob")
    assert run(reviews.watch, client, 1, OPEN, SEEN) == ({"collection": "pets", "revision": "r1"}, no_update)


def test_watch__says_nothing_while_the_api_does_not_answer(client):
    assert run(reviews.watch, client, 1, OPEN | {"name": "deleted"}, SEEN) == (no_update, no_update)


def test_place_relabels__rows_with_the_maps_class_numbers(client):
    judge(client, ACCEPT, "Ann")
    relabels = run(map_view.place_relabels, client, {"collection": "pets", "revision": "r1"}, PROJECTED)
    assert relabels == {"projection": "m1", "rows": [0], "classes": [0]}


def test_place_relabels__a_class_that_the_map_does_not_know_stays_as_it_is(client):
    order = ACCEPT | {"class_name": "hamster"}
    judge(client, order, "Ann")
    assert run(map_view.place_relabels, client, SEEN, PROJECTED) == {"projection": "m1", "rows": [], "classes": []}
