"""Suspects and verdicts: callbacks are plain async functions, data in, components and stores out."""

from __future__ import annotations

from typing import Any

import pytest
from dash import no_update

from explorer.panels import map_view, point, reviews, suspects, verdicts
from tests.unit.explorer.components import ACCEPT, OPEN, PROJECTED, SELECTED, find, run, text_of


def show_suspects(client, page: int = 1) -> Any:
    return run(suspects.show_suspects, suspects.SuspectPages(client, 24), page, None, None, OPEN)


def test_show_suspects__class_suggestion_reason_and_verdicts(client):
    cards, n_pages, count = show_suspects(client)
    assert text_of(cards) == "cat → dog 0.970 9 of its 10 nearest are dog pets/indoor / sofa.jpg Accept Dismiss Skip"
    assert find(cards, "data-point-id") == ["p-cat"]
    assert find(cards, "data-judged") == ["p-cat"] * 3
    assert find(cards, "data-class-name") == ["dog"]
    assert (n_pages, count) == (1, "3 labels ranked")


def test_show_suspects__a_skipped_one_says_so(client):
    run(reviews.carry_out, reviews.Reviewing(client, "me"), {"verdict": "skip", "id": "p-cat"}, "Ann", OPEN)
    assert "skipped ·  9 of its 10 nearest" in text_of(show_suspects(client)[0])


def test_show_suspects__another_page_follows(api, client):
    api.suspects = api.suspects.model_copy(update={"next_offset": 24})
    assert show_suspects(client)[1] == 2


def test_show_suspects__why_there_are_none(api, client):
    empty = {"suspects": [], "why_empty": "no point has a class", "n_ranked": 0}
    api.suspects = api.suspects.model_copy(update=empty)
    cards, _, count = show_suspects(client)
    assert (text_of(cards), count) == ("no point has a class", "")


def test_verdict_buttons__a_point_without_a_class_has_nothing_to_dismiss():
    buttons = verdicts.verdict_buttons("p-new", None, None)
    assert text_of(buttons) == "Accept Skip"
    assert find(buttons, "data-class-name") == []
    assert find(buttons, "aria-label") == ["Accept: it is what its neighborhood says", "Skip: decide later"]


def test_offer_classes__another_collection_starts_with_every_class_at_its_first_page():
    assert run(suspects.offer_classes, OPEN, "cars") == (["cat", "dog"], None, 1, "pets")


def test_offer_classes__the_same_collection_keeps_its_place():
    assert run(suspects.offer_classes, OPEN, "pets") == (["cat", "dog"], no_update, no_update, "pets")


def test_carry_out__says_what_was_accepted_and_by_which_key_it_is_undone(api, client):
    reviewing = reviews.Reviewing(client, "me")
    message, outcome, seen = run(reviews.carry_out, reviewing, ACCEPT, " Ann ", OPEN)
    assert text_of(message) == "accepted: cat → dog Undo  u"
    assert find(message, "data-undo") == ["v1"]
    assert outcome == {"ok": True, "id": "p-cat", "review": "v1"}
    assert seen == {"collection": "pets", "revision": "r1"}
    assert (api.reviews["v1"].who, api.reviews["v1"].class_name) == ("Ann", "dog")


def test_carry_out__without_a_name_the_default_stands(api, client):
    run(reviews.carry_out, reviews.Reviewing(client, "me"), ACCEPT, "  ", OPEN)
    assert api.reviews["v1"].who == "me"


def test_carry_out__undo_takes_that_review_back(api, client):
    reviewing = reviews.Reviewing(client, "me")
    run(reviews.carry_out, reviewing, ACCEPT, "Ann", OPEN)
    message, outcome, seen = run(reviews.carry_out, reviewing, {"undo": "v1"}, "Ann", OPEN)
    assert text_of(message) == "taken back: accepted: cat → dog"
    assert outcome == {"ok": True, "id": "p-cat", "review": None}
    assert seen["revision"] == "r0"
    assert api.reviews == {}


def test_carry_out__a_refusal_is_told_in_the_apis_words(client):
    order = {"verdict": "dismiss", "id": "p-gone"}
    message, outcome, seen = run(reviews.carry_out, reviews.Reviewing(client, "me"), order, "Ann", OPEN)
    assert text_of(message) == "Collection 'pets' has no embedded point 'p-gone'"
    assert message.role == "alert"
    assert (outcome, seen) == ({"ok": False, "id": "p-gone", "review": None}, no_update)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [("dismiss", "dismissed: cat is right"), ("skip", "skipped: cat, to be decided later")],
)
def test_review_words__dismissed_and_skipped(client, verdict, words):
    order = {"verdict": verdict, "id": "p-cat"}
    message, *_ = run(reviews.carry_out, reviews.Reviewing(client, "me"), order, "Ann", OPEN)
    assert text_of(message).startswith(words)


SEEN = {"collection": "pets", "revision": "r0"}


def test_watch__nothing_changed_changes_nothing(client):
    assert run(reviews.watch, client, 1, OPEN, SEEN) == (no_update, no_update)


def test_watch__points_that_changed_set_the_page_looking(client):
    assert run(reviews.watch, client, 1, OPEN | {"revision": "0"}, SEEN) == (no_update, False)


def test_watch__somebody_elses_verdict_is_noticed(client):
    run(reviews.carry_out, reviews.Reviewing(client, "me"), ACCEPT, "Bob", OPEN)
    assert run(reviews.watch, client, 1, OPEN, SEEN) == ({"collection": "pets", "revision": "r1"}, no_update)


def test_watch__says_nothing_while_the_api_does_not_answer(client):
    assert run(reviews.watch, client, 1, OPEN | {"name": "deleted"}, SEEN) == (no_update, no_update)


def test_place_relabels__rows_with_the_maps_class_numbers(client):
    run(reviews.carry_out, reviews.Reviewing(client, "me"), ACCEPT, "Ann", OPEN)
    relabels = run(map_view.place_relabels, client, {"collection": "pets", "revision": "r1"}, PROJECTED)
    assert relabels == {"projection": "m1", "rows": [0], "classes": [0]}


def test_place_relabels__a_class_that_the_map_does_not_know_stays_as_it_is(client):
    order = ACCEPT | {"class_name": "hamster"}
    run(reviews.carry_out, reviews.Reviewing(client, "me"), order, "Ann", OPEN)
    assert run(map_view.place_relabels, client, SEEN, PROJECTED) == {"projection": "m1", "rows": [], "classes": []}


def test_show_point__a_suspect_says_what_it_looks_like_and_accepts_that(client):
    suspect = SELECTED | {"by": "list", "suggested": "dog"}
    title, verdict, *_ = run(point.show_point, client, suspect, None, OPEN)
    assert text_of(title) == "cat looks like dog"
    assert find(verdict, "title") == ["Accept: it is dog (a)", "Dismiss: cat is right (d)", "Skip: decide later (s)"]
    assert find(verdict, "data-class-name") == ["dog"]


def test_show_point__a_verdict_is_told_and_can_be_taken_back(client):
    run(reviews.carry_out, reviews.Reviewing(client, "me"), ACCEPT, "Ann", OPEN)
    title, verdict, payload, *_ = run(
        point.show_point, client, SELECTED, {"collection": "pets", "revision": "r1"}, OPEN
    )
    assert text_of(title) == "cat accepted as dog"
    assert text_of(verdict) == "accepted by Ann Undo"
    assert find(verdict, "data-undo") == ["v1"]
    assert "Ann" not in text_of(payload)
