"""Every state that the page can be in, and the way from one to the next on a page that is opened once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import Locator, Page, expect

DESKTOP: Final = {"width": 1280, "height": 800}
PHONE: Final = {"width": 390, "height": 844}
NOTHING_LOADS: Final = "() => ![...document.querySelectorAll('.is-skeleton')].some((card) => card.checkVisibility())"
ONE_AT_A_TIME: Final = "one at a time"
PROBLEM: Final = "application/problem+json"
FAULT: Final = '{"title": "Failed", "status": 500, "detail": "the disk of the server is full; make room on it"}'


@dataclass(frozen=True, slots=True)
class State:
    """A state of the page.

    Attributes:
        name: What it is called.
        enter: Brings the page into it, and takes it out again.
        foot: The tab at the foot of a phone's screen under which it is seen.
        part: What differs from the other states, as a selector.
    """

    name: str
    enter: Callable[[Page], AbstractContextManager[None]]
    foot: str = "Map"
    part: str = ".page"


def walk(page: Page, states: Iterable[State]) -> Iterator[State]:
    """Bring the page into each state in turn; between two it is as wide as a desktop's."""
    for state in states:
        if state.foot == "Map":
            show(page, state, PHONE)  # by now: a press at its foot later would close what the state opens
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        with state.enter(page):
            page.wait_for_function(NOTHING_LOADS)
            yield state
            page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
            if state.name != ONE_AT_A_TIME:
                _leave_full_height(page)


