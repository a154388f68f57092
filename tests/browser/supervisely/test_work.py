"""Buttons for work on a Supervisely server; what they write is read back from the server."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.supervisely.conftest import buttons_of, open_dialog


def selected_figures(page, double):
    """Ids of the objects that are selected, as the server has them."""
    points = page.evaluate("async () => (await lookalike.selection.readPoints()).map((point) => point.object_key)")
    assert len(points) == 30
    return {int(key) for key in points}


def look_at_a_point(page, row=3):
    """Select a point; gives its id."""
    page.evaluate("(row) => lookalike.map.choose(row, 'list')", row)
    page.wait_for_function("() => lookalike.selected.id !== null")
    return page.evaluate("lookalike.selected.id")


def tagged(double, name):
    """Ids of the objects with a tag."""
    ids = {one["id"] for meta in double.tables.metas.values() for one in meta["tags"] if one["name"] == name}
    rows = double.tables.figures.values()
    return {row["id"] for row in rows if any(tag["tagId"] in ids for tag in row["tags"])}


def test_tag__is_checked_written_and_taken_back(explorer, double):
    figures = selected_figures(explorer, double)
    dialog = open_dialog(explorer, "Tag", "Tag on Supervisely")
    expect(dialog.get_by_text("30 points")).to_be_visible()
    dialog.get_by_label("Tag", exact=True).fill("ISSUE")
    double.forget_requests()

    dialog.get_by_role("button", name="Check").click()

    expect(dialog.get_by_role("status")).to_have_text("30 objects would get 'ISSUE'.")
    assert "figures.tags.bulk.add" not in double.requests
    assert tagged(double, "ISSUE") == set()

    dialog.get_by_role("button", name="Write").click()

    expect(dialog.get_by_role("status")).to_have_text("30 objects got 'ISSUE'. Index the project again to see it here.")
    assert double.requests["figures.tags.bulk.add"] == 1
    assert tagged(double, "ISSUE") == figures

    dialog.get_by_role("button", name="Take this back").click()

    expect(dialog.get_by_role("status")).to_have_text("30 objects are as before.")
    assert tagged(double, "ISSUE") == set()


def test_tag__is_given_to_images_and_taken_off(explorer, double):
    selected_figures(explorer, double)
    for remove, words in ((False, "images got 'night'."), (True, "images lost 'night'.")):
        dialog = open_dialog(explorer, "Tag", "Tag on Supervisely")
        dialog.get_by_label("Tag", exact=True).fill("night")
        dialog.get_by_role("radio", name="Images").check()
        if remove:
            dialog.get_by_role("checkbox", name="Take the tag off").check()
        dialog.get_by_role("button", name="Check").click()
        dialog.get_by_role("button", name="Write").click()
        expect(dialog.get_by_role("status")).to_contain_text(words)
        n_tagged = sum(bool(row["tags"]) for row in double.tables.images.values())
        assert (n_tagged == 0) == remove
        dialog.get_by_role("button", name="Done").click()


def test_job__is_made_once_for_whom_the_team_knows(explorer, double):
    images = [double.tables.figures[one]["imageId"] for one in selected_figures(explorer, double)]
    n = len({double.tables.images[one]["datasetId"] for one in images})  # which points come first is as chance has it
    dialog = open_dialog(explorer, "Job", "Labeling job on Supervisely")
    dialog.get_by_role("textbox", name="Name").fill("look again")
    expect(dialog.get_by_role("checkbox")).to_have_count(3)
    names = dialog.get_by_role("checkbox").evaluate_all("boxes => boxes.map((box) => box.parentElement.textContent)")
    assert names == ["ann", "bob", "eva"]
    dialog.get_by_role("checkbox", name="bob").check()
    dialog.get_by_role("combobox", name="Reviewer").select_option("eva")
    dialog.get_by_role("button", name="Check").click()
    expect(dialog.get_by_role("status")).to_have_text(f"{n} jobs would be made.")
    assert double.tables.jobs == {}

    dialog.get_by_role("button", name="Write").click()

    expect(dialog.get_by_role("status")).to_contain_text(f"{n} jobs were made.")
    jobs = list(double.tables.jobs.values())
    assert {(job["name"], job["userId"], job["reviewerId"]) for job in jobs} == {("look again", 8, 9)}
    expect(dialog.get_by_role("list", name="Jobs").get_by_role("listitem")).to_have_count(n)
    dialog.get_by_role("button", name="Done").click()

    dialog = open_dialog(explorer, "Job", "Labeling job on Supervisely")
    dialog.get_by_role("textbox", name="Name").fill("look again")
    dialog.get_by_role("checkbox", name="bob").check()
    dialog.get_by_role("button", name="Check").click()
    expect(dialog.get_by_role("status")).to_have_text(
        f"0 jobs would be made. {n} jobs for the same images are there already."
    )
    expect(dialog.get_by_role("button", name="Write")).to_be_disabled()
    explorer.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_collection__holds_the_images(explorer, double):
    for words in ("were put into collection", "0 images were put into collection"):
        dialog = open_dialog(explorer, "Collect", "Collection on Supervisely")
        dialog.get_by_label("Name of the collection").fill("odd ones")
        dialog.get_by_role("button", name="Put in").click()
        expect(dialog.get_by_role("status")).to_contain_text(words)
        dialog.get_by_role("button", name="Done").click()
    (collection,) = double.tables.collections.values()
    figures = selected_figures(explorer, double)
    images = {double.tables.figures[one]["imageId"] for one in figures}
    assert (collection["name"], collection["items"]) == ("odd ones", images)


def test_dialog__says_what_the_server_refuses_and_keeps_the_form(explorer, double, faults):
    dialog = open_dialog(explorer, "Tag", "Tag on Supervisely")
    dialog.get_by_label("Tag", exact=True).fill("nobody knows it")
    dialog.get_by_role("checkbox", name="Take the tag off").check()
    dialog.get_by_role("button", name="Check").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Unknown tag 'nobody knows it'; known: ")

    double.fail("projects.meta", 403, message="no rights")
    dialog.get_by_label("Tag", exact=True).fill("night")
    dialog.get_by_role("button", name="Check").click()

    expect(dialog.get_by_role("alert")).to_contain_text("refuses projects.meta: 403 no rights")
    expect(dialog.get_by_label("Tag", exact=True)).to_have_value("night")
    assert [fault for fault in faults if "422" not in fault] == []
    faults.clear()


def test_bulk_bar__has_the_buttons_for_marked_cards(explorer, double):
    explorer.get_by_role("button", name="Judge", exact=True).click()
    cards = explorer.get_by_role("tabpanel", name="Selection").get_by_role("option")
    for place in (0, 1):
        cards.nth(place).locator("[data-mark]").click()
    bar = explorer.get_by_role("toolbar", name="Judge the marked")
    bar.get_by_role("button", name="Tag").click()

    expect(explorer.get_by_role("dialog").get_by_text("2 points")).to_be_visible()


def test_inspector__leads_to_the_labeling_tool(explorer, double, project):
    point = look_at_a_point(explorer)
    inspector = explorer.get_by_role("region", name="Selected point", exact=True)

    link = inspector.get_by_role("link", name="Labeling tool")

    payload = "(id) => lookalike.dock.platformButtons.tools.api.get(`/points/${id}`).then((one) => one.payload)"
    place = explorer.evaluate(payload, point)["image_locator"]
    _, dataset, image = place.rsplit("/", 2)
    expect(link).to_have_attribute("href", f"{double.url}/app/images/1/1/{project.project}/{dataset}#image-{image}")
    inspector.get_by_role("button", name="Tag").click()
    expect(explorer.get_by_role("dialog").get_by_text("1 point")).to_be_visible()


def test_reviewed__writes_classes_back_and_takes_them_back(explorer, double, project):
    before = {one: row["classId"] for one, row in double.tables.figures.items()}
    accept = """async (id) => {
      const { api } = lookalike.dock.platformButtons.tools;
      const { class_name: given } = await api.get(`/points/${id}`);
      const right = given === 'cat' ? 'dog' : 'cat';
      await api.post('/reviews', { ids: [id], verdict: 'accept', class_name: right, who: 'ann' });
    }"""
    untouched = 100  # the first 30 were tagged, which the server counts as edits
    explorer.evaluate(accept, look_at_a_point(explorer, untouched))
    explorer.get_by_role("tab", name="Reviewed").click()
    explorer.get_by_role("button", name="Write back").click()
    dialog = explorer.get_by_role("dialog")
    name = explorer.evaluate("lookalike.lookedAt.store.state.point.payload.image_name")
    images = dialog.get_by_role("list", name="Images on the server")
    expect(images).to_contain_text(name)
    expect(images).not_to_contain_text("supervisely://")
    dialog.get_by_role("button", name="Write 1 label").click()
    expect(dialog.get_by_role("status")).to_contain_text("1 label")
    after = {one: row["classId"] for one, row in double.tables.figures.items()}
    assert len({one for one in before if after.get(one) != before[one]}) == 1

    dialog.get_by_role("button", name="Take this run back").click()

    expect(dialog.get_by_text("as it was before the run")).to_be_visible()
    assert {one: row["classId"] for one, row in double.tables.figures.items()} == before


def test_buttons__are_absent_for_other_sources(open_page, server):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.evaluate("lookalike.map.choose(3, 'list')")
    page.evaluate("lookalike.map.select([0, 1, 2])")
    expect(page.get_by_role("region", name="Selected points")).to_be_visible()
    page.wait_for_function("() => lookalike.dock.platformButtons.tools !== null")
    page.evaluate("() => lookalike.dock.platformButtons.tools.platform.refresh()")  # until it is answered

    expect(buttons_of(page)).to_have_count(0)
    expect(page.get_by_role("group", name="On the Supervisely server")).to_have_count(0)
    expect(page.get_by_role("button", name="Supervisely")).to_have_count(0)
