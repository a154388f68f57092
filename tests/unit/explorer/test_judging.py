"""Suspects and verdicts: callbacks are plain async functions, data in, components and stores out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from dash import no_update

from explorer.panels import map_view, point, reviews, suspects, verdicts
from tests.unit.explorer.components import ACCEPT, CAT, DOG, GONE, OPEN, PROJECTED, SELECTED, find, run, text_of


def show_suspects(client, page: int = 1) -> Any:
    return run(suspects.show_suspects, suspects.SuspectPages(client, 24), page, None, None, OPEN)


def test_show_suspects__class_suggestion_reason_and_verdicts(client):
    cards, n_pages, place, title = show_suspects(client)
    assert text_of(cards) == "cat rather dog 9 of its 10 nearest are dog pets/indoor / sofa.jpg a d s"
    assert find(cards, "data-point-id") == [CAT]
    assert find(cards, "data-judged") == [CAT] * 3
    assert find(cards, "data-class-name") == ["dog"]
    assert (find(cards, "data-given-class"), find(cards, "data-collection")) == (["cat"] * 3, ["pets"] * 3)
    assert (n_pages, place, title) == (1, "1 / 1", "Suspects · 3 ranked")


def test_show_suspects__a_group_is_one_card_with_one_verdict(api, client):
    group = [CAT, DOG, GONE]
    suspect = api.suspects.suspects[0].model_copy(
        update={"group": group, "reason": "a whole group of 3 similar objects"}
    )
    api.suspects = api.suspects.model_copy(update={"suspects": [suspect]})

    cards, *_ = show_suspects(client)

    assert find(cards, "data-point-id") == [CAT]
    assert find(cards, "data-group") == [f"{CAT} {DOG} {GONE}"] * 3
    assert find(cards, "aria-label")[-3:] == [
        "Accept all 3: it is dog",
        "Dismiss all 3: cat is right",
        "Skip all 3: decide later",
    ]
    assert [source.split("/crop")[0].rsplit("/", 1)[-1] for source in find(cards, "src")] == group


def test_show_suspects__a_skipped_one_says_so(client):
    judge(client, {"verdict": "skip", "id": CAT}, "Ann")
    assert "skipped ·  9 of its 10 nearest" in text_of(show_suspects(client)[0])


def test_show_suspects__pages_are_of_the_choice_and_the_title_counts_no_errors(api, client):
    api.suspects = api.suspects.model_copy(update={"n_ranked": 1797, "n_matching": 49})
    assert show_suspects(client, 2)[1:] == (3, "2 / 3", "Suspects · 1,797 ranked")


@pytest.mark.parametrize(
    ("condition", "n_shown"),
    [({"dataset": "pets/indoor"}, 1), ({"dataset": "pets/outdoor"}, 0), ({"class_name": "dog"}, 0)],
)
def test_show_suspects__only_those_that_were_chosen(api, client, condition, n_shown):
    choice = {"class_name": None, "dataset": None} | condition
    cards, *_ = run(suspects.show_suspects, suspects.SuspectPages(client, 24), 1, None, choice, OPEN)
    assert len(find(cards, "data-point-id")) == n_shown


def test_start_over__a_new_choice_begins_at_its_first_page():
    assert run(suspects.start_over, "cat", None) == ({"class_name": "cat", "dataset": None}, 1)


def test_show_suspects__why_there_are_none(api, client):
    empty = {"suspects": [], "why_empty": "no point has a class", "n_ranked": 0, "n_matching": 0}
    api.suspects = api.suspects.model_copy(update=empty)
    cards, n_pages, place, title = show_suspects(client)
    assert (text_of(cards), n_pages, place, title) == ("no point has a class", 1, "1 / 1", "Suspects")


def judge(client, order: dict[str, Any], who: str) -> None:
    """Give a verdict, as the page's script does."""
    asyncio.run(client.add_reviews(order["id"], order["verdict"], "pets", who=who, class_name=order.get("class_name")))


def test_verdict_buttons__a_point_without_a_class_has_nothing_to_dismiss():
    buttons = verdicts.verdict_buttons(verdicts.Judged("pets", "p-new", None), None)
    assert text_of(buttons) == "→ what its neighbors are a later s"
    assert find(buttons, "data-class-name") == find(buttons, "data-given-class") == []
    assert find(buttons, "title") == ["Accept: it is what its neighborhood says (a)", "Skip: decide later (s)"]


DATASETS = ["pets/indoor", "pets/outdoor"]


def test_offer_filters__another_collection_starts_with_everything():
    offered = run(suspects.offer_filters, OPEN, "cars")
    assert offered == (["cat", "dog"], None, DATASETS, None, "block", "pets")


def test_offer_filters__the_same_collection_keeps_its_place():
    offered = run(suspects.offer_filters, OPEN, "pets")
    assert offered == (["cat", "dog"], no_update, DATASETS, no_update, "block", "pets")


def test_offer_filters__one_dataset_needs_no_choice():
    assert run(suspects.offer_filters, OPEN | {"datasets": ["pets"]}, "pets")[4] == "none"


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
