"""Indexing and maps from the page, beside an open map: forms, progress, cancel, reports, uploads."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from indexer.embedders.devices import list_devices
from tests.browser.serving import MAP_IS_PAINTED, ROOT, lookalike_command, serve
from tests.copies import copy_data

N_IMAGES = 500
RUN_MS = 240_000


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """Many small pictures of two classes, and one file that is no picture."""
    folder = tmp_path_factory.mktemp("photos") / "garden"
    random = np.random.default_rng(3)
    for number in range(N_IMAGES):
        path = folder / ("leaf", "stone")[number % 2] / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), random.integers(0, 255, (48, 48, 3), dtype=np.uint8))
    (folder / "leaf" / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def data_dir(sample, tmp_path_factory) -> Path:
    """A data directory of these tests alone, because others open the first collection that there is."""
    return copy_data(sample, tmp_path_factory.mktemp("jobs") / "data")


@pytest.fixture(scope="module")
def own_server(data_dir):
    with serve(data_dir) as url:
        yield url


@pytest.fixture
def page(open_page, own_server):
    opened = open_page(f"{own_server}?collection=tf_efficientnet_lite0")
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.get_by_role("button", name="Jobs").click()
    return opened


def test_models__fit_a_phone_and_stay_a_table(page):
    page.set_viewport_size({"width": 390, "height": 844})
    form = open_form(page)
    row = form.get_by_role("row", name="tf_efficientnet_lite0")
    expect(row.get_by_role("cell")).to_have_text(["14 MB", "1,280", "here", re.compile("1,797 points")])
    for cell in row.get_by_role("cell").all():
        expect(cell).to_be_in_viewport(ratio=1)
    models = form.get_by_role("group", name="Models")
    assert models.evaluate("models => models.scrollWidth <= models.clientWidth")


def test_options__of_one_row_are_equally_high(page):
    page.set_viewport_size({"width": 1440, "height": 1400})
    form = open_form(page)
    form.get_by_text("Datasets, crops, device and more").click()
    fields = form.locator(".fields .field").filter(visible=True)
    expect(fields).to_have_count(5)
    rows: dict[float, set[float]] = {}
    for field in fields.locator("> input, > select").all():
        box = field.bounding_box()
        rows.setdefault(round(box["y"]), set()).add(round(box["height"]))
    assert 1 < len(rows) < 5
    assert {height for heights in rows.values() for height in heights} == {30}


def open_form(page):
    page.get_by_role("button", name="Index images").click()
    return page.get_by_role("dialog", name="Index images")


def fill(form, source, collection):
    form.get_by_label("Source").fill(str(source))
    form.get_by_label("Collection name").fill(collection)
    form.get_by_role("button", name="Start indexing").click()


def run_of(page, title):
    return page.get_by_role("complementary", name="Jobs").get_by_role("listitem", name=title).first


def test_index__progress_cancel_run_again_and_report(page, photos):
    fill(open_form(page), photos, "garden")
    run = run_of(page, f"Index {photos}")
    expect(run.get_by_role("progressbar")).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_role("button", name="Jobs, 1 running")).to_be_visible()
    run.get_by_role("button", name="Cancel").click()
    expect(run).to_contain_text("What was finished is kept", timeout=RUN_MS)
    expect(page.get_by_role("button", name="Jobs, 0 running")).to_be_visible()

    run.get_by_role("button", name="Run again").click()
    form = page.get_by_role("dialog", name="Index images")
    expect(form.get_by_label("Source")).to_have_value(str(photos))
    expect(form.get_by_label("Collection name")).to_have_value("garden")
    form.get_by_role("button", name="Start indexing").click()
    expect(run).to_contain_text("Done, with problems", timeout=RUN_MS)
    expect(run).to_contain_text(f"{N_IMAGES + 1} images seen")
    expect(run).to_contain_text("1 image failed")
    expect(run).to_contain_text("broken.png")

    run.get_by_role("button", name="Open garden").click()
    expect(page.get_by_role("textbox", name="Collection")).to_have_value("garden")
    expect(page.get_by_text("No map of garden yet")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "why"),
    [("nowhere", "{source} does not exist"), ("", "the format of {source} is not recognised; looked for supervisely")],
)
def test_index__a_bad_path_is_one_line_in_the_form_and_leaves_no_job(page, faults, tmp_path, name, why):
    source = tmp_path / name
    form = open_form(page)
    fill(form, source, "nothing")
    expect(form).to_contain_text("They cannot be listed.")
    expect(form.get_by_role("alert")).to_contain_text(why.format(source=source), timeout=RUN_MS, ignore_case=True)
    expect(form.get_by_role("button", name="Start indexing")).to_be_enabled()
    form.get_by_label("Source").fill("/elsewhere")
    expect(form.get_by_role("alert")).to_have_count(0)
    form.get_by_role("button", name="Close").first.click()
    expect(page.get_by_role("listitem", name=f"Index {source}")).to_have_count(0)
    assert [fault for fault in faults if "422" not in fault] == []
    faults.clear()


def test_index__impossible_options_are_told_before_anything_starts(page, photos):
    form = open_form(page)
    form.get_by_text("Datasets, crops, device and more").click()
    form.get_by_label("Padding of crops").fill("wide")
    fill(form, photos, "nothing")
    expect(form.get_by_role("alert")).to_contain_text("Padding 'wide' is neither pixels")


def test_index__devices_are_automatic_and_those_of_the_server_s_machine(page):
    form = open_form(page)
    form.get_by_text("Datasets, crops, device and more").click()
    words = {"cpu": "CPU", "mps": "Apple GPU (mps)"}
    there = [words.get(name, f"GPU ({name})") for name in list_devices()]
    expect(form.get_by_label("Device").get_by_role("option")).to_have_text(["Automatic", *there])


@pytest.fixture
def ways(tmp_path) -> Path:
    """A project of two datasets, one with another inside."""
    random = np.random.default_rng(5)
    for dataset, n_images in (("day", 3), ("night", 2), ("night/datasets/rain", 1)):
        img, ann = (tmp_path / "ways" / dataset / part for part in ("img", "ann"))
        for folder in (img, ann):
            folder.mkdir(parents=True)
        for number in range(n_images):
            cv2.imwrite(str(img / f"{number}.png"), random.integers(0, 255, (48, 48, 3), dtype=np.uint8))
            (ann / f"{number}.png.json").write_text('{"size": {"height": 48, "width": 48}, "objects": [], "tags": []}')
    (tmp_path / "ways" / "meta.json").write_text('{"classes": [], "tags": [], "projectType": "images"}')
    return tmp_path / "ways"


def test_index__only_one_dataset_by_its_check_box(page, ways):
    form = open_form(page)
    form.get_by_label("Source").fill(str(ways))
    form.get_by_label("Collection name").fill("ways")
    tree = form.get_by_role("tree", name="Only these datasets")
    expect(tree.get_by_role("treeitem")).to_have_text(["day", "night", "rain"])
    expect(form).to_contain_text("All 3 are indexed.")
    tree.get_by_role("treeitem", name="day").click()
    expect(tree.get_by_role("treeitem", checked=True)).to_have_text(["day"])
    expect(form).to_contain_text("1 of 3 datasets chosen.")
    form.get_by_label("What becomes a point").select_option("images")
    form.get_by_role("button", name="Start indexing").click()
    run = run_of(page, "ways")
    expect(run).to_contain_text("Done", timeout=RUN_MS)
    run.get_by_text("Report").click()
    expect(run).to_contain_text("3 images seen: 3 added")

    run.get_by_role("button", name="Run again").click()
    expect(tree.get_by_role("treeitem", checked=True)).to_have_text(["day"])


def test_index__datasets_by_key_on_a_phone(page, ways):
    page.set_viewport_size({"width": 390, "height": 844})
    form = open_form(page)
    form.get_by_label("Source").fill(str(ways))
    form.get_by_label("Source").press("Tab")
    day, night, rain = (form.get_by_role("treeitem", name=name) for name in ("day", "night", "rain"))
    expect(rain).to_have_attribute("title", "night/rain")
    day.focus()
    day.press("ArrowDown")
    expect(night).to_be_focused()
    night.press("Space")
    expect(form.get_by_role("treeitem", checked=True)).to_have_text(["night", "rain"])
    night.press("End")
    expect(rain).to_be_focused()
    rain.press("Space")
    expect(night).to_have_attribute("aria-checked", "false")
    expect(form.get_by_role("treeitem", checked=True)).to_have_count(0)
    expect(form).to_be_visible()


def test_index__a_dataset_that_was_typed_and_is_not_there_can_be_unchecked(page, ways):
    form = open_form(page)
    form.get_by_text("Datasets, crops, device and more").click()
    form.get_by_role("textbox", name="Only these datasets").fill("dawn")
    form.get_by_label("Source").fill(str(ways))
    form.get_by_label("Collection name").focus()
    dawn = form.get_by_role("treeitem", name="dawn")
    expect(dawn).to_have_text("dawnnot in this source")
    expect(form.get_by_role("textbox", name="Only these datasets")).to_have_count(0)
    form.get_by_role("button", name="Start indexing").click()
    expect(form.get_by_role("alert")).to_contain_text("unknown dataset 'dawn'; known: day, night", timeout=RUN_MS)
    dawn.click()
    expect(form).to_contain_text("Check some to index only these.")


def test_index__why_datasets_cannot_be_listed(page, faults):
    form = open_form(page)
    form.get_by_text("Datasets, crops, device and more").click()
    form.get_by_label("Source").fill("/nowhere/at/all")
    form.get_by_label("Collection name").focus()
    expect(form).to_contain_text("They cannot be listed. /nowhere/at/all does not exist; give the path")
    expect(form.get_by_role("textbox", name="Only these datasets")).to_be_visible()
    assert [fault for fault in faults if "422" not in fault] == []
    faults.clear()


def test_index__models_say_what_is_indexed_with_them(page):
    form = open_form(page)
    packaged = form.get_by_role("row", name="tf_efficientnet_lite0")
    expect(packaged).to_contain_text("1,280")
    expect(packaged).to_contain_text("here")
    expect(packaged).to_contain_text("tf_efficientnet_lite0 (1,797 points)")
    form.get_by_label("Collection name").fill("tf_efficientnet_lite0")
    form.get_by_role("radio", name="resnet50").check()
    expect(form.get_by_role("alert")).to_contain_text("A collection holds embeddings of one model")


def make_zip(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def upload(form, name: str, content: bytes) -> None:
    form.get_by_label("Or upload a zip archive").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": content}
    )


def test_upload__archive_is_unpacked_and_indexed(page):
    picture = cv2.imencode(".png", np.full((32, 32, 3), 120, np.uint8))[1].tobytes()
    form = open_form(page)
    upload(form, "shells.zip", make_zip(**{f"cone__{number}.png": picture + bytes(number) for number in range(6)}))
    expect(form).to_contain_text("shells.zip: 6 files unpacked")
    form.get_by_label("Collection name").fill("shells")
    form.get_by_role("button", name="Start indexing").click()
    run = page.get_by_role("complementary", name="Jobs").get_by_role("listitem").first
    expect(run).to_contain_text("6 images seen: 6 added", timeout=RUN_MS)


def test_upload__hostile_archive_is_refused_in_the_form(page, faults):
    form = open_form(page)
    for content, words in (
        (make_zip(**{"..__..__escaped.png": b"x"}), "leads out of its folder"),
        (b"no archive", "no zip archive"),
    ):
        upload(form, "evil.zip", content)
        expect(form.get_by_role("alert")).to_contain_text("Archive 'evil.zip' is refused")
        expect(form.get_by_role("alert")).to_contain_text(words)
    assert all("422" in fault for fault in faults)
    faults.clear()


def test_map__made_from_the_page_and_shown(page):
    page.get_by_role("button", name="Make a map").click()
    form = page.get_by_role("dialog", name="Make a map")
    form.get_by_role("radio", name="pca The first two").check()
    form.get_by_label("Near means").select_option("euclidean")
    form.get_by_role("button", name="Make the map").click()
    run = page.get_by_role("complementary", name="Jobs").get_by_role("listitem").first
    expect(run).to_contain_text("1,797 points laid out by pca", timeout=RUN_MS)
    expect(page.locator("#map-caption")).to_contain_text("PCA · euclidean")


def test_terminal__run_of_a_command_is_noticed_without_reload(page, data_dir, tmp_path):
    folder = tmp_path / "few"
    (folder / "pebble").mkdir(parents=True)
    for number in range(4):
        cv2.imwrite(str(folder / "pebble" / f"{number}.png"), np.full((32, 32, 3), 40 * number, np.uint8))
    command = lookalike_command("index", folder, "--collection", "few", "--data-dir", data_dir)
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    run = run_of(page, f"Index {folder}")
    expect(run).to_contain_text("4 images seen: 4 added")
    page.get_by_role("button", name="Close jobs").click()
    page.get_by_role("textbox", name="Collection").click()
    expect(page.get_by_role("option", name="few")).to_be_visible()


def test_drawer__by_key(page):
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Jobs")).to_have_count(0)
    expect(page.get_by_role("button", name="Jobs")).to_be_focused()


def test_backup__made_in_a_terminal__is_among_the_jobs_with_what_came_along(page, data_dir, tmp_path):
    file = tmp_path / "garden.zip"
    command = ("backup", file, "--collection", "tf_efficientnet_lite0", "--data-dir", data_dir)
    subprocess.run(lookalike_command(*command), cwd=ROOT, check=True, capture_output=True)
    made = run_of(page, "Backup of digits")
    expect(made).to_contain_text("Done after", timeout=RUN_MS)
    expect(made).to_contain_text(re.compile(r"[\d,]+ points.*\d+ maps?.* in .*garden\.zip"))

    command = ("restore", file, "--collection", "again", "--data-dir", data_dir)
    subprocess.run(lookalike_command(*command), cwd=ROOT, check=True, capture_output=True)
    restored = re.compile(r"Restore digits.* \(again\)")  # other tests may have put more into the collection
    expect(run_of(page, restored)).to_contain_text("Done after", timeout=RUN_MS)


def test_open__names_the_collection_as_people_do(page, own_server, data_dir, tmp_path):
    (tmp_path / "beach" / "shell").mkdir(parents=True)
    for number in range(3):
        cv2.imwrite(str(tmp_path / "beach" / "shell" / f"{number}.png"), np.full((32, 32, 3), 40 * number, np.uint8))
    command = lookalike_command("index", tmp_path / "beach", "--collection", "shore_1", "--data-dir", data_dir)
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    run = run_of(page, f"Index {tmp_path / 'beach'}")
    expect(run.get_by_role("button", name="Open beach", exact=True)).to_be_visible()
    address = f"{own_server}/api/v1/collections/shore_1"
    assert page.request.patch(address, data={"display_name": "Shells of the shore"}).ok
    page.get_by_role("button", name="Close jobs").click()
    page.get_by_role("button", name="Jobs").click()
    run.get_by_role("button", name="Open Shells of the shore").click()
    expect(page.get_by_role("textbox", name="Collection")).to_have_value("Shells of the shore")
