"""Judging suspects, as a curator does: by button and by key, one after the other, with others at work meanwhile."""

from __future__ import annotations

import json
import re
import threading

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.intercepting import CALLBACKS, intercept
from tests.browser.judging import (
    COLLECTION,
    LISTED,
    SELECTED,
    claim,
    reviews,
    wait_for_list,
    wait_for_reviews,
    wait_until,
)
from tests.browser.serving import MAP_IS_PAINTED

COVERED = """() => [...document.querySelectorAll('.review-verdicts button')].filter((button) => {
  const { left, top, width, height } = button.getBoundingClientRect();
  const onTop = (part) => document.elementFromPoint(left + part * width, top + height / 2);
  return [0.1, 0.5, 0.9].some((part) => !button.contains(onTop(part)));
}).map((button) => button.textContent)"""
"""Buttons of verdicts that something lies upon."""


def test_accept__button_takes_the_card_off_the_list_and_recolours_the_dot(desk, own_server):
    ids = desk.evaluate(LISTED)
    card = desk.locator(".suspect").first
    given, suggested = claim(card)
    card.get_by_role("button", name=f"Accept: it is {suggested}").click()
    expect(desk.locator("#verdict-message")).to_contain_text(f"accepted: {given} → {suggested}")
    wait_for_list(desk, ids[1:5])
    assert desk.evaluate(SELECTED) == ids[1]
    (review,) = reviews(desk, own_server)
    assert (review["point_id"], review["verdict"], review["class_name"]) == (ids[0], "accept", suggested)
    desk.wait_for_function("() => lookalike.map.columns.givenClasses.size === 1")
    (row,) = desk.evaluate("[...lookalike.map.columns.givenClasses.keys()]")
    assert desk.evaluate("row => lookalike.spec.classNames[lookalike.map.columns.classIndex[row]]", row) == suggested


def test_walk__the_next_suspects_object_is_asked_for_ahead(desk):
    """As large as it will be shown, so that its picture is there when somebody comes to it."""
    ids = desk.evaluate(LISTED)
    image = desk.locator("#point-image")
    with desk.expect_request(lambda request: f"/images/{ids[1]}?" in request.url) as ahead:
        desk.keyboard.press("j")
    expect(desk.locator("#point-content")).to_be_visible()
    assert desk.evaluate(SELECTED) == ids[0]
    desk.keyboard.press("j")
    expect(image).to_have_attribute("src", re.compile(ids[1]))
    assert "region=" in ahead.value.url
    assert image.evaluate("image => image.src") == ahead.value.url


def test_walk__the_next_suspect_is_there_without_a_question(desk):
    """The page asked for its image and its neighbors while somebody looked at the one before."""
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    desk.wait_for_function(
        "() => lookalike.similar.store.kept.answers.size > 0 && lookalike.lookedAt.store.kept.answers.size > 1"
    )
    intercept(desk, re.compile(r"/(points/[^/]*|neighbors|suspects[^/]*)$"), lambda route: None)  # never answered
    desk.keyboard.press("j")
    expect(desk.locator("#point-title .point-class")).to_have_text(claim(desk.locator(".suspect").nth(1))[0])
    expect(desk.locator("#point-verdict .is-accept")).to_be_visible()
    desk.wait_for_function("id => lookalike.similar.store.state.example.id === id", arg=ids[1])
    expect(desk.locator(".neighbor")).to_have_count(20)


def test_accept__survives_a_reload(desk, own_server):
    ids = desk.evaluate(LISTED)
    _, suggested = claim(desk.locator(".suspect").first)
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    expect(desk.locator("#verdict-message")).to_contain_text("accepted")
    desk.goto(f"{own_server}/?id={ids[0]}")
    desk.wait_for_function(MAP_IS_PAINTED)
    wait_for_list(desk, ids[1:5])
    expect(desk.locator("#point-verdict")).to_contain_text(re.compile(rf"accepted\s*as\s*{suggested}\s*by"))