def show(page: Page, state: State, size: dict[str, int]) -> None:
    """Show a state in a window of some size; on a phone, under the tab that has it."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    is_phone, is_modal = size["width"] <= 600, page.locator("dialog[open], .jobs").count() > 0
    if is_phone and not is_modal:
        _press_foot(page, state.foot)


def paint(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Show the page light or dark, as the system's setting does."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function("wanted => document.documentElement.dataset.mantineColorScheme === wanted", arg=scheme)


def _press_foot(page: Page, name: str) -> None:
    button = page.get_by_role("navigation", name="Views").get_by_role("button", name=name)
    if button.get_attribute("aria-current") is None:
        button.click()


def _leave_full_height(page: Page) -> None:
    button = page.get_by_role("button", name="Full height")
    if button.get_attribute("aria-pressed") == "true":
        button.click()


@contextmanager
def _plain(page: Page) -> Iterator[None]:
    expect(page.locator(".suspect").first).to_be_visible()
    expect(page.get_by_role("region", name="Overview")).to_contain_text("group")
    yield


@contextmanager
def _colored_by_score(page: Page) -> Iterator[None]:
    page.get_by_label("Colour by").select_option("score")
    expect(page.locator(".ramp-bar")).to_be_visible()
    yield
    page.get_by_label("Colour by").select_option("class")


@contextmanager
def _filtered(page: Page) -> Iterator[None]:
    classes = page.get_by_role("region", name="Class", exact=True)
    for number in range(3):
        classes.get_by_role("checkbox").nth(number).check()
    page.get_by_role("checkbox", name="unjudged").check()
    page.wait_for_function("() => lookalike.map.columns.faded.includes(1)")
    yield
    page.get_by_role("button", name="Clear all").first.click()
    expect(page.locator(".chip-count")).to_have_count(0)


@contextmanager
def _filtered_to_nothing(page: Page) -> Iterator[None]:
    page.get_by_role("checkbox", name="left for later").check()
    page.get_by_role("checkbox", name="accepted").check()
    page.get_by_role("region", name="Class", exact=True).get_by_role("checkbox").nth(9).check()
    expect(page.locator(".chip-why")).to_be_visible()
    yield
    page.get_by_role("button", name="Clear all").first.click()
    expect(page.locator(".suspect").first).to_be_visible()


@contextmanager
def point(page: Page) -> Iterator[None]:
    if page.locator("#point-content").is_hidden():
        page.locator(".suspect").nth(1).click()
    expect(page.locator("#point-verdict .is-accept")).to_be_visible()
    expect(page.locator(".neighbor")).to_have_count(20)
    page.wait_for_function("() => lookalike.lookedAt.picture.state.seen?.id === lookalike.selected.id")
    yield


@contextmanager
def _other_classes(page: Page) -> Iterator[None]:
    with point(page):
        page.get_by_role("textbox", name="Accept another class").click()
        expect(page.locator("[role=option]:visible").first).to_be_visible()
        yield
        page.keyboard.press("Escape")


@contextmanager
def _all_fields(page: Page) -> Iterator[None]:
    with point(page):
        page.get_by_text("All fields").click()
        yield
        page.get_by_text("All fields").click()


@contextmanager
def _one_at_a_time(page: Page) -> Iterator[None]:
    page.get_by_role("button", name="Full height").click()
    expect(page.get_by_role("group", name="Suspect under review").get_by_role("button").first).to_be_visible()
    expect(page.locator(".example").first).to_be_visible()
    yield
    _leave_full_height(page)


@contextmanager
def _marked(page: Page) -> Iterator[None]:
    for number in range(3):
        page.locator(".suspect .card-mark").nth(number).click()
    expect(page.locator(".bulk-bar")).to_be_visible()
    yield
    page.locator(".bulk-bar").get_by_role("button", name="Clear").click()


def _in_view(name: str, wait_for: str, then: Callable[[Page], None] | None = None):
    @contextmanager
    def enter(page: Page) -> Iterator[None]:
        page.get_by_role("radio", name=name, exact=True).check(force=True)
        expect(page.locator(wait_for).first).to_be_visible()
        if then is not None:
            then(page)
        yield
        page.get_by_role("radio", name="Map", exact=True).check(force=True)

    return enter


def _mark_crops(page: Page) -> None:
    for number in (1, 2):
        page.locator(f"[role=option][aria-posinset='{number}'] .card-mark").click()
    expect(page.locator(".views-foot")).to_be_visible()


@contextmanager
def _similar(page: Page) -> Iterator[None]:
    with _in_view("Gallery", ".crop-cell[data-point-id]")(page):
        page.locator("[role=option][aria-posinset='1']").click()
        page.keyboard.press("+")
        expect(page.get_by_role("group", name="Find similar")).to_be_visible()
        yield
        page.get_by_role("button", name="Show all again").click()


@contextmanager
def _class_gallery(page: Page) -> Iterator[None]:
    page.locator("[data-class-gallery]").first.click()
    expect(page.locator(".crop-cell[data-point-id]").first).to_be_visible()
    yield
    page.get_by_role("radio", name="Map", exact=True).check(force=True)
    page.get_by_role("button", name="Clear all").first.click()


@contextmanager
def _selection(page: Page) -> Iterator[None]:
    page.evaluate("lookalike.map.select([...Array(150).keys()])")
    expect(page.locator(".gallery-cell").first).to_be_visible()
    yield
    page.locator(".point-map-canvas").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


@contextmanager
def _nothing_selected(page: Page) -> Iterator[None]:
    page.get_by_role("tab", name="Selection").click()
    expect(page.get_by_text("Nothing is selected")).to_be_visible()
    yield
    page.get_by_role("tab", name="Suspects").click()


def _in_tab(name: str, wait_for: str):
    @contextmanager
    def enter(page: Page) -> Iterator[None]:
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel", name=name).locator(wait_for).first).to_be_visible()
        yield
        page.get_by_role("tab", name="Suspects").click()

    return enter


@contextmanager
def _confusion_cell(page: Page) -> Iterator[None]:
    with _in_tab("Confusion", ".pair, .confusion button")(page):
        page.locator(".confusion button, .pairs .pair").first.click()
        expect(page.get_by_role("tabpanel", name="Confusion").get_by_role("option").first).to_be_visible()
        yield
        page.get_by_role("tabpanel", name="Confusion").get_by_role("button", name="All classes").click()


@contextmanager
def _search(page: Page) -> Iterator[None]:
    page.get_by_role("combobox", name="Search").fill("er")
    expect(page.locator(".search-classes .act").first).to_be_visible()
    yield
    page.get_by_role("combobox", name="Search").press("Escape")
    page.get_by_role("combobox", name="Search").fill("")


@contextmanager
def _menu(page: Page) -> Iterator[None]:
    page.get_by_label("Menu: your name, light or dark").click()
    expect(page.get_by_label("Light or dark", exact=True)).to_be_visible()
    yield
    page.keyboard.press("Escape")


@contextmanager
def _jobs(page: Page) -> Iterator[None]:
    page.get_by_role("button", name="Jobs").click()
    expect(page.locator(".jobs").get_by_role("heading", name="Jobs")).to_be_visible()
    yield
    page.locator(".jobs").get_by_role("button", name="Close").click()


def _in_dialog(open_: Callable[[Page], None], name: str, then: Callable[[Locator], None] | None = None):
    @contextmanager
    def enter(page: Page) -> Iterator[None]:
        open_(page)
        dialog = page.get_by_role("dialog", name=name)
        expect(dialog).to_be_visible()
        if then is not None:
            then(dialog)
        yield
        dialog.get_by_role("button", name="Close").first.click()
        close_jobs(page)
        if page.get_by_role("tab", name="Suspects").get_attribute("aria-selected") != "true":
            page.get_by_role("tab", name="Suspects").click()

    return enter


def close_jobs(page: Page) -> None:
    if page.locator(".jobs").count():
        page.locator(".jobs").get_by_role("button", name="Close").click()


def _press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name).first.click()


def _press_job(name: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        page.get_by_role("button", name="Jobs").click()
        page.locator(".jobs").get_by_role("button", name=name).click()

    return do


def _press_reviewed(name: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        page.get_by_role("tab", name="Reviewed").click()
        page.get_by_role("tabpanel", name="Reviewed").get_by_role("button", name=name).click()

    return do


def _fill_in_wrongly(dialog: Locator) -> None:
    expect(dialog.get_by_role("row", name="resnet50")).to_be_visible()
    dialog.get_by_text("Datasets, crops, device and more").click()
    dialog.get_by_label("Padding of crops").fill("wide")
    dialog.get_by_label("Source").fill("supervisely://11")
    dialog.get_by_role("button", name="Start indexing").click()
    expect(dialog.get_by_role("alert")).to_be_visible()


def _see(what: str) -> Callable[[Locator], None]:
    return lambda dialog: expect(dialog.locator(what).first).to_be_visible()


@contextmanager
def _disconnected(page: Page) -> Iterator[None]:
    """A verdict that the server does not take, and whether it is there at all."""
    page.route("**/api/**", lambda route: route.abort())
    page.locator(".suspect").first.click()
    page.keyboard.press("d")
    expect(page.locator(".review-bar")).to_contain_text("verdict")
    yield
    page.unroute("**/api/**")
    page.wait_for_function("() => lookalike.queue.orders.length === 0")
    page.keyboard.press("u")
    page.wait_for_function("() => lookalike.queue.orders.length === 0 && !lookalike.dock.suspects.isAsking")


@contextmanager
def _failed(page: Page) -> Iterator[None]:
    """Nothing that the lists ask for is answered; each says so and is there again after Retry."""
    wanted = page.get_by_role("checkbox", name="unjudged")
    expect(wanted).to_be_visible()
    page.route("**/api/v1/collections/**", lambda route: route.fulfill(status=500, body=FAULT, content_type=PROBLEM))
    wanted.check()
    facets = page.locator(".filter-failed")
    expect(facets).to_contain_text("disk")
    for name in ("Duplicates", "Confusion", "Clusters", "Outliers", "Suspects"):
        page.get_by_role("tab", name=name).click()
        panel = page.get_by_role("tabpanel", name=name)
        expect(panel.get_by_role("alert")).to_contain_text("The disk of the server is full")
    page.get_by_role("radio", name="Gallery", exact=True).check(force=True)
    expect(page.locator(".views-host").get_by_role("alert")).to_contain_text("The disk of the server is full")
    yield
    page.unroute("**/api/v1/collections/**")
    for part in (".views-host", ".filter-panel", ".dock-panel:not([hidden])"):
        page.locator(part).get_by_role("button", name="Retry").click()
    expect(page.locator(".crop-cell[data-point-id]").first).to_be_visible()
    expect(page.locator(".suspect").first).to_be_visible()
    expect(facets).to_have_count(0)
    page.get_by_role("radio", name="Map", exact=True).check(force=True)
    page.get_by_role("button", name="Clear all").first.click()
    expect(page.locator(".chip-count")).to_have_count(0)


STATES = (
    State("map", _plain),
    State("colours of a score", _colored_by_score, part=".filter-look"),
    State("filter", _filtered, part=".filter-panel, .map-panel, .dock"),
    State("filter that leaves nothing", _filtered_to_nothing, part=".filter-panel, .map-panel, .dock"),
    State("suspects", _plain, "Review", part=".dock"),
    State("marked suspects", _marked, "Review", part=".dock"),
    State("two maps", _in_view("Two maps", ".second-map-tools select"), part=".map-panel"),
    State("gallery", _in_view("Gallery", ".crop-cell[data-point-id]"), part=".views-host, .views-bar"),
    State(
        "marked crops", _in_view("Gallery", ".crop-cell[data-point-id]", _mark_crops), part=".views-host, .views-bar"
    ),
    State("similar", _similar, part=".views-host, .views-bar"),
    State("class gallery", _class_gallery, part=".views-host, .views-bar"),
    State("table", _in_view("Table", "[role=grid] [aria-rowindex='2']"), part=".views-host, .views-bar"),
    State("duplicates", _in_tab("Duplicates", ".group"), "Review", part=".dock"),
    State("confusion", _in_tab("Confusion", ".pair, .confusion"), "Review", part=".dock"),
    State("a pair of classes", _confusion_cell, "Review", part=".dock"),
    State("clusters", _in_tab("Clusters", ".cluster"), "Review", part=".dock"),
    State("outliers", _in_tab("Outliers", ".card"), "Review", part=".dock"),
    State("reviewed", _in_tab("Reviewed", ".log-entry"), "Review", part=".dock"),
    State("nothing selected", _nothing_selected, "Selection", part=".dock"),
    State("selection", _selection, "Selection", part=".dock"),
    State("search", _search, part=".header"),
    State("menu", _menu, part=".header"),
    State("keys", _in_dialog(_press("Keys"), "Keys"), part="dialog[open]"),
    State("rename", _in_dialog(_press("Rename"), "Rename"), part="dialog[open]"),
    State("jobs", _jobs, part=".jobs"),
    State("index", _in_dialog(_press_job("Index images"), "Index images", _fill_in_wrongly), part="dialog[open]"),
    State("make a map", _in_dialog(_press_job("Make a map"), "Make a map", _see("[type=radio]")), part="dialog[open]"),
    State("export", _in_dialog(_press_reviewed("Export"), "Export"), part="dialog[open]"),
    State(
        "write back",
        _in_dialog(_press_reviewed("Write back"), "Write accepted classes", _see(".files, .act.is-main")),
        part="dialog[open]",
    ),
    State("point", point, part=".point, .neighbors"),
    State("other classes", _other_classes, part=".point"),
    State("all fields", _all_fields, part=".point"),
    State(ONE_AT_A_TIME, _one_at_a_time, "Review", part=".dock"),
    State("disconnected", _disconnected, part=".review-bar"),
    State("failed requests", _failed, "Review", part=".filter-panel, .views-host, .views-bar, .dock"),
)
"""In this order: the point that is looked at stays, so its states are last."""
