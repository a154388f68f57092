"""The centre's views: a gallery and a table of what the filter leaves, and a selection that can be worked with."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.judging import COLLECTION, reviews
from tests.browser.serving import MAP_IS_PAINTED

N_WRONG = 50


def choose_view(page, name):
    page.get_by_role("radio", name=name, exact=True).check(force=True)


def options(page):
    return page.get_by_role("listbox", name="Gallery").get_by_role("option")


def option_at(page, place):
    """The crop at a place of the gallery, from 1."""
    return page.locator(f"[role=option][aria-posinset='{place}']")


@pytest.fixture
def gallery(desk):
    choose_view(desk, "Gallery")
    expect(option_at(desk, 1)).to_have_attribute("data-point-id", re.compile("."))
    return desk


def test_gallery__holds_all_points_the_doubtful_first_and_few_in_the_document(gallery):
    expect(gallery.get_by_role("status").filter(has_text="1,797 points")).to_be_visible()
    first = gallery.evaluate("document.querySelector('.suspect').dataset.pointId")
    assert option_at(gallery, 1).get_attribute("data-point-id") == first
    assert options(gallery).count() < 120
    expect(option_at(gallery, 1)).to_have_attribute("aria-setsize", "1797")

    option_at(gallery, 1).click()
    gallery.keyboard.press("End")
    expect(option_at(gallery, 1797)).to_be_in_viewport()
    gallery.keyboard.press("Enter")
    last = option_at(gallery, 1797).get_attribute("data-point-id")
    gallery.wait_for_function(f"() => lookalike.selected.id === '{last}'")
    assert "view=gallery" in gallery.url


@pytest.mark.parametrize("keys", ["Control+a", "Meta+a"])
def test_gallery__ctrl_a_marks_all_points_wherever_the_focus_is(gallery, keys):
    selected = "() => String(getSelection())"
    gallery.locator(".header .brand").click()
    gallery.keyboard.press(keys)
    expect(gallery.get_by_text("1,797 marked")).to_be_visible()
    assert gallery.evaluate(selected) == ""
    gallery.keyboard.press("Escape")
    option_at(gallery, 1).click()
    gallery.keyboard.press(keys)
    expect(gallery.get_by_text("1,797 marked")).to_be_visible()
    gallery.get_by_label("Suspect score from").focus()
    gallery.keyboard.press(keys)  # the text of the field
    gallery.locator(".suspect").first.click()
    gallery.keyboard.press(keys)
    expect(gallery.get_by_text("24 marked")).to_be_visible()
    assert gallery.evaluate(selected) == ""


WIDE = ["WWWWWWWWWWWWWWW", "小型車両・大型車両・特殊車両", "MIXED-WAGONS-OF-MAHOGANY-WOOD"]
CUT_CAPTIONS = """() => [...document.querySelectorAll('.crop-name')]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.dataset.caption)"""


def test_gallery__captions_of_wide_letters_keep_both_ends(open_page, server):
    page = open_page("about:blank")

    def answer(route):
        found = route.fetch().json()
        for place, point in enumerate(found["points"]):
            point["class_name"] = WIDE[place % len(WIDE)]
        route.fulfill(json=found)

    page.route("**/gallery", answer)
    page.goto(f"{server}/?view=gallery")
    for size in ("200", "120", "88"):
        page.get_by_label("Size of crops").fill(size)
        page.wait_for_function("() => document.querySelectorAll('.crop-name').length > 8")
        assert page.evaluate(CUT_CAPTIONS) == []
    assert re.fullmatch("W+…W+", page.locator(".crop-name").first.get_attribute("data-caption"))


def test_gallery__a_class_is_relabelled_in_three_actions_and_one_undo(desk, own_server):
    query = {"class_name": ["3"], "limit": N_WRONG}
    listed = desk.request.post(f"{own_server}/api/v1/{COLLECTION}/gallery", data=query).json()["points"]
    chosen = {point["id"] for point in listed}

    desk.get_by_role("button", name="Show all of 3", exact=True).click()
    expect(desk.locator(".chip-count")).to_have_text("184 of 1,797 match")  # the list was begun anew by then
    expect(option_at(desk, 1)).to_have_attribute("data-point-id", listed[0]["id"])
    option_at(desk, 1).click()
    desk.get_by_role("listbox", name="Gallery").evaluate("list => list.scrollTo(0, 600)")
    expect(option_at(desk, N_WRONG)).to_have_attribute("data-point-id", listed[-1]["id"])
    option_at(desk, N_WRONG).click(modifiers=["Shift"])  # 1: the range
    expect(desk.get_by_text("50 marked")).to_be_visible()
    desk.keyboard.press("c")
    desk.keyboard.type("8")  # 2: the class
    desk.keyboard.press("Enter")  # 3: it is accepted

    desk.wait_for_function("() => lookalike.queue.orders.length === 0 && lookalike.queue.verdicts.length === 1")
    given = desk.request.get(f"{own_server}/api/v1/{COLLECTION}/reviews?limit=1000").json()["reviews"]
    assert {review["point_id"] for review in given} == chosen
    assert {(review["given_class"], review["class_name"]) for review in given} == {("3", "8")}
    expect(option_at(desk, N_WRONG)).to_have_attribute("aria-label", re.compile("accepted as 8"))

    expect(desk.get_by_role("tab", name="Reviewed", exact=True)).to_have_attribute("data-count", str(N_WRONG))
    desk.evaluate("lookalike.map.choose(-1, 'list')")
    expect(desk.get_by_role("region", name="Overview")).to_contain_text(f"{N_WRONG} of")
    expect(desk.get_by_role("listbox", name="Gallery")).to_be_focused()  # since the class was given
    desk.keyboard.press("u")
    desk.wait_for_function("() => lookalike.queue.orders.length === 0")
    assert reviews(desk, own_server) == []


def test_gallery__keys_walk_mark_and_judge(gallery, own_server):
    option_at(gallery, 1).click()
    gallery.keyboard.press("ArrowRight")
    expect(option_at(gallery, 2)).to_have_attribute("aria-current", "true")
    gallery.keyboard.press(" ")
    gallery.keyboard.press("Shift+ArrowRight")
    expect(gallery.get_by_text("2 marked")).to_be_visible()
    gallery.keyboard.press("d")
    gallery.wait_for_function("() => lookalike.queue.orders.length === 0")
    ids = {option_at(gallery, place).get_attribute("data-point-id") for place in (2, 3)}
    assert {(one["point_id"], one["verdict"]) for one in reviews(gallery, own_server)} == {
        (one, "dismiss") for one in ids
    }


def test_gallery__follows_the_filter_and_the_address_leads_back(gallery):
    gallery.get_by_role("checkbox", name="7", exact=True).check()
    expect(gallery.get_by_role("status").filter(has_text="181 points")).to_be_visible()
    gallery.get_by_role("combobox", name="Order by").select_option("File name")
    expect(option_at(gallery, 1)).to_have_attribute("aria-label", re.compile("scan_01.png"))
    assert "order=file" in gallery.url
    gallery.reload()
    expect(gallery.get_by_role("radio", name="Gallery")).to_be_checked()
    expect(gallery.get_by_role("status").filter(has_text="181 points")).to_be_visible()
    expect(option_at(gallery, 1)).to_have_attribute("aria-label", re.compile("scan_01.png"))


def test_gallery__is_ordered_as_asked_and_turned_around(gallery, own_server):
    for title, order in (("Outlier score", "outlier"), ("Size", "size"), ("Class", "class"), ("File name", "file")):
        gallery.get_by_role("combobox", name="Order by").select_option(title)
        for descending in (order in ("outlier", "size"), order not in ("outlier", "size")):
            query = {"order": order, "descending": descending, "limit": 2}
            first, then = gallery.request.post(f"{own_server}/api/v1/{COLLECTION}/gallery", data=query).json()["points"]
            expect(option_at(gallery, 1)).to_have_attribute("data-point-id", first["id"])
            expect(option_at(gallery, 2)).to_have_attribute("data-point-id", then["id"])
            gallery.get_by_role("button", name="Turn the order around").click()


def test_gallery__by_similarity_begins_with_the_point_and_says_that_it_needs_one(gallery, own_server):
    gallery.get_by_role("combobox", name="Order by").select_option("Similarity to the point")
    expect(gallery.get_by_role("region", name="Points")).to_contain_text("hoose a point first")
    gallery.locator(".suspect").first.click()
    point = gallery.evaluate("lookalike.selected.id")
    gallery.get_by_role("combobox", name="Order by").select_option("Class")
    gallery.get_by_role("combobox", name="Order by").select_option("Similarity to the point")
    expect(option_at(gallery, 1)).to_have_attribute("data-point-id", point)
    expect(option_at(gallery, 1)).to_have_attribute("aria-label", re.compile(r"1\.000"))


def test_table__is_sorted_by_its_headers_and_walked_by_key(desk):
    choose_view(desk, "Table")
    table = desk.get_by_role("grid", name="Table")
    expect(table.get_by_role("row")).not_to_have_count(0)
    expect(table.get_by_role("columnheader", name="Suspect score")).to_have_attribute("aria-sort", "descending")
    desk.get_by_role("button", name="Class", exact=True).click()
    expect(table.get_by_role("columnheader", name="Class")).to_have_attribute("aria-sort", "ascending")
    first = table.locator("[aria-rowindex='2']")
    expect(first.get_by_role("gridcell").nth(1)).to_have_text("0")
    desk.get_by_role("button", name="Class", exact=True).click()
    expect(first.get_by_role("gridcell").nth(1)).to_have_text("9")

    first.click()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    second = table.locator("[aria-rowindex='3']").get_attribute("data-point-id")
    desk.wait_for_function(f"() => lookalike.selected.id === '{second}'")


# ---- the selection -------------------------------------------------------------------------------------------------

CHOSEN = "[...lookalike.map.chosenRows].sort((a, b) => a - b)"


def test_selection__shift_adds_alt_takes_away_and_each_step_is_taken_back(explorer, place_of):
    explorer.evaluate("lookalike.map.viewport.fit({ animate: false })")
    lonely = """() => [...Array(lookalike.map.nPoints).keys()].filter((row) => {
        const [x, y] = lookalike.map.camera.toScreen(...lookalike.map.columns.position(row));
        return x > 60 && y > 60 && x < 600 && y < 330 && lookalike.map.pick(x, y) === row;
    }).slice(0, 3)"""
    rows = sorted(explorer.evaluate(lonely))
    for row, keys in ((rows[0], "Shift"), (rows[1], "Shift"), (rows[2], "Shift"), (rows[0], "Alt")):
        explorer.keyboard.down(keys)
        explorer.mouse.click(*place_of(row))
        explorer.keyboard.up(keys)
    assert explorer.evaluate(CHOSEN) == rows[1:]

    explorer.locator(".point-map-canvas").focus()
    explorer.keyboard.press("Control+z")
    assert explorer.evaluate(CHOSEN) == rows
    explorer.get_by_role("button", name="Undo selection").click()
    assert explorer.evaluate(CHOSEN) == rows[:2]
    explorer.get_by_role("button", name="Redo selection").click()
    assert explorer.evaluate(CHOSEN) == rows


def test_selection__is_named_linked_to_and_tagged(desk, own_server, open_page):
    desk.evaluate("lookalike.map.select([3, 1, 2])")
    field = desk.get_by_role("textbox", name="Name or tag of the selection").or_(
        desk.get_by_role("combobox", name="Name or tag of the selection")
    )
    field.fill("three odd ones")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("combobox", name="Saved selections")).to_have_value("three odd ones")
    expect(desk.locator(".histogram")).to_be_visible()
    desk.evaluate(
        """() => new MutationObserver(() => {
          window.saidUnknown ||= document.querySelector('.filter-panel').innerText.includes('Not computed yet');
        }).observe(document.querySelector('.filter-panel'), { childList: true, subtree: true, characterData: true })"""
    )
    first_version = desk.evaluate("lookalike.spec.url")
    desk.get_by_role("button", name="Tag", exact=True).click()
    expect(desk.get_by_role("checkbox", name="three odd ones")).to_be_visible()
    desk.get_by_role("tab", name="Outliers", exact=True).click()
    desk.wait_for_function("url => lookalike.spec.url !== url", arg=first_version)  # the tags make it another version
    desk.wait_for_function(f"() => ({MAP_IS_PAINTED})() && lookalike.map.chosenRows.length === 3")
    assert not desk.evaluate("window.saidUnknown")
    expect(desk.get_by_role("tabpanel", name="Outliers", exact=True)).to_be_visible()
    expect(desk.get_by_role("tab", name="Selection", exact=True)).to_have_attribute("data-count", "3")

    link = desk.url
    assert "selection=three" in link
    again = open_page(link)
    again.wait_for_function(MAP_IS_PAINTED)
    again.wait_for_function("() => lookalike.map.chosenRows.length === 3")
    assert again.evaluate(CHOSEN) == [1, 2, 3]
    again.get_by_role("checkbox", name="three odd ones").check()
    choose_view(again, "Gallery")
    expect(again.get_by_role("status").filter(has_text="3 points")).to_be_visible()


def test_find_similar__a_selection_is_examples_and_the_next_one_counter_examples(explorer):
    examples = explorer.get_by_role("group", name="Find similar")
    panel = explorer.get_by_role("tabpanel", name="Selection")
    explorer.evaluate("lookalike.map.select([1, 2, 3])")
    expect(panel.get_by_role("button", name="Unlike these")).to_have_count(0)
    panel.get_by_role("button", name="Find similar").click()
    expect(examples).to_contain_text("Most like 3 points")
    choose_view(explorer, "Map")
    explorer.evaluate("lookalike.map.select([4, 5])")
    panel.get_by_role("button", name="Unlike these").click()
    expect(examples).to_contain_text("Most like 3 points, unlike 2")
    expect(explorer.get_by_role("status").filter(has_text="1,000 points")).to_be_visible()
    ids = explorer.evaluate("new URLSearchParams(location.search).getAll('unlike')")
    listed = [one.get_attribute("data-point-id") for one in options(explorer).all()]
    assert len(ids) == 2
    assert not set(ids) & set(listed)


def test_find_similar__by_examples_and_counter_examples_never_gives_one_of_them(gallery):
    ids = [option_at(gallery, place).get_attribute("data-point-id") for place in (1, 2, 3)]
    option_at(gallery, 1).click()
    gallery.keyboard.press("Shift+ArrowRight")
    gallery.keyboard.press("+")
    examples = gallery.get_by_role("group", name="Find similar")
    expect(examples).to_contain_text("Most like 2 points")
    expect(gallery.get_by_role("status").filter(has_text="1,000 points")).to_be_visible()
    assert ids[0] not in [one.get_attribute("data-point-id") for one in options(gallery).all()]

    option_at(gallery, 4).click()
    unlike = option_at(gallery, 4).get_attribute("data-point-id")
    gallery.keyboard.press("-")
    expect(examples).to_contain_text("unlike 1")
    expect(gallery.locator(f"[role=option][data-point-id='{unlike}']")).to_have_count(0)
    nearest = [option_at(gallery, place).get_attribute("data-point-id") for place in range(1, 6)]
    examples.get_by_role("checkbox", name="more diverse").check()
    expect(option_at(gallery, 3)).not_to_have_attribute("data-point-id", nearest[2])
    expect(option_at(gallery, 1)).to_have_attribute("data-point-id", nearest[0])
    examples.get_by_role("checkbox", name="one per image").check()
    expect(gallery.get_by_role("status").filter(has_text="60 points")).to_be_visible()
    examples.get_by_role("button", name="Show all again").click()
    expect(gallery.get_by_role("status").filter(has_text="1,797 points")).to_be_visible()