def test_accept__the_list_moves_on_before_the_answer_is_there(desk):
    ids = desk.evaluate(LISTED)
    may_answer = threading.Event()
    held = []

    def hold_orders(route):
        if may_answer.is_set():
            route.continue_()
        else:
            held.append(route)

    desk.keyboard.press("j")
    expect(desk.locator("#point-verdict .is-accept")).to_be_visible()
    intercept(desk, "**/reviews", hold_orders)
    desk.keyboard.press("a")
    desk.wait_for_function(f"ids => ({LISTED})()[0] === ids[1] && {SELECTED} === ids[1]", arg=ids)
    desk.keyboard.press("d")
    desk.wait_for_function(f"ids => ({LISTED})()[0] === ids[2] && {SELECTED} === ids[2]", arg=ids)
    wait_until(desk, lambda: held)
    desk.wait_for_timeout(1000)
    assert len(held) == 1  # one order at a time
    may_answer.set()
    held[0].continue_()
    wait_for_list(desk, ids[2:6])
    expect(desk.locator("#verdict-message")).to_contain_text("kept")


def test_undo__by_key_and_by_button(desk, own_server):
    ids = desk.evaluate(LISTED)
    for undo in ("key", "button"):
        desk.locator(".suspect").first.get_by_role("button", name="Keep").click()
        expect(desk.locator("#verdict-message")).to_contain_text("kept")
        wait_for_list(desk, ids[1:3])
        if undo == "key":
            desk.keyboard.press("u")
        else:
            desk.locator("#verdict-message [data-undo]").click()
        expect(desk.locator("#verdict-message")).to_contain_text("taken back: kept")
        wait_for_list(desk, ids[:3])
        assert desk.evaluate(SELECTED) == ids[0]
    wait_for_reviews(desk, own_server, [])


@pytest.mark.parametrize("is_listed_anew", [True, False], ids=["after_the_list_moved_on", "while_the_verdict_is_sent"])
def test_undo__the_card_is_back_before_the_answer_is_there(desk, own_server, is_listed_anew):
    ids = desk.evaluate(LISTED)
    may_answer = threading.Event()
    held = []

    def hold_everything(route):
        if may_answer.is_set():
            route.continue_()
        else:
            held.append(route)

    desk.keyboard.press("j")
    expect(desk.locator("#point-verdict .is-dismiss")).to_be_visible()
    if is_listed_anew:
        desk.keyboard.press("d")
        wait_for_list(desk, ids[1:5])
        assert desk.locator(f".suspect[data-point-id='{ids[0]}']").count() == 0
    intercept(desk, CALLBACKS, hold_everything)
    intercept(desk, re.compile("/reviews(/undo)?$"), hold_everything)
    if not is_listed_anew:
        desk.keyboard.press("d")
        desk.wait_for_function(f"ids => ({LISTED})()[0] === ids[1]", arg=ids)
    desk.keyboard.press("u")
    desk.wait_for_function(f"ids => ({LISTED})()[0] === ids[0] && {SELECTED} === ids[0]", arg=ids)
    expect(desk.locator(".suspect").first).to_be_in_viewport()
    wait_until(desk, lambda: held)
    may_answer.set()
    for route in held:
        route.continue_()
    desk.unroute_all()
    expect(desk.locator("#verdict-message")).to_contain_text("taken back: kept")
    desk.wait_for_function("() => lookalike.queue.orders.length === 0")
    wait_for_list(desk, ids[:4])
    wait_for_list(desk, ids[:20])
    assert desk.evaluate(SELECTED) == ids[0]
    wait_for_reviews(desk, own_server, [])


def test_undo__a_card_that_came_back_can_be_judged_again(desk, own_server):
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    expect(desk.locator("#point-verdict .is-dismiss")).to_be_visible()
    for key in "duduud":  # the second undo in a row has nothing left to take back
        desk.keyboard.press(key)
        if key == "d":
            desk.wait_for_function(f"id => ({LISTED})()[0] !== id", arg=ids[0])
        else:
            desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[0])
            expect(desk.locator(f"#point-verdict .is-dismiss[data-judged='{ids[0]}']")).to_be_attached()
    desk.wait_for_function("() => lookalike.queue.orders.length === 0")
    wait_for_list(desk, ids[1:5])
    wait_for_reviews(desk, own_server, [ids[0]], lambda review: review["point_id"])


def test_undo__without_a_verdict_says_so(desk):
    desk.keyboard.press("j")
    desk.keyboard.press("u")
    expect(desk.locator("#verdict-message")).to_contain_text("No verdict was given")


def test_skip__stays_in_its_place_and_says_so(desk):
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    desk.keyboard.press("s")
    expect(desk.locator(".suspect").first).to_contain_text("left for later")
    wait_for_list(desk, ids[:4])
    assert desk.evaluate(SELECTED) == ids[1]


