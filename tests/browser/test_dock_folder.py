"""Duplicates to the source and back, on a folder of pictures whose classes have long names."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED, lookalike_command, serve

FLAGS = "signs_and_symbols-flags-of-the-world-old"
DRINKS = "food_and_beverages-hot-drinks-with-milk1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve pictures in each of two classes; one of the first lies in the second as well, another one twice in it."""
    root = tmp_path_factory.mktemp("pictures") / "photos"
    noise = np.random.default_rng(0)
    for name, channel in ((FLAGS, 0), (DRINKS, 2)):
        (root / name).mkdir(parents=True)
        for number in range(12):
            blocks = noise.integers(0, 200, (4, 4, 3), dtype=np.uint8)
            blocks[..., channel] += np.uint8(55)
            picture = Image.fromarray(blocks).resize((48, 48), Image.Resampling.NEAREST)
            picture.save(root / name / f"{name[0]}{number:02}.png")
    (root / DRINKS / "copy.png").write_bytes((root / FLAGS / "s00.png").read_bytes())
    (root / FLAGS / "again.png").write_bytes((root / FLAGS / "s01.png").read_bytes())
    return root


@pytest.fixture(scope="module")
def folder_server(folder, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("folder") / "data"
    index = lookalike_command("index", folder, "--data-dir", data_dir, "--json")
    done = subprocess.run(index, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["instances"]["embedded"] == 26
    project = lookalike_command("project", "--method", "pca", "--data-dir", data_dir)
    subprocess.run(project, capture_output=True, check=True)
    with serve(data_dir) as url:
        yield url


def test_duplicates__conflicts_come_first_and_one_of_each_is_kept(open_page, folder_server):
    page = open_page(f"{folder_server}/?worklist=duplicates")
    page.wait_for_function(MAP_IS_PAINTED)
    panel = page.get_by_role("tabpanel", name="Duplicates", exact=True)
    panel.get_by_label("Lowest similarity").press("End")
    groups = panel.get_by_role("listitem")
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("conflict")
    expect(groups.nth(1)).not_to_contain_text("conflict")
    groups.nth(1).get_by_role("button", name="Keep one").click()
    expect(page.get_by_role("tab", name="Selection", exact=True)).to_have_attribute("data-count", "1")
    panel.get_by_role("button", name="Conflicts", exact=True).click()
    expect(groups).to_have_count(1)
    panel.get_by_role("button", name="Leaks", exact=True).click()
    expect(panel).to_contain_text("No group of this kind.")


def test_duplicates__one_class_for_all_is_written_to_the_source_and_taken_back(open_page, folder_server, folder):
    page = open_page(f"{folder_server}/?worklist=reviewed")
    page.get_by_role("button", name="Write back").click()
    dialog = page.get_by_role("dialog", name="Write accepted classes back")
    expect(dialog).to_contain_text("Nothing would be written. No accepted class waits for it.")
    expect(dialog.get_by_role("button", name="Write 0 labels")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Close").last).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Duplicates", exact=True).click()
    panel = page.get_by_role("tabpanel", name="Duplicates", exact=True)
    panel.get_by_label("Lowest similarity").press("End")
    group = panel.get_by_role("listitem").first
    expect(group).to_contain_text("exact copies")
    expect(group).to_contain_text(f"conflict: {DRINKS}, {FLAGS}")
    group.get_by_role("button", name=f"All are {FLAGS[:6]}").click()
    expect(group).to_contain_text(f"accepted as {FLAGS}")

    page.get_by_role("tab", name="Reviewed", exact=True).click()
    log = page.get_by_role("tabpanel", name="Reviewed", exact=True)
    expect(log.get_by_role("button", name="Undo")).to_be_visible()
    log.get_by_role("button", name="Write back").click()
    expect(dialog).to_contain_text("1 label in 1 file would be written.")
    assert (folder / DRINKS / "copy.png").exists()
    dialog.get_by_role("button", name="Write 1 label").click()
    expect(dialog).to_contain_text("1 label in 1 file written.")
    assert not (folder / DRINKS / "copy.png").exists()
    assert len(list((folder / FLAGS).iterdir())) == 14
    dialog.get_by_role("button", name="Take this run back").click()
    expect(dialog).to_contain_text("1 file is as it was before the run.")
    assert (folder / DRINKS / "copy.png").exists()


def test_names__of_40_letters_are_shown_in_full(open_page, folder_server):
    page = open_page(f"{folder_server}/?worklist=outliers", viewport={"width": 390, "height": 844})
    card = page.get_by_role("tabpanel", name="Outliers", exact=True).get_by_role("option").first
    assert card.locator(".class-name").inner_text() in (FLAGS, DRINKS)
    box, name = card.bounding_box(), card.locator(".class-name span").last.bounding_box()
    assert name["x"] + name["width"] <= box["x"] + box["width"]
    assert card.locator(".class-name").evaluate("element => element.scrollWidth <= element.clientWidth + 1")
