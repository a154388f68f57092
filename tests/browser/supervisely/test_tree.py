"""The tree of projects: opened level by level, searched, chosen and indexed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.layout import layout_faults
from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.states import paint
from tests.browser.supervisely.conftest import select_points
from tests.browser.test_accessibility import PHONE, axe, violations  # noqa: F401 - a fixture


def open_tree(page):
    dialog = open_form(page)
    expect(dialog.get_by_role("treeitem", name="Project streets 60 images")).to_be_visible()
    return dialog


def open_form(page):
    page.get_by_role("button", name="Jobs").click()
    page.get_by_role("button", name="Index images").click()
    dialog = page.get_by_role("dialog", name="Index images")
    dialog.get_by_text("Or choose a project on Supervisely").click()
    return dialog


def test_tree__chooses_a_dataset_by_keys(explorer, double, project):
    double.forget_requests()
    dialog = open_tree(explorer)
    assert "datasets.list" not in double.requests
    dialog.get_by_role("treeitem", name="Project streets 60 images").click()
    expect(dialog.get_by_label("Source")).to_have_value(project.address)

    explorer.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("treeitem", name="Data set test 10 images")).to_be_visible()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown"):
        explorer.keyboard.press(key)
    expect(dialog.get_by_role("treeitem", name="Data set cam 1 10 images")).to_be_focused()
    explorer.keyboard.press("Enter")

    expect(dialog.get_by_label("Source")).to_have_value(project.of_dataset("cam 1"))
    expect(dialog.get_by_role("treeitem", selected=True)).to_have_count(1)
    assert double.requests["datasets.list"] == 1


def test_tree__finds_projects_by_name_and_id(explorer, project):
    dialog = open_tree(explorer)
    projects = dialog.get_by_role("treeitem", name="Project ")
    expect(projects).to_have_count(2)
    search = dialog.get_by_label("Search projects")

    search.fill("LONG NAME")
    search.press("Enter")
    expect(projects).to_have_count(1)
    search.fill(str(project.project))
    expect(projects).to_have_accessible_name("Project streets 60 images")
    search.fill("nothing of that name")
    expect(dialog.get_by_role("status").filter(has_text="No project has that name or id.")).to_be_visible()


def test_tree__indexes_what_was_chosen(explorer, double, project):
    dialog = open_tree(explorer)
    dialog.get_by_role("treeitem", name="Project streets 60 images").click()
    dialog.get_by_label("Collection name").fill("tram_streets")  # the first collection stays the one that has a map
    dialog.get_by_role("button", name="Start indexing").click()

    jobs = explorer.get_by_role("complementary", name="Jobs")
    run = jobs.get_by_role("listitem", name=f"Index {project.address}").first
    run.get_by_role("button", name="Open streets (tram_streets)").click(timeout=120_000)
    expect(explorer.get_by_text("No map of streets yet")).to_be_visible()


def test_tree__says_why_the_server_does_not_answer(explorer, double, faults):
    double.fail("teams.list", 403, message="the token is blocked")
    dialog = open_form(explorer)
    expect(dialog.get_by_role("alert")).to_contain_text("the token is blocked")

    dialog.get_by_role("button", name="Retry").click()

    expect(dialog.get_by_role("treeitem", name="Team team")).to_be_visible()
    assert [fault for fault in faults if "422" not in fault] == []
    faults.clear()


def test_dialogs__have_no_serious_violation(open_page, platform_server, axe):  # noqa: F811
    page = open_page(platform_server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.evaluate("lookalike.map.choose(3, 'list')")
    expect(page.get_by_role("link", name="Labeling tool")).to_be_visible()
    found = {"page": violations(page, axe)}
    select_points(page)
    group = page.get_by_role("region", name="Selected points").get_by_role("group", name="On the Supervisely server")
    for name in ("Tag", "Job", "Collect"):
        group.get_by_role("button", name=name).click()
        expect(page.get_by_role("dialog").get_by_text("30 points")).to_be_visible()
        found[name] = everywhere(page, axe)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    dialog = open_tree(page)
    dialog.get_by_role("treeitem", name="Project streets 60 images").press("ArrowRight")
    expect(dialog.get_by_role("treeitem", name="Data set val 10 images")).to_be_visible()
    found["tree"] = everywhere(page, axe)

    assert found == {name: [] for name in found}


def everywhere(page, axe) -> list[str]:  # noqa: F811
    """Find faults of the open dialog, light and dark, on a desk and on a phone."""
    found = []
    for width, height in (PHONE, (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("dark", "light"):
            paint(page, scheme)
            found += [f"{scheme} at {width}: {fault}" for fault in violations(page, axe, part="dialog[open]")]
            found += [f"{scheme} at {width}: {fault}" for fault in layout_faults(page, "dialog[open]")]
    return found
