"""The one filter: facets on the left narrow the map and the lists, and the address keeps them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.many import N_CLASSES, show_a_pixel
from tests.browser.serving import MAP_IS_PAINTED, MATCHING, Server
from tests.browser.states import paint
from tests.browser.test_accessibility import PHONE, axe, violations  # noqa: F401 (a fixture)
from tests.browser.test_views import choose_view
from tests.copies import copy_data


@pytest.fixture(scope="module")
def judged_server(chromium, sample, tmp_path_factory):
    """A server of its own, where three suspects were judged."""
    server = Server(copy_data(sample, tmp_path_factory.mktemp("judged") / "data"))
    server.start()
    ids = [suspect["id"] for suspect in server.ask("suspects?limit=3")["suspects"]]
    for point_id, verdict in zip(ids, ("dismiss", "skip", "dismiss"), strict=True):
        server.ask("reviews", {"ids": [point_id], "verdict": verdict, "who": "Ann"})
    yield server
    server.stop()


@pytest.fixture
def page(open_page, judged_server):
    opened = open_page(judged_server.url)
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.wait_for_function("() => location.search.includes('projection=')")
    expect(facet(opened, "Suspect score").get_by_label("Suspect score from")).to_be_visible()
    return opened


def facet(page, name):
    return page.get_by_role("region", name=name, exact=True)


def check(page, name: str) -> None:
    page.get_by_role("checkbox", name=name, exact=True).check()


def expect_matching(page, count: int) -> None:
    """So many points fit: the words say it, and the map greys the rest."""
    expect(page.locator(".map-panel").get_by_role("status").first).to_have_text(f"{count:,} of 1,797 match")
    page.wait_for_function(f"count => ({MATCHING})() === count", arg=count)


def test_facets__count_every_value(page, judged_server):
    counts = {entry["name"]: entry["count"] for entry in judged_server.ask("facets")["class_name"]}

    rows = facet(page, "Class").locator(".facet-value")
    expect(rows).to_have_count(10)
    assert {
        row.locator(".facet-name").inner_text(): int(row.locator(".facet-count").inner_text()) for row in rows.all()
    } == counts
    assert sum(counts.values()) == 1797
    assert facet(page, "Review").locator(".facet-count").all_inner_texts() == ["1,794", "1", "0", "2"]


def test_class__a_click_shows_only_one_and_the_box_adds_another(page):
    facet(page, "Class").get_by_role("button", name=re.compile("^3")).click()
    expect_matching(page, 184)
    assert page.evaluate("lookalike.spec.classNames.filter((_, index) => lookalike.map.visible[index])") == ["3"]
    check(page, "7")
    expect_matching(page, 184 + 181)
    expect(page.get_by_role("button", name="Take away class 3")).to_be_visible()
    page.get_by_role("button", name="Take away class 3").click()
    expect_matching(page, 181)
    facet(page, "Class").get_by_role("button", name=re.compile("^7")).click()
    expect(page.get_by_text("1,797 match")).to_have_count(0)
    page.wait_for_function(f"() => ({MATCHING})() === 1797")


def test_facets__are_counted_under_the_others(page, judged_server):
    check(page, "scans/archive")
    expect_matching(page, 597)
    classes = {
        entry["name"]: entry["count"] for entry in judged_server.ask("facets?dataset=scans%2Farchive")["class_name"]
    }
    three = facet(page, "Class").get_by_role("button", name=re.compile("^3")).locator(".facet-count")
    expect(three).to_have_text(str(classes["3"]))
    check(page, "3")
    expect_matching(page, classes["3"])


def test_review_state__greys_all_but_the_judged(page):
    check(page, "kept")
    expect_matching(page, 2)
    check(page, "left for later")
    expect_matching(page, 3)
    picked = page.evaluate("""() => {
      const { map } = lookalike;
      const greyed = Array.from({ length: map.nPoints }, (_, row) => row).find((row) => !map.isVisible(row));
      return map.pick(...map.camera.toScreen(...map.columns.position(greyed)), 1);
    }""")
    assert picked == -1, "a greyed point cannot be chosen"


def test_classes_that_stay__are_not_painted_anew(page):
    """Any change of the filter tells the map its classes; a repaint would come before the one with the new points."""
    n_begun = page.evaluate("""async () => {
      const { map, mapPanel } = lookalike;
      const again = mapPanel.filtering.classFlags(mapPanel.spec.classNames);
      let nBegun = 0;
      const begin = map.renderer.onRestart;
      map.renderer.onRestart = () => { nBegun += 1; begin(); };
      const painted = async (flags) => {
        mapPanel.showClasses(flags);
        for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
        return nBegun;
      };
      return [await painted(again), await painted(again.map((flag, number) => (number === 0 ? 0 : flag)))];
    }""")
    assert n_begun == [0, 1]


def test_score__by_number_and_by_brush(page, judged_server):
    field = page.get_by_label("Suspect score from")
    field.fill("0.9")
    field.press("Enter")
    n_high = judged_server.ask("facets?score_from=0.9")["n_matching"]
    expect_matching(page, n_high)
    expect(page.get_by_role("button", name="Take away score from 0.9")).to_be_visible()

    box = page.locator(".histogram").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.51, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.74, box["y"] + 20)
    page.mouse.up()
    expect(field).to_have_value("0.5")
    expect(page.get_by_label("Suspect score to")).to_have_value("0.75")
    expect_matching(page, judged_server.ask("facets?score_from=0.5&score_to=0.75")["n_matching"])


def test_lists__hold_only_what_fits(page, judged_server):
    check(page, "4")
    page.get_by_role("tab", name="Outliers").click()
    cards = page.get_by_role("listbox", name="Outliers").get_by_role("option")
    expect(cards.first).to_be_visible()
    classes = (
        "new Set([...document.querySelectorAll('[aria-label=Outliers] .class-name')].map((one) => one.textContent))"
    )
    page.wait_for_function(f"() => {classes}.size === 1 && {classes}.has('4')")
    check(page, "6")
    page.wait_for_function(f"() => {classes}.size === 2")
    page.get_by_role("checkbox", name="6", exact=True).uncheck()
    page.get_by_role("tab", name="Clusters").click()
    n_all, n_fitting = (
        len(judged_server.ask("clusters", wanted)["clusters"]) for wanted in ({}, {"class_name": ["4"]})
    )
    assert n_fitting < n_all
    listed = "n => document.querySelectorAll('.cluster').length === n"
    page.wait_for_function(listed, arg=n_fitting)
    page.get_by_role("button", name="Clear all").first.click()
    page.wait_for_function(listed, arg=n_all)


def test_neighbors__are_looked_for_among_what_fits(page):
    page.evaluate("lookalike.map.choose(5, 'list')")
    expect(page.locator(".neighbor")).to_have_count(20)
    check(page, "scans/archive")
    page.wait_for_function(r"""() => {
        const cards = [...document.querySelectorAll('.neighbor')];
        return cards.length === 20 && cards.every((card) => /scan_(4[1-9]|5\d|60)\.png/.test(card.title));
    }""")
    check(page, "accepted")
    expect(page.locator(".neighbors")).to_contain_text("None of the 1,797 points fits the filter.")


@pytest.fixture
def search(page):
    return page.get_by_role("combobox", name="Search by words, file name, id or class")


@pytest.fixture
def results(page):
    return page.get_by_role("region", name="Search results")


@pytest.fixture
def n_of_scan(judged_server):
    """Points of an image: all, and those of class 3; no more than 24 are listed."""
    n_all, n_threes = (
        judged_server.ask("find", {"text": "scan_17", **wanted})["n_points"] for wanted in ({}, {"class_name": ["3"]})
    )
    assert 1 < n_threes < 24 < n_all
    return n_all, n_threes


def test_search__finds_what_fits_and_offers_the_rest(page, search, results, n_of_scan):
    n_all, n_threes = n_of_scan
    check(page, "3")
    expect_matching(page, 184)
    search.fill("scan_17")
    expect(results.get_by_role("heading")).to_have_text(f"{n_threes} points")
    expect(results.get_by_role("button", name="scan_17.png 3")).to_have_count(n_threes)
    expect(results).to_contain_text(f"{n_all - n_threes} more points outside the filter")
    results.get_by_role("button", name="All points").click()
    expect(results.get_by_role("heading")).to_have_text(f"The first 24 of {n_all} points")
    expect(results).to_contain_text("Of all points, whatever the filter")
    results.get_by_role("button", name="Only the filter").click()
    expect(results.get_by_role("heading")).to_have_text(f"{n_threes} points")


@pytest.mark.parametrize("by", ["id", "image_name"])
def test_search__an_exact_name_outside_the_filter_is_not_nothing(page, judged_server, search, results, by):
    (seven,) = judged_server.ask("points", {"class_name": ["7"], "limit": 1})["points"]
    threes = judged_server.ask("find", {"text": seven[by], "class_name": ["3"]})
    check(page, "3")
    check(page, "kept")
    expect_matching(page, 0)
    search.fill(seven[by])
    expect(results).to_contain_text("Nothing that fits the filter has this.")
    n_outside = threes["n_points"] + threes["n_points_outside"]
    expect(results).to_contain_text(re.compile(rf"\b{n_outside} points? outside the filter do(es)?"))
    results.get_by_role("button", name="All points").click()
    expect(results.locator(".search-point")).to_have_count(min(n_outside, 24))
    results.locator(f"[data-point-id='{seven['id']}']").click()
    expect(page.get_by_role("region", name="Selected point", exact=True)).to_be_focused()


def test_search__follows_the_filter(page, search, results, n_of_scan):
    n_all, n_threes = n_of_scan
    search.fill("scan_17")
    expect(results.get_by_role("heading")).to_have_text(f"The first 24 of {n_all} points")
    check(page, "3")
    expect_matching(page, 184)
    expect(results).to_be_hidden()
    search.focus()
    expect(results.get_by_role("heading")).to_have_text(f"{n_threes} points")
    page.go_back()  # with the results in view
    expect(results.get_by_role("heading")).to_have_text(f"The first 24 of {n_all} points")
    expect(results).not_to_contain_text("outside the filter")


def test_search__a_class_has_its_points_that_fit(page, judged_server, search, results):
    wanted = {"text": "7", "dataset": ["scans/archive"]}
    (seven,) = (one for one in judged_server.ask("find", wanted)["classes"] if one["name"] == "7")
    assert 0 < seven["count"] < 181
    check(page, "scans/archive")
    expect_matching(page, 597)
    search.fill("7")
    results.get_by_role("button", name=f"7 {seven['count']}").click()
    expect(page.get_by_role("heading", name=re.compile(f"Selection · {seven['count']}"))).to_be_visible()


def test_search__enter_leads_to_what_fits_not_to_the_rest(page, search, results):
    check(page, "3")
    expect_matching(page, 184)
    search.fill("scan_17")
    expect(results).to_contain_text("outside the filter")
    search.press("Enter")
    expect(page.locator(".point-class").first).to_be_visible()
    expect(page.locator(".point-names")).to_have_attribute("title", "3")


@pytest.mark.parametrize("name", ["Suspects", "Duplicates", "Confusion", "Clusters", "Outliers"])
def test_lists__that_nothing_fits_name_the_filter_and_take_it_away(page, name):
    check(page, "accepted")
    expect_matching(page, 0)
    page.get_by_role("tab", name=name, exact=True).click()
    panel = page.get_by_role("tabpanel", name=name, exact=True)
    expect(panel.locator(".dock-absent")).to_contain_text("Only points that fit the filter are listed.")
    expect(panel.locator(".dock-absent")).not_to_contain_text("selection")
    panel.get_by_role("button", name="Clear all").click()
    expect(panel.get_by_role("button", name="Clear all")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="accepted", exact=True)).not_to_be_checked()


@pytest.mark.parametrize("view", ["Gallery", "Table"])
def test_views__that_nothing_fits_name_the_filter_and_take_it_away(page, view):
    check(page, "accepted")
    choose_view(page, view)
    points = page.get_by_role("region", name="Points", exact=True)
    expect(points).to_contain_text("None of the 1,797 points fits the filter.")
    points.get_by_role("button", name="Clear all").click()
    expect(page.locator(".views-count")).to_have_text("1,797 points")


def test_address__a_reload_keeps_the_filter_and_back_undoes_it(page):
    check(page, "3")
    check(page, "scans")
    page.wait_for_function("() => location.search.includes('class=3') && location.search.includes('dataset=scans')")
    page.wait_for_function(f"() => ({MATCHING})() < 184")  # the map follows the address
    shown = page.evaluate(f"({MATCHING})()")
    page.reload()
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_function(f"count => ({MATCHING})() === count", arg=shown)
    expect(page.get_by_role("checkbox", name="3", exact=True)).to_be_checked()
    page.go_back()
    page.wait_for_function("() => !location.search.includes('dataset=')")
    expect_matching(page, 184)
    page.go_back()
    page.wait_for_function(f"() => ({MATCHING})() === 1797")
    expect(page.get_by_role("checkbox", name="3", exact=True)).not_to_be_checked()
    page.go_forward()
    expect_matching(page, 184)


def test_address__keeps_the_colours(page):
    page.get_by_label("Colour by").select_option("Trust")
    page.wait_for_function("() => location.search.includes('colors=trust')")
    page.reload()
    page.wait_for_function("() => window.lookalike?.map.paint.name === 'trust'")
    page.go_back()
    page.wait_for_function("() => window.lookalike?.map.paint.name === 'class'")


def test_address__an_unknown_class_is_said_and_left_out(open_page, judged_server):
    page = open_page(f"{judged_server.url}/?class=cow&class=3")
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator("#verdict-message")).to_contain_text("There is no class 'cow' in 'digits'")
    expect_matching(page, 184)


def test_filter__another_persons_verdict_changes_it(page, judged_server):
    check(page, "accepted")
    expect_matching(page, 0)
    expect(page.locator(".filter-chips")).to_contain_text("none of the 1,797 points fits the filter")
    (suspect,) = judged_server.ask("suspects?limit=1")["suspects"]
    (review,) = judged_server.ask("reviews", {"ids": [suspect["id"]], "verdict": "accept", "who": "Bob"})
    expect_matching(page, 1)
    judged_server.ask("reviews/undo", {"review_id": review["id"], "who": "Bob"})
    expect_matching(page, 0)


def test_export__what_the_filter_leaves(page):
    check(page, "3")
    expect_matching(page, 184)
    page.get_by_role("tab", name="Reviewed").click()
    page.get_by_role("button", name="Export").first.click()
    page.get_by_role("radio", name="What the filter leaves: 184 points").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save", exact=True).click()
    assert len(download.value.path().read_text().splitlines()) == 185


def test_thousand_classes__are_found_by_name(browser, many_server, axe):  # noqa: F811 (a fixture)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    show_a_pixel(context)
    page = context.new_page()
    page.goto(many_server)
    page.wait_for_function(MAP_IS_PAINTED)
    classes = facet(page, "Class")
    expect(classes.locator(".facet-value")).to_have_count(60)
    classes.get_by_role("searchbox", name="Find a class").fill("brand-07")
    expect(classes.locator(".facet-value")).to_have_count(60)
    expect(classes.get_by_role("button", name="Show all 100")).to_be_visible()
    classes.get_by_role("searchbox", name="Find a class").fill("brand-0777")
    button = classes.locator(".facet-only")
    expect(button).to_have_count(1)
    assert button.get_attribute("title").startswith("groceries/refrigerated-dairy-products/brand-0777")
    button.click()
    expect(page.locator(".chip-count")).to_have_text("3 of 3,000 match")
    assert page.evaluate(MATCHING) == 3
    classes.get_by_role("searchbox", name="Find a class").fill("")
    expect(classes.locator(".facet-value")).to_have_count(61)
    classes.get_by_role("button", name="Show all 1,000").click()
    expect(classes.locator(".facet-value")).to_have_count(N_CLASSES)
    found = []
    for width, height in ((1280, 800), PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("dark", "light"):
            paint(page, scheme)
            found += violations(page, axe)
    context.close()
    assert found == []


def test_filter__is_said_in_words_that_json_knows(page):
    """The store that Dash reads holds the api's words."""
    check(page, "3")
    field = page.get_by_label("Suspect score to")
    field.fill("0.5")
    field.press("Enter")
    page.wait_for_function("() => lookalike.filtering.store.state.score_to === '0.5'")
    assert json.loads(page.evaluate("JSON.stringify(lookalike.filtering.store.query())")) == {
        "class_name": ["3"],
        "score_to": 0.5,
    }
