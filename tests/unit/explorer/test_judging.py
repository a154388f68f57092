"""Suspects and verdicts: callbacks are plain async functions, data in, components and stores out."""

from __future__ import annotations

import asyncio
from typing import Any

from dash import no_update

from explorer.panels import map_view, point, reviews, verdicts
from tests.unit.explorer.components import ACCEPT, OPEN, PROJECTED, SELECTED, find, run, text_of


def judge(client, order: dict[str, Any], who: str) -> None:
    """Give a verdict, as the page's script does."""
    asyncio.run(client.add_reviews(order["id"], order["verdict"], "pets", who=who, class_name=order.get("class_name")))


def test_verdict_buttons__a_point_without_a_class_has_nothing_to_dismiss():
    buttons = verdicts.verdict_buttons(verdicts.Judged("pets", "p-new", None), None)
    assert text_of(buttons) == "→ what its neighbors are a later s"
    assert find(buttons, "data-class-name") == find(buttons, "data-given-class") == []
    assert find(buttons, "title") == ["Accept: it is what its neighborhood says (a)", "Skip: decide later (s)"]


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


def test_show_verdict__a_suspect_says_what_it_looks_like_and_accepts_that(client):
    shown = run(point.show_verdict, client, SELECTED, None, OPEN)
    assert text_of(shown) == "looks like dog 9 of its 10 nearest are dog → dog a keep cat d later s"
    assert find(shown, "title") == ["Accept: it is dog (a)", "Dismiss: cat is right (d)", "Skip: decide later (s)"]
    assert find(shown, "data-class-name") == ["dog"]


def test_show_verdict__a_point_that_is_no_suspect_can_be_judged_too(api, client):
    api.suspects = api.suspects.model_copy(update={"suspects": []})
    shown = run(point.show_verdict, client, SELECTED, None, OPEN)
    assert text_of(shown) == "→ what its neighbors are a keep cat d later s"
    assert find(shown, "data-class-name") == []


def test_show_verdict__what_stands_is_told_and_can_be_taken_back(client):
    judge(client, ACCEPT, "Ann")
    shown = run(point.show_verdict, client, SELECTED, {"collection": "pets", "revision": "r1"}, OPEN)
    assert text_of(shown) == "accepted as dog by Ann Undo"
    assert (find(shown, "data-undo"), find(shown, "data-given-class")) == (["v1"], ["cat"])


def test_show_point__the_review_is_no_row_of_the_payload(client):
    judge(client, ACCEPT, "Ann")
    assert "Ann" not in text_of(run(point.show_point, client, SELECTED, OPEN))
