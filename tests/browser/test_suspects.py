"""The list of suspects: marked cards, lists that are asked for anew, one at a time, and what tabs count."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.intercepting import CALLBACKS, intercept
from tests.browser.judging import COLLECTION, LISTED, SELECTED, claim, wait_for_list, wait_for_reviews


def test_marked__are_judged_at_once_leave_together_and_come_back_together(desk, own_server):
    ids = desk.evaluate(LISTED)
    for key in ("j", "Space", "j", "Space"):
        desk.keyboard.press(key)
    bar = desk.get_by_role("toolbar", name="Judge the marked")
    expect(bar).to_contain_text("2 marked")
    bar.get_by_role("button", name="Keep").click()
    desk.wait_for_function(f"id => ({LISTED})()[0] === id && {SELECTED} === id", arg=ids[2])
    wait_for_reviews(desk, own_server, [True, True], lambda review: review["point_id"] in ids[:2])
    desk.keyboard.press("u")
    desk.wait_for_function(f"id => ({LISTED})()[0] === id", arg=ids[0])
    wait_for_list(desk, ids[:3])
    wait_for_reviews(desk, own_server, [])


def test_marked__of_several_classes_are_refused_if_somebody_was_faster_with_one(desk, own_server, faults):
    cards = desk.locator(".suspect")
    second = next(place for place in range(1, 24) if claim(cards.nth(place))[0] != claim(cards.first)[0])
    ids = [cards.nth(place).get_attribute("data-point-id") for place in (0, second)]
    intercept(desk, CALLBACKS, lambda route: None)  # unanswered, so that the page does not hear of it by itself
    for place in (0, second):
        cards.nth(place).get_by_role("button", name="Mark suspect").click()
    verdict = {"ids": [ids[1]], "verdict": "dismiss", "who": "Bob"}
    assert desk.request.post(f"{own_server}/api/v1/{COLLECTION}/reviews", data=verdict).status == 201
    desk.get_by_role("toolbar", name="Judge the marked").get_by_role("button", name="Keep labels").click()
    expect(desk.get_by_role("alert").filter(has_text="was dismissed by Bob meanwhile")).to_be_visible()
    expect(cards.first).to_have_attribute("data-point-id", ids[0])
    wait_for_reviews(desk, own_server, [ids[1]], lambda review: review["point_id"])
    faults.clear()


def test_list__keeps_its_cards_and_the_current_one_while_it_is_asked_for_anew(desk, own_server):
    ids = desk.evaluate(LISTED)
    for key in "jjj":
        desk.keyboard.press(key)
    desk.evaluate("""() => {
        window.kept = document.querySelector('.suspect.is-current');
        window.fewest = 24;
        const count = () => { window.fewest = Math.min(window.fewest, document.querySelectorAll('.suspect').length); };
        new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
    }""")
    verdict = {"ids": [ids[0]], "verdict": "dismiss", "who": "Bob"}
    assert desk.request.post(f"{own_server}/api/v1/{COLLECTION}/reviews", data=verdict).status == 201
    desk.wait_for_function(f"id => !({LISTED})().includes(id)", arg=ids[0])
    assert desk.evaluate("[window.kept.isConnected, window.kept.classList.contains('is-current'), window.fewest]") == [
        True,
        True,
        24,
    ]
    assert desk.evaluate(SELECTED) == ids[2]


def test_inspector__marks_the_neighbors_that_voted_and_shows_examples_of_both_classes(desk):
    given, suggested = claim(desk.locator(".suspect").first)
    desk.keyboard.press("j")
    panel = desk.get_by_role("region", name="Nearest neighbors")
    of_given = panel.get_by_role("region", name=f"Nearest labelled {given}").get_by_role("button")
    of_suggested = panel.get_by_role("region", name=f"Nearest that are {suggested}").get_by_role("button")
    expect(of_given).to_have_count(4)
    expect(of_suggested).to_have_count(4)
    expect(panel).to_contain_text("neighbors that the reason counts")
    marked = panel.locator(".neighbor.is-evidence")
    expect(marked).to_have_count(10)  # "… of its 10 nearest"
    expect(marked.first).to_have_attribute("title", re.compile("counted in the reason"))
    example = of_suggested.first.get_attribute("data-point-id")
    of_suggested.first.click()
    desk.wait_for_function(f"id => {SELECTED} === id", arg=example)


def test_review__at_full_height_one_suspect_at_a_time_with_examples_of_both_classes(desk, own_server):
    ids = desk.evaluate(LISTED)
    total = int(desk.get_by_role("tab", name="Suspects").get_attribute("data-count"))
    given, suggested = claim(desk.locator(".suspect").first)
    desk.get_by_role("button", name="Full height").click()
    review = desk.get_by_role("group", name="Suspect under review")
    expect(review).to_contain_text(f"1 of {total}")
    expect(review.get_by_role("region", name=f"Nearest labelled {given}").get_by_role("button")).to_have_count(8)
    expect(review.get_by_role("region", name=f"Nearest that are {suggested}").get_by_role("button")).to_have_count(8)
    crop = review.get_by_role("img", name=f"The object labelled {given}")
    desk.wait_for_function("crop => crop.naturalWidth > 0", arg=crop.element_handle())
    assert crop.bounding_box()["width"] > 280
    desk.keyboard.press("d")
    expect(review).to_contain_text(re.compile(r"\b2 of \d+"))
    assert desk.evaluate(SELECTED) == ids[1]
    desk.keyboard.press("s")
    expect(review).to_contain_text(re.compile(r"\b3 of \d+"))
    desk.keyboard.press("u")
    desk.keyboard.press("u")
    expect(review).to_contain_text(f"1 of {total}")
    assert desk.evaluate(SELECTED) == ids[0]
    desk.get_by_role("button", name="Full height").click()
    expect(desk.locator(".suspect")).to_have_count(24)
    wait_for_reviews(desk, own_server, [])


def test_pages__are_in_the_address_and_back_leads_to_the_one_before(desk):
    cards, place = desk.locator(".suspect"), desk.locator(".page-place")
    firsts = [cards.first.get_attribute("data-point-id")]
    for page in (2, 3):
        desk.get_by_role("button", name="Next page").click()
        expect(place).to_contain_text(f"{page} /")
        expect(cards.first).not_to_have_attribute("data-point-id", firsts[-1])
        firsts.append(cards.first.get_attribute("data-point-id"))
    desk.wait_for_url(re.compile(r"[?&]page=3"))
    desk.reload()
    expect(cards.first).to_have_attribute("data-point-id", firsts[2])
    desk.go_back()
    expect(cards.first).to_have_attribute("data-point-id", firsts[1])

    desk.get_by_role("checkbox", name="5", exact=True).check()  # another list begins at its first page
    expect(place).to_contain_text("1 /")
    desk.wait_for_function("() => !location.search.includes('page=')")
    desk.go_back()
    expect(cards.first).to_have_attribute("data-point-id", firsts[1])
    desk.go_back()
    expect(cards.first).to_have_attribute("data-point-id", firsts[0])
    assert "page=" not in desk.url


def test_pages__beyond_the_last_one_are_the_last_one(desk, open_page, own_server):
    n_pages = -(-int(desk.get_by_role("tab", name="Suspects").get_attribute("data-count")) // 24)
    page = open_page(f"{own_server}/?page=999")
    expect(page.locator(".page-place")).to_contain_text(f"{n_pages} / {n_pages}")
    page.wait_for_url(re.compile(rf"[?&]page={n_pages}\b"))


def test_tabs__say_how_many_entries_there_are_and_follow_verdicts(desk):
    tab = desk.get_by_role("tab", name="Suspects", exact=True)
    n_before = int(tab.get_attribute("data-count"))
    for name in ("Duplicates", "Clusters"):
        expect(desk.get_by_role("tab", name=name, exact=True)).to_have_attribute(
            "aria-description", re.compile(r"^\d+ ")
        )
    desk.keyboard.press("j")
    desk.keyboard.press("d")
    desk.wait_for_function("n => document.querySelector('#dock-tab-suspects').dataset.count < n", arg=n_before)
    expect(desk.get_by_role("tab", name="Reviewed", exact=True)).to_have_attribute("data-count", re.compile(r"^\d+$"))
    desk.evaluate("lookalike.map.select([1, 2, 3])")
    expect(desk.get_by_role("tab", name="Selection", exact=True)).to_have_attribute("aria-description", "3 entries")


WORDS_BY_LINE = """reason => {
  const lines = new Map();
  const text = document.createTreeWalker(reason, NodeFilter.SHOW_TEXT);
  while (text.nextNode()) {
    for (const { index, 0: word } of text.currentNode.nodeValue.matchAll(/[^\\s]+/g)) {
      const range = document.createRange();
      range.setStart(text.currentNode, index);
      range.setEnd(text.currentNode, index + word.length);
      const top = Math.round(range.getBoundingClientRect().top);
      lines.set(top, (lines.get(top) ?? 0) + 1);
    }
  }
  return [...lines.values()];
}"""


def test_reasons__leave_no_name_of_a_class_alone_on_its_line(desk):
    """Three columns of cards leave so little room that reasons take two lines."""
    desk.set_viewport_size({"width": 1440, "height": 900})
    lines = [reason.evaluate(WORDS_BY_LINE) for reason in desk.locator(".suspect .card-reason").all()]
    assert any(len(one) > 1 for one in lines)
    assert [one for one in lines if len(one) > 1 and one[-1] < 2] == []
