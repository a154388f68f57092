"""Back and forward in the browser, and links that lead nowhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.test_accessibility import axe, faults_of  # noqa: F401 (axe is a fixture)

SELECTED = "lookalike.selected.id"
SHOWS = "id => new URLSearchParams(location.search).get('id') === id && window.lookalike?.selected.id === id"


@pytest.fixture
def page(open_page, server):
    opened = open_page(server)
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.wait_for_function("() => document.querySelectorAll('.suspect').length === 24")
    opened.wait_for_function("() => location.search.includes('projection=')")
    return opened


def look_at(page, place: int) -> str:
    card = page.locator(".suspect").nth(place)
    card.click()
    point_id = card.get_attribute("data-point-id")
    page.wait_for_function(SHOWS, arg=point_id)
    page.wait_for_function("() => lookalike.map.neighbors.length === 20")
    return point_id


def test_back__leads_to_the_points_before_and_never_out_of_the_page(page):
    first, second = look_at(page, 0), look_at(page, 1)
    page.go_back()
    page.wait_for_function(SHOWS, arg=first)
    page.wait_for_function("() => lookalike.map.selected >= 0 && lookalike.map.neighbors.length === 20")
    page.go_back()
    page.wait_for_function(SHOWS, arg=None)
    page.go_forward()
    page.wait_for_function(SHOWS, arg=first)
    page.go_forward()
    page.wait_for_function(SHOWS, arg=second)


def test_back__twice_at_once_does_not_lose_the_way_forward(page):
    _, second = look_at(page, 0), look_at(page, 1)
    page.evaluate("history.back(); history.back()")
    page.wait_for_function(SHOWS, arg=None)
    page.evaluate("history.go(2)")
    page.wait_for_function(SHOWS, arg=second)


def test_back__brings_the_view_back(page):
    look_at(page, 0)
    before = page.evaluate("lookalike.map.camera.toText()")
    page.wait_for_function("view => new URLSearchParams(location.search).get('v') === view", arg=before)
    look_at(page, 1)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("() => location.search.includes(encodeURIComponent(lookalike.map.camera.toText()))")
    page.go_back()
    page.wait_for_function("view => lookalike.map.camera.toText() === view", arg=before)


def test_link__is_followed_after_back_and_however_long_it_is(page, server):
    first, second = (page.locator(".suspect").nth(place).get_attribute("data-point-id") for place in (0, 1))
    page.goto(f"{server}/?id={first}")
    page.wait_for_function(SHOWS, arg=first)
    page.goto(f"{server}/?id={second}")
    page.wait_for_function(SHOWS, arg=second)
    page.go_back()  # to another document, not a step of this one
    page.wait_for_function(SHOWS, arg=first)
    page.goto(f"{server}/?id={second}&{'x' * 4200}=1")  # the browser names so long an address without its query
    page.wait_for_function(SHOWS, arg=second)
    expect(page.locator("#point-verdict .is-accept")).to_be_visible()


def test_link__an_unknown_collection_is_told(open_page, server, axe):  # noqa: F811 (a fixture)
    page = open_page(f"{server}/?collection=cars", color_scheme="light")
    expect(page.locator(".notice-text")).to_contain_text("There is no collection 'cars'")
    page.wait_for_function(MAP_IS_PAINTED)
    assert faults_of(page, axe, ".notice, .header") == []


def test_link__an_unknown_map_is_told(open_page, server):
    page = open_page(f"{server}/?projection=gone")
    expect(page.locator(".notice-text")).to_contain_text("There is no map 'gone'")
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_function("() => new URLSearchParams(location.search).get('projection') === lookalike.spec.id")


def test_link__a_filter_and_colours_that_do_not_exist_are_told_and_left_out(open_page, server):
    page = open_page(f"{server}/?review=approved&edited-from=2026-13-45&colors=constructor")
    expect(page.locator(".verdict-message")).to_contain_text("There is no review 'approved'")
    expect(page.locator(".suspect").first).to_be_visible()
    expect(page.get_by_label("Colour by")).to_have_value("class")
    expect(page.locator(".chip")).to_have_count(0)


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("tag=blurred", "There is no tag 'blurred' in 'digits', which the link names; the filter leaves it out."),
        ("annotator=Zoe&tag=blurred", "There is no tag 'blurred' and 1 more in 'digits'"),
        ("class=", "There is no point without a class in 'digits'"),
    ],
)
def test_link__a_name_that_no_point_has_is_told_and_left_out(open_page, server, faults, link, told):
    page = open_page("about:blank")
    n_steps = page.evaluate("history.length")
    page.goto(f"{server}/?{link}")
    expect(page.locator(".verdict-message")).to_contain_text(told)
    expect(page.locator(".suspect").first).to_be_visible()
    expect(page.locator(".chip, .filter-failed")).to_have_count(0)
    page.wait_for_function("() => !/tag=|annotator=|class=/.test(location.search)")
    assert page.evaluate("history.length") == n_steps + 1, "Back does not lead to what is not there"
    assert not [fault for fault in faults if "/suspects" in fault], "a list asked for a name that is not there"
    faults[:] = [fault for fault in faults if "422" not in fault]  # the counts tell that no point has the name


def test_link__lists_do_not_wait_for_counts_that_fail(open_page, server, faults):
    page = open_page("about:blank")
    page.route("**/facets", lambda route: route.fulfill(status=500, content_type="text/plain", body="no"))
    page.goto(f"{server}/?tag=blurred")
    expect(page.get_by_role("region", name="Suspect labels")).to_contain_text("nknown tag 'blurred'")
    faults.clear()


def test_link__parts_of_a_cluster_that_is_gone_are_told_and_left_out(open_page, server, faults):
    page = open_page(f"{server}/?worklist=clusters&grain=fine&parts=999@medium")
    expect(page.locator(".verdict-message")).to_contain_text("The cluster whose parts the link names is gone")
    expect(page.get_by_role("tabpanel", name="Clusters").get_by_text("clusters", exact=False).first).to_be_visible()
    expect(page.locator(".cluster").first).to_be_visible()
    page.wait_for_function("() => !location.search.includes('parts=') && location.search.includes('grain=fine')")
    faults[:] = [fault for fault in faults if "422" not in fault]  # that it is gone


def test_link__a_point_is_asked_for_once(open_page, server, page):
    point_id = page.locator(".suspect").first.get_attribute("data-point-id")
    other = open_page("about:blank")
    asked: list[tuple[str, bool]] = []

    def note(request):
        of_one_class = '"class_name"' in (request.post_data or "")  # examples of both classes come once it is there
        asked.append((urlsplit(request.url).path.rpartition("/collections/")[2], of_one_class))

    other.on("request", note)
    other.goto(f"{server}/?id={point_id}")
    other.wait_for_function(SHOWS, arg=point_id)
    expect(other.locator("#point-verdict .is-accept")).to_be_visible()
    other.wait_for_function("() => lookalike.map.neighbors.length === 20 && lookalike.dock.reviewRevision !== null")
    paths = [f"tf_efficientnet_lite0/{what}" for what in (f"points/{point_id}", "neighbors")]
    assert [asked.count((path, False)) for path in paths] == [1, 1]


def test_link__an_unknown_point_is_told(open_page, server, axe, faults):  # noqa: F811 (a fixture)
    page = open_page(f"{server}/?id=6f9619ff-8b86-5011-b42d-00c04fc964ff", color_scheme="light")
    point = page.get_by_role("region", name="Selected point")
    expect(point.get_by_role("alert")).to_contain_text(
        "There is no point '6f9619ff-8b86-5011-b42d-00c04fc964ff' in 'digits'"
    )
    expect(page.locator(".neighbors")).to_be_empty()
    expect(page.locator("#point-image")).to_be_hidden()
    page.wait_for_function(MAP_IS_PAINTED)
    assert faults_of(page, axe, ".point, .neighbors") == []
    point.get_by_role("button", name="Close").click()
    expect(point.get_by_role("region", name="Overview")).to_be_visible()
    page.wait_for_function("() => !location.search.includes('id=')")
    page.locator(".suspect").first.click()
    expect(page.locator("#point-verdict .is-accept")).to_be_visible()
    faults[:] = [fault for fault in faults if "404" not in fault]  # it asked for the point's image


def test_map__an_empty_view_offers_the_way_back(page):
    page.evaluate("lookalike.map.camera.lookAt(0.5, 40, 5); lookalike.map.viewport.moved()")
    page.get_by_role("button", name="Show everything").last.click()
    page.wait_for_function("""() => Array.from({ length: lookalike.map.nPoints }, (_, row) =>
      lookalike.map.camera.shows(...lookalike.map.columns.position(row))).every(Boolean)""")
    expect(page.locator("#map-lost")).to_be_hidden()


def test_map__nothing_that_fits_is_not_being_lost(page):
    page.get_by_role("checkbox", name="accepted", exact=True).check()
    page.get_by_text("0 of 1,797 match").wait_for()
    expect(page.get_by_role("region", name="Suspect labels").get_by_role("button")).to_have_text(["Clear all"])
    expect(page.locator("#map-lost")).to_be_hidden()


def test_header__has_room_for_everything(open_page, server):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect").first).to_be_visible()
    page.get_by_text("1,797 points").wait_for()
    overlaps = """() => {
      const boxes = [...document.querySelectorAll('.header > :not(.spacer), .filter-panel, .map-panel, .point')]
        .map((part) => [part.className || part.id, part.getBoundingClientRect()]);
      return boxes.flatMap(([name, a], place) => boxes.slice(place + 1)
        .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([other]) => `${name} / ${other}`));
    }"""
    for width in (1280, 1180, 1090, 1024, 960, 901):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(overlaps) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
