"""The dock under the map: worklists as tabs, by their accessible names, on the sample's digits."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.judging import wait_for_reviews
from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.copies import copy_data

NAMES = ["Suspects", "Duplicates", "Confusion", "Clusters", "Outliers", "Selection", "Reviewed"]
REVIEWS = "api/v1/collections/tf_efficientnet_lite0/reviews"


@pytest.fixture(scope="module")
def own_server(sample, tmp_path_factory):
    """A server of these tests alone, because verdicts change what others count on."""
    data_dir = tmp_path_factory.mktemp("dock") / "data"
    copy_data(sample, data_dir, ignore=shutil.ignore_patterns("server.json"))  # a server may run on the sample
    with serve(data_dir) as url:
        yield url


@pytest.fixture
def dock(open_page, own_server):
    page = open_page(own_server)
    page.wait_for_function(MAP_IS_PAINTED)
    return page


def open_tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()
    return page.get_by_role("tabpanel", name=name, exact=True)


def opened(page) -> str:
    return page.locator("[role=tab][aria-selected=true]").inner_text()


def test_tabs__are_named_walked_by_arrows_and_in_the_address(dock):
    assert dock.get_by_role("tab").all_inner_texts() == NAMES
    for name in NAMES:
        expect(dock.get_by_role("tab", name=name, exact=True)).to_have_count(1)
    expect(dock.get_by_role("tabpanel", name="Suspects", exact=True)).to_be_visible()
    dock.get_by_role("tab", name="Suspects", exact=True).focus()
    dock.keyboard.press("ArrowRight")
    dock.keyboard.press("ArrowRight")
    expect(dock.get_by_role("tab", name="Confusion", exact=True)).to_be_focused()
    expect(dock.get_by_role("tabpanel", name="Confusion", exact=True)).to_be_visible()
    dock.wait_for_url(re.compile("worklist=confusion"))
    dock.go_back()
    expect(dock.get_by_role("tab", name="Duplicates", exact=True)).to_have_attribute("aria-selected", "true")
    dock.reload()
    expect(dock.get_by_role("tabpanel", name="Duplicates", exact=True)).to_be_visible()


def test_height__by_keys_and_full_by_double_click(dock):
    line = dock.get_by_role("separator", name="Height of the worklists")
    dock_box, map_box = dock.locator(".dock").bounding_box(), dock.locator(".map-panel").bounding_box()
    line.focus()
    for _ in range(3):
        dock.keyboard.press("ArrowUp")
    taller, smaller = dock.locator(".dock").bounding_box(), dock.locator(".map-panel").bounding_box()
    assert (taller["height"] - dock_box["height"], map_box["height"] - smaller["height"]) == (72, 72)
    line.dblclick()
    expect(dock.get_by_role("button", name="Full height")).to_have_attribute("aria-pressed", "true")
    assert dock.locator(".dock").bounding_box()["height"] > 800
    line.dblclick()
    assert dock.locator(".dock").bounding_box()["height"] == taller["height"]


def test_selection__opens_its_tab_and_its_end_what_was_open(dock):
    open_tab(dock, "Clusters")
    dock.evaluate("lookalike.map.select([1, 2, 3])")
    assert opened(dock) == "Selection"
    expect(dock.get_by_role("tabpanel", name="Selection")).to_contain_text("Selection · 3")
    dock.locator(".point-map-canvas").focus()
    dock.keyboard.press("Escape")
    assert opened(dock) == "Clusters"
    expect(open_tab(dock, "Selection")).to_contain_text("Nothing is selected")


def select_three(page, *, of_class: str) -> None:
    """Select three points of a class; which rows these are depends on where the sample lies."""
    page.evaluate(
        """name => {
          const { columns } = lookalike.map;
          const wanted = lookalike.spec.classNames.indexOf(name);
          const rows = [...columns.classIndex.keys()].filter((row) => columns.classIndex[row] === wanted);
          lookalike.map.select(rows.slice(0, 3));
        }""",
        of_class,
    )


def test_selection__is_judged_as_cards_with_one_class(dock, own_server):
    select_three(dock, of_class="3")
    panel = dock.get_by_role("tabpanel", name="Selection")
    panel.get_by_role("button", name="Judge", exact=True).click()
    expect(panel.get_by_role("option")).to_have_count(3)
    panel.get_by_role("button", name="Mark all 3").click()
    panel.get_by_label("Class for all").fill("8")
    panel.get_by_label("Class for all").press("Enter")
    expect(panel.get_by_role("option").first).to_contain_text("accepted as 8")
    expect(dock.locator("#verdict-message")).to_contain_text("3 objects")
    dock.keyboard.press("u")
    expect(panel.get_by_role("option").first).not_to_contain_text("accepted")
    wait_for_reviews(dock, own_server, [])


def test_clusters__a_click_selects_the_points_and_stays(dock):
    panel = open_tab(dock, "Clusters")
    panel.get_by_role("button", name="Fine", exact=True).click()
    selection = dock.get_by_role("tab", name="Selection", exact=True)
    clusters = panel.get_by_role("button", name=re.compile(r"\d+ points"))
    expect(clusters.first).to_be_visible()
    for card in clusters.all()[:2]:
        size = int(re.search(r"(\d+) points", card.inner_text())[1])
        card.click()
        dock.wait_for_function("n => lookalike.map.columns.chosen.reduce((sum, one) => sum + one, 0) === n", arg=size)
        assert opened(dock) == "Clusters"
        expect(card).to_have_attribute("aria-pressed", "true")
        expect(selection).to_have_attribute("data-count", str(size))


def test_clusters__lead_from_coarse_to_fine_and_the_map_follows(dock):
    panel = open_tab(dock, "Clusters")
    grains = panel.get_by_role("group", name="Size of clusters")
    clusters = panel.get_by_role("button", name=re.compile(r"\d+ points"))
    grains.get_by_role("button", name="Coarse", exact=True).click()
    dock.wait_for_url(re.compile("grain=coarse"))
    panel.get_by_role("button", name="Colour the map").click()
    expect(dock.get_by_role("combobox", name="Colour by")).to_have_value("cluster")
    legend = dock.get_by_role("list", name="Legend of clusters").get_by_role("listitem")
    expect(panel.get_by_text(re.compile(r"^\d+ clusters$"))).to_be_visible()
    n_coarse = clusters.count()
    expect(legend).to_have_count(n_coarse)

    panel.get_by_role("button", name=re.compile("^Parts of ")).first.click()
    expect(panel.get_by_text(re.compile(r"^\d+ parts$"))).to_be_visible()
    expect(panel).to_contain_text("Back to all")
    expect(grains.get_by_role("button", name="Medium", exact=True)).to_have_attribute("aria-pressed", "true")
    n_parts = clusters.count()
    expect(legend).not_to_have_count(n_coarse)
    assert 1 <= n_parts < dock.evaluate("lookalike.mapPanel.coloring.state.entries.length")
    dock.go_back()
    expect(clusters).to_have_count(n_coarse)
    expect(legend).to_have_count(n_coarse)
    dock.go_forward()
    expect(clusters).to_have_count(n_parts)
    dock.reload()
    expect(clusters).to_have_count(n_parts)
    panel.get_by_role("button", name="Back to all").click()
    expect(clusters).to_have_count(n_coarse)


def open_cell(dock):
    """Open a cell of the confused classes; gives the panel, the cell, its points, and how many they are."""
    panel = open_tab(dock, "Confusion")
    cell = panel.get_by_role("button", name=re.compile("labelled 3 among 5"))
    count = int(cell.inner_text())
    cell.click()
    options = panel.get_by_role("option")
    expect(options).to_have_count(count)
    return panel, cell, options, count


def test_confusion__a_cell_opens_its_points(dock):
    panel, _, options, _ = open_cell(dock)
    expect(options.first).to_contain_text("given 3")
    panel.get_by_role("button", name="All classes").click()
    panel.get_by_label("Find a confused class").fill("nothing")
    expect(panel).to_contain_text("No confused class contains 'nothing'.")


def test_confusion__the_address_keeps_the_open_cell(dock):
    panel, cell, options, count = open_cell(dock)
    dock.wait_for_url(re.compile("given=3&among=5"))
    dock.reload()
    expect(panel.get_by_role("option")).to_have_count(count)
    dock.go_back()
    expect(cell).to_be_visible()
    dock.go_forward()
    expect(options).to_have_count(count)
    dock.keyboard.press("Shift+Digit3")
    dock.keyboard.press("Escape")
    expect(cell).to_be_visible()
    assert "given=" not in dock.url
    dock.go_back()
    expect(options).to_have_count(count)


def test_confusion__the_open_cell_stays_under_a_filter_and_says_when_nothing_is_left(dock):
    panel = open_tab(dock, "Confusion")
    panel.get_by_role("button", name=re.compile("labelled 3 among 5")).click()
    options = panel.get_by_role("option")
    expect(options.first).to_be_visible()
    count = options.count()
    class_facet = dock.get_by_role("region", name="Class", exact=True)
    class_facet.get_by_role("checkbox", name="3", exact=True).check()
    expect(dock.locator(".chip-count")).to_have_text("184 of 1,797 match")
    expect(options).to_have_count(count)
    class_facet.get_by_role("checkbox", name="3", exact=True).uncheck()
    class_facet.get_by_role("checkbox", name="7", exact=True).check()
    expect(panel).to_contain_text("No point is labelled so and lies there.")
    dock.get_by_role("button", name="Clear all").first.click()
    expect(options).to_have_count(count)


def test_outliers__marked_are_judged_at_once_and_taken_back_at_once(dock, own_server):
    panel = open_tab(dock, "Outliers")
    options = panel.get_by_role("option")
    expect(options.first).to_contain_text("times as far away as is usual")
    ids = [options.nth(place).get_attribute("data-point-id") for place in range(2)]
    given = options.first.locator(".class-name").inner_text()
    wanted = "8" if given != "8" else "5"
    for key in ["j", "Space", "j", "Space"]:
        dock.keyboard.press(key)
    expect(panel.get_by_role("toolbar")).to_contain_text("2 marked")
    dock.keyboard.press("c")
    dock.keyboard.type(wanted)
    dock.keyboard.press("Enter")
    expect(options.first).to_contain_text(f"accepted as {wanted}")
    expect(dock.locator("#verdict-message")).to_contain_text("2 objects")
    found = dock.request.get(f"{own_server}/{REVIEWS}").json()["reviews"]
    assert {(one["point_id"], one["class_name"]) for one in found} == {(one, wanted) for one in ids}
    log = open_tab(dock, "Reviewed")
    expect(log).to_contain_text("Judged 2 of")
    log.get_by_role("button", name="Undo").click()
    expect(log).to_contain_text("taken back or replaced")
    wait_for_reviews(dock, own_server, [])


def test_keys__belong_to_the_list_in_view(dock):
    expect(dock.locator(".suspect").first).to_be_visible()
    panel = open_tab(dock, "Confusion")
    expect(panel.get_by_role("table")).to_be_visible()
    for key in "jad":
        dock.keyboard.press(key)
    assert dock.evaluate("[lookalike.queue.orders.length, lookalike.selected.id]") == [0, None]


def test_failure__is_told_with_a_way_to_try_again(browser, own_server):
    page = browser.new_page()
    page.route("**/outliers?*", lambda route: route.abort())
    page.goto(f"{own_server}/?worklist=outliers")
    panel = page.get_by_role("tabpanel", name="Outliers")
    expect(panel.get_by_role("alert")).to_contain_text("The server does not answer")
    page.unroute("**/outliers?*")
    panel.get_by_role("button", name="Retry").click()
    expect(panel.get_by_role("option").first).to_be_visible()
    page.close()


def test_export__a_table_of_the_selection_with_the_accepted_class(dock, own_server):
    """As *Save as CSV* beside the selection, which is at hand without a dialog."""
    select_three(dock, of_class="3")
    panel = dock.get_by_role("tabpanel", name="Selection", exact=True)
    panel.get_by_role("button", name="Judge", exact=True).click()
    panel.locator("[data-mark]").first.click()
    panel.get_by_label("Class for all").fill("8")
    panel.get_by_label("Class for all").press("Enter")
    expect(panel.get_by_role("option").first).to_contain_text("accepted as 8")
    wait_for_reviews(dock, own_server, ["accept"], lambda review: review["verdict"])
    with dock.expect_download() as download:
        panel.get_by_role("button", name="Save as CSV").click()
    beside = download.value.path().read_text().splitlines()

    open_tab(dock, "Reviewed").get_by_role("button", name="Export").click()
    dialog = dock.get_by_role("dialog", name="Export")
    expect(dialog.get_by_label("Selection: 3 points")).to_be_checked()
    with dock.expect_download() as download:
        dialog.get_by_role("button", name="Save").click()
    assert download.value.suggested_filename == "selection.csv"
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith('"id","class_name","accepted_class"')
    assert [line.split(",")[2] for line in lines[1:]].count('"8"') == 1
    assert beside[0] == lines[0]
    assert sorted(beside) == sorted(lines)
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    panel = open_tab(dock, "Selection")
    panel.get_by_role("option").first.click()
    dock.keyboard.press("u")
    wait_for_reviews(dock, own_server, [])


def open_export(dock, format_label):
    dock.evaluate("lookalike.map.select([3, 1, 2])")
    open_tab(dock, "Reviewed").get_by_role("button", name="Export").click()
    dialog = dock.get_by_role("dialog", name="Export")
    dialog.get_by_label(format_label).check()
    return dialog


def test_export__coco_of_the_selection_is_downloaded(dock):
    dialog = open_export(dock, "coco: an annotation")
    expect(dialog.get_by_label("Download", exact=True)).to_be_checked()
    with dock.expect_download() as download:
        dialog.get_by_role("button", name="Save").click()
    assert download.value.suggested_filename.endswith("-instances.json")
    saved = json.loads(download.value.path().read_text())
    assert len(saved["annotations"]) == 3
    assert not any(image["file_name"].startswith("/") for image in saved["images"])
    expect(dialog).to_contain_text("3 points written; your browser saves")


def test_export__coco_of_the_selection_is_written_by_the_server(dock, tmp_path):
    dialog = open_export(dock, "coco: an annotation")
    dialog.get_by_label("A folder on the server's machine").check()
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_label("Path of the folder").fill(str(tmp_path))
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("3 points written to")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["instances.json"]