def test_keys__walk_over_the_pages(desk):
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    assert desk.evaluate(SELECTED) == ids[1]
    desk.keyboard.press("k")
    desk.keyboard.press("k")  # nothing is before the first one
    assert desk.evaluate(SELECTED) == ids[0]
    desk.locator(".suspect").last.click()
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[-1])
    desk.keyboard.press("j")
    expect(desk.locator(".page-place")).to_contain_text("2 /")
    desk.wait_for_function(f"id => {SELECTED} === ({LISTED})()[0] && {SELECTED} !== id", arg=ids[-1])
    desk.keyboard.press("k")
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[-1])


def test_keys__are_letters_where_one_types(desk, own_server):
    desk.keyboard.press("j")
    desk.get_by_label("Class for all").click()
    desk.keyboard.type("adsu")
    expect(desk.get_by_label("Class for all")).to_have_value("adsu")
    assert desk.evaluate("[lookalike.queue.orders.length, lookalike.queue.gone.size]") == [0, 0]
    wait_for_reviews(desk, own_server, [])


def accepting(order: dict[str, object], class_name: str) -> str:
    """The order with another class."""
    return json.dumps(order | {"class_name": class_name})


def test_refusal__is_told_in_words_and_its_card_comes_back_but_the_next_one_stays_selected(desk, own_server, faults):
    ids = desk.evaluate(LISTED)
    first = desk.locator(".suspect").first
    given, _ = claim(first)
    intercept(
        desk, "**/reviews", lambda route: route.continue_(post_data=accepting(route.request.post_data_json, given))
    )
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    refusal = desk.get_by_role("alert").filter(has_text=f"is '{given}' already")
    expect(refusal).to_contain_text("Not recorded")
    wait_for_list(desk, ids[:3])
    assert desk.evaluate(SELECTED) == ids[1]
    refusal.get_by_role("button", name="Show it").click()
    assert desk.evaluate(SELECTED) == ids[0]
    refusal.get_by_role("button", name="Close").click()
    expect(refusal).to_have_count(0)
    wait_for_reviews(desk, own_server, [])
    assert all("422" in fault for fault in faults)
    faults.clear()


def test_refusals__of_many_the_newest_are_told_and_the_older_ones_as_these_are_closed(desk, own_server, faults):
    asked = []

    def refuse(route) -> None:
        asked.append(route)
        route.fulfill(status=409, json={"detail": f"verdict {len(asked)} came too late"})

    intercept(desk, "**/reviews", refuse)
    desk.keyboard.press("j")
    for n_refused in range(1, 6):
        desk.keyboard.press("d")
        wait_until(desk, lambda n_refused=n_refused: len(asked) == n_refused)
    told = desk.get_by_role("alert").filter(has_text="Not recorded", visible=True)
    more = desk.get_by_role("status").filter(has_text="more")

    def expect_told(*numbers: int) -> None:
        expect(told).to_contain_text([f"verdict {number} came too late" for number in numbers])

    expect_told(3, 4, 5)
    expect(more).to_contain_text("and 2 more were not recorded")
    told.nth(1).get_by_role("button", name="Close").click()
    expect_told(2, 3, 5)
    expect(more).to_contain_text("and 1 more was not recorded")
    told.last.get_by_role("button", name="Close").click()
    expect_told(1, 2, 3)
    expect(more).to_have_count(0)
    desk.keyboard.press("d")
    expect_told(2, 3, 6)
    more.get_by_role("button", name="Close all").click()
    expect(told).to_have_count(0)
    expect(more).to_have_count(0)
    assert all("409" in fault for fault in faults)
    faults.clear()


def test_undo__of_what_somebody_took_back_before__is_told_and_the_card_is_listed(desk, own_server, faults):
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    desk.keyboard.press("d")
    wait_for_list(desk, ids[1:3])
    held = []
    intercept(desk, "**/reviews/undo", held.append)
    desk.keyboard.press("u")
    wait_until(desk, lambda: held)
    (standing,) = reviews(desk, own_server)
    undone = {"who": "Bob", "review_id": standing["id"]}
    assert desk.request.post(f"{own_server}/api/v1/{COLLECTION}/reviews/undo", data=undone).ok
    held[0].continue_()
    expect(desk.get_by_role("alert").filter(has_text="taken back")).to_be_visible()
    wait_for_list(desk, ids[:3])
    assert all("422" in fault for fault in faults)
    faults.clear()


