"""No verdict is lost or misdirected: servers die, pages reload, somebody is faster, keys are pressed elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.intercepting import CALLBACKS, intercept
from tests.browser.judging import LISTED, SELECTED, wait_for_list, wait_until
from tests.browser.serving import MAP_IS_PAINTED, Server
from tests.copies import copy_data

N_WAITING = "lookalike.queue.orders.length"
COUNTED = """() => {
  const seconds = Number(document.querySelector('.review-bar').textContent.match(/Next try in (\\d+) s/)?.[1]);
  const isLess = seconds < window.secondsBefore;
  window.secondsBefore = seconds;
  return isLess;
}"""
"""Whether the bar counts down: it has fewer seconds than when it was looked at last."""


@pytest.fixture(scope="module")
def served(sample, tmp_path_factory):
    server = Server(copy_data(sample, tmp_path_factory.mktemp("reviewing") / "data"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mortal(served):
    """A server that a test may kill and start again; verdicts that a test leaves behind are taken back."""
    yield served
    if not served.is_alive:
        served.start()
    for review in served.ask("reviews")["reviews"]:
        served.ask("reviews/undo", {"who": "test", "review_id": review["id"]})


@pytest.fixture
def page(open_page, mortal) -> Iterator[Page]:
    opened = open_page(mortal.url)
    wait_for_suspects(opened)
    yield opened
    opened.close()


def wait_for_suspects(page: Page) -> None:
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_function("() => document.querySelectorAll('.suspect').length > 20")


def press_keys(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def dismiss_selected(page: Page) -> str:
    """Press the key on the selected suspect; gives its id."""
    selected = page.evaluate(SELECTED)
    page.keyboard.press("d")
    return selected


def test_verdicts__server_killed_in_the_middle_of_twenty_keys_records_each_once(page, mortal, faults):
    n_before = mortal.ask("reviews/log")["total"]
    page.keyboard.press("j")
    judged = [dismiss_selected(page) for _ in range(7)]
    page.wait_for_function(f"() => {N_WAITING} < 6")
    mortal.kill()
    judged += [dismiss_selected(page) for _ in range(13)]
    bar = page.get_by_role("status").filter(has_text="waiting")
    expect(bar).to_contain_text(re.compile(r"Connection lost, \d+ verdicts waiting\. *Next try in \d+ s"))
    page.wait_for_function(f"() => ({COUNTED})()")
    mortal.start()
    page.locator("button", has_text="Try now").evaluate("one => one.click()")  # hidden if the page was faster
    page.wait_for_function(f"() => {N_WAITING} === 0")
    expect(bar).to_be_hidden()
    assert sorted(review["point_id"] for review in mortal.ask("reviews")["reviews"]) == sorted(judged)
    assert len(set(judged)) == 20
    assert mortal.ask("reviews/log")["total"] == n_before + 20
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('lookalike-order'))") == []
    faults.clear()


def test_verdicts__survive_a_reload_and_leaving_with_some_is_warned_of(page, mortal, faults):
    ids = page.evaluate(LISTED)
    page.keyboard.press("j")
    intercept(page, "**/reviews", lambda route: route.abort())
    press_keys(page, "dds")
    expect(page.get_by_role("status").filter(has_text="Connection lost, 3 verdicts waiting")).to_be_visible()
    warnings = []

    def leave(dialog):
        warnings.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert warnings == ["beforeunload"]
    expect(page.get_by_role("status").filter(has_text="3 verdicts waiting")).to_be_visible()
    page.unroute("**/reviews")
    page.wait_for_function(f"() => window.lookalike && {N_WAITING} === 0")
    verdicts = {review["point_id"]: review["verdict"] for review in mortal.ask("reviews")["reviews"]}
    assert verdicts == {ids[0]: "dismiss", ids[1]: "dismiss", ids[2]: "skip"}
    page.reload()
    assert len(warnings) == 1
    faults.clear()


def test_verdicts__an_answer_that_was_lost_is_asked_for_again_and_nothing_is_recorded_twice(page, mortal, faults):
    n_before = mortal.ask("reviews/log")["total"]
    lost = []

    def lose_first(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    intercept(page, "**/reviews", lose_first)
    press_keys(page, "jd")
    page.wait_for_function(f"() => {N_WAITING} === 0")
    assert lost == [201]
    assert mortal.ask("reviews/log")["total"] == n_before + 1
    press_keys(page, "u")
    expect(page.locator("#verdict-message")).to_contain_text("taken back")
    assert mortal.ask("reviews")["reviews"] == []
    faults.clear()


IMPATIENT = "const after = AbortSignal.timeout; AbortSignal.timeout = (ms) => after.call(AbortSignal, ms / 10);"
"""Who waits for 20 s waits for two."""


def test_verdicts__a_server_that_does_not_answer_is_asked_again(open_page, mortal):
    page = open_page("about:blank")
    page.add_init_script(IMPATIENT)
    page.goto(mortal.url)
    wait_for_suspects(page)
    held = []
    intercept(page, "**/reviews", held.append)
    page.keyboard.press("j")
    judged = dismiss_selected(page)
    wait_until(page, lambda: held)
    expect(page.get_by_role("status").filter(has_text="Connection lost, 1 verdict waiting")).to_be_visible()
    page.unroute("**/reviews")
    page.wait_for_function(f"() => {N_WAITING} === 0")
    assert [review["point_id"] for review in mortal.ask("reviews")["reviews"]] == [judged]


def test_verdicts__the_second_of_two_people_is_told_and_the_first_ones_stands(page, mortal, faults):
    first = page.evaluate(LISTED)[0]
    page.keyboard.press("j")
    intercept(page, CALLBACKS, lambda route: None)  # unanswered, so that the page does not hear of it by itself
    mortal.ask("reviews", {"ids": [first], "verdict": "dismiss", "who": "Bob"})
    page.keyboard.press("a")
    expect(page.get_by_role("alert").filter(has_text="Not recorded")).to_contain_text("was dismissed by Bob meanwhile")
    assert [(review["who"], review["verdict"]) for review in mortal.ask("reviews")["reviews"]] == [("Bob", "dismiss")]
    faults.clear()


def test_keys__escape_and_the_next_key_at_once_keep_the_selection(page):
    ids = page.evaluate(LISTED)
    for expected in (ids[0], ids[0], ids[0]):
        page.locator(".suspect").nth(2).click()
        page.wait_for_function(f"id => {SELECTED} === id && lookalike.map.selected >= 0", arg=ids[2])
        page.locator(".point-map-canvas").focus()
        press_keys(page, ["Escape", "j"])
        page.wait_for_timeout(1000)
        assert page.evaluate(SELECTED) == expected
        expect(page.locator("#point-content")).to_be_visible()


def test_choose__a_late_answer_about_a_dot_does_not_take_the_selection(page):
    held = []
    ids = page.evaluate(LISTED)
    intercept(page, re.compile(r"/rows\?rows="), held.append)
    page.evaluate("lookalike.map.choose(7, 'pointer')")
    wait_until(page, lambda: held)
    page.keyboard.press("j")
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_timeout(1000)
    assert page.evaluate(SELECTED) == ids[0]


def test_keys__neighbors_of_the_dot_before_do_not_take_the_walk_back(page):
    page.evaluate("lookalike.map.select([3, 1, 2])")
    neighbors, dots = [], []
    intercept(page, "**/neighbors", neighbors.append)
    page.keyboard.press("j")
    page.wait_for_function("() => lookalike.map.selected === 3")
    wait_until(page, lambda: neighbors)
    intercept(page, re.compile(r"/rows\?rows="), dots.append)
    page.keyboard.press("j")
    wait_until(page, lambda: dots)
    with page.expect_response(lambda answer: answer.url.endswith("/rows")):  # where the neighbors lie on the map
        neighbors[0].continue_()
    page.wait_for_timeout(200)
    assert page.evaluate("lookalike.map.selected") == 1
    page.keyboard.press("k")
    page.wait_for_function("() => lookalike.map.selected === 3")


def test_keys__no_verdict_while_the_map_has_the_focus(page, mortal):
    ids = page.evaluate(LISTED)
    page.keyboard.press("j")
    page.locator(".point-map-canvas").focus()
    press_keys(page, "adsuc")
    expect(page.locator("#verdict-message")).to_contain_text("Verdict keys work in the list of suspects")
    assert page.evaluate(f"[{N_WAITING}, ({LISTED})()]") == [0, ids]
    assert mortal.ask("reviews")["reviews"] == []
    press_keys(page, "jd")  # back in the list
    expect(page.locator("#verdict-message")).to_contain_text("kept")
    assert [review["point_id"] for review in mortal.ask("reviews")["reviews"]] == [ids[1]]


def test_keys__a_list_under_a_selection_is_not_judged_and_keys_walk_along_what_is_in_view(page, mortal):
    page.keyboard.press("j")
    page.wait_for_function("() => lookalike.map.selected >= 0")
    page.evaluate("lookalike.map.select([3, 1, 2])")
    press_keys(page, "ads")
    expect(page.locator("#verdict-message")).to_contain_text("j goes to the list")
    for key, row in zip("jjk", (3, 1, 3), strict=True):
        page.keyboard.press(key)
        page.wait_for_function("row => lookalike.map.selected === row", arg=row)
    assert mortal.ask("reviews")["reviews"] == []
    selected = page.evaluate("async () => (await lookalike.selection.readPoints())[0].id")  # of row 3
    page.wait_for_function("id => lookalike.selected.id === id", arg=selected)
    skip = page.locator(f"#point-verdict .is-skip[data-judged='{selected}']")
    expect(skip).to_be_visible()
    skip.focus()
    page.keyboard.press("s")  # beside the point, which is in view
    expect(page.locator("#verdict-message")).to_contain_text("left for later")
    assert [review["point_id"] for review in mortal.ask("reviews")["reviews"]] == [selected]


def test_list__follows_a_verdict_without_asking_what_changed(page):
    ids = page.evaluate(LISTED)
    page.keyboard.press("j")
    intercept(page, "**/collections/tf_efficientnet_lite0", lambda route: route.abort())
    intercept(page, CALLBACKS, lambda route: None)  # Dash tells it nothing either
    page.keyboard.press("d")
    page.wait_for_function(f"() => {N_WAITING} === 0")
    wait_for_list(page, ids[1:5])  # listed anew, not only hidden