def test_reviewer__is_kept_by_the_browser_and_with_the_verdict(desk, own_server):
    name = desk.get_by_label("Your name, kept with your verdicts")
    desk.get_by_label("Menu: your name, light or dark").click()
    name.fill("Ann")
    name.press("Enter")
    desk.reload()
    desk.wait_for_function(MAP_IS_PAINTED)
    desk.wait_for_function("() => document.querySelectorAll('.suspect').length === 24")
    expect(name).to_have_value("Ann")
    desk.locator(".suspect").first.get_by_role("button", name="Later").click()
    expect(desk.locator("#verdict-message")).to_contain_text("left for later")
    wait_for_reviews(desk, own_server, ["Ann"], lambda review: review["who"])


def test_watch__another_persons_verdict_leaves_the_list(desk, own_server):
    ids = desk.evaluate(LISTED)
    verdict = {"ids": [ids[0]], "verdict": "dismiss", "who": "Bob"}
    assert desk.request.post(f"{own_server}/api/v1/{COLLECTION}/reviews", data=verdict).status == 201
    wait_for_list(desk, ids[1:4])


def test_watch__new_points_are_noticed_and_the_view_stays(desk, own_server, tmp_path):
    (tmp_path / "red").mkdir()
    noise = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "red" / "new.png")
    desk.locator("[data-map-tool=zoom-in]").click()
    desk.get_by_role("checkbox", name="3", exact=True).check()
    view = desk.evaluate("lookalike.map.camera.toText()")
    run = {"kind": "index", "source": str(tmp_path), "collection": "tf_efficientnet_lite0"}
    assert desk.request.post(f"{own_server}/api/v1/runs", data=run).status == 202
    expect(desk.locator("#header-count")).to_have_text("1,798 points · 61 images", timeout=90_000)
    expect(desk.locator("#map-making")).to_contain_text("Points changed since this map was made", timeout=90_000)
    desk.wait_for_function(MAP_IS_PAINTED)
    assert desk.evaluate("lookalike.map.camera.toText()") == view
    expect(desk.get_by_role("checkbox", name="3", exact=True)).to_be_checked()
    expect(desk.get_by_text("of 1,798 match")).to_be_visible()


def test_skip__the_point_keeps_its_suggestion_and_the_buttons_that_decide_it(desk, own_server):
    first = desk.evaluate(LISTED)[0]
    _, suggested = claim(desk.locator(".suspect").first)
    desk.keyboard.press("j")
    desk.keyboard.press("s")
    wait_for_reviews(desk, own_server, ["skip"], lambda review: review["verdict"])
    desk.locator(f".suspect[data-point-id='{first}'] img").first.click()
    point = desk.locator("#point-verdict")
    expect(point).to_contain_text("left for later")
    expect(point).to_contain_text("looks like")
    point.get_by_role("button", name=f"→ {suggested}").click()
    wait_for_reviews(desk, own_server, [(first, "accept")], lambda review: (review["point_id"], review["verdict"]))


def test_marked__one_message_tells_of_all_and_takes_all_back(desk, own_server):
    cards = desk.locator(".suspect")
    wanted = {claim(card)[1]: card for card in cards.all()}
    assert len(wanted) > 1
    for card in [*wanted.values()][:2]:  # their classes differ, so that each is an order of its own
        card.locator(".card-mark").click()
    desk.locator(".bulk-bar").get_by_role("button", name="Accept suggested classes").click()
    message = desk.locator("#verdict-message")
    desk.wait_for_function("() => lookalike.queue.orders.length === 0")
    judged = len(reviews(desk, own_server))
    assert judged > 1
    expect(message).to_contain_text(f"accepted: {judged} objects")
    message.get_by_role("button", name="Undo").click()
    expect(message).to_contain_text(f"taken back: verdicts on {judged} objects")
    wait_for_reviews(desk, own_server, [])


def test_messages__cover_no_verdict_button(desk, faults):
    desk.set_viewport_size({"width": 1280, "height": 800})
    desk.get_by_role("button", name="Full height").click()
    expect(desk.locator(".review-verdicts").get_by_role("button").first).to_be_visible()
    desk.keyboard.press("s")
    expect(desk.locator("#verdict-message")).to_contain_text("left for later")
    assert desk.evaluate(COVERED) == []
    intercept(desk, "**/reviews", lambda route: route.abort())
    desk.keyboard.press("d")
    expect(desk.locator(".review-bar")).to_contain_text("1 verdict waiting")
    assert desk.evaluate(COVERED) == []
    desk.unroute("**/reviews")
    desk.wait_for_function("() => lookalike.queue.orders.length === 0")
    faults.clear()  # the lost connection is meant
