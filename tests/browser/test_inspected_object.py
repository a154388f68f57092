"""The inspector's picture of objects of every form: tiny ones, wide ones, outlines, and what fills its image.

Points are written as they are, on two images of noise; nothing is embedded.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from indexer.domain import CollectionSpec, CropOptions, Point
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.stores.qdrant_embedded import EmbeddedStore
from indexer.workspace import Workspace
from tests.browser.intercepting import intercept
from tests.browser.serving import MAP_IS_PAINTED, serve

SIZES_HW: Final = {"street.png": (900, 1600), "tower.png": (900, 120)}
DESKTOP, LAPTOP, PHONE = (1440, 900), (1280, 800), (390, 844)
OBJECTS: Final = {
    "usual": ("street.png", (700, 400, 756, 456)),
    "beside": ("street.png", (758, 410, 800, 440)),
    "tiny": ("street.png", (300, 200, 312, 212)),
    "in the corner": ("street.png", (1588, 888, 1600, 900)),
    "wide": ("street.png", (100, 600, 740, 664)),
    "high": ("street.png", (1200, 100, 1240, 500)),
    "outline": ("street.png", (900, 500, 1100, 760)),
    "everything": ("street.png", (0, 0, 1600, 900)),
    "on a narrow image": ("tower.png", (20, 300, 100, 380)),
    "no object": ("tower.png", None),
}
"""Objects to look at, each with its image and its half-open box."""
WHOLE: Final = {"everything", "no object"}
"""Points that no part of their image shows better."""
OUTLINE: Final = {"polygons": [[[900.5, 560.5], [1000.5, 500.5], [1099.5, 700.5], [980.5, 759.5]]]}
IDS: Final = {make_point_id("noise", OBJECTS[name][0], name): name for name in OBJECTS}
ID_OF: Final = {name: point_id for point_id, name in IDS.items()}
PICTURE: Final = """() => {
  const image = document.getElementById('point-image');
  const { clientWidth, clientHeight, naturalWidth, naturalHeight } = image;
  const scale = Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight);
  return [naturalWidth * scale, naturalHeight * scale];
}"""
"""Width and height of the picture on the screen, in CSS pixels."""
IS_SHOWN: Final = """id => {
  const image = document.getElementById('point-image');
  return image.src.includes(id) && image.complete && image.naturalWidth > 0;
}"""


FITS: Final = """() => {
  const image = document.getElementById('point-image');
  const { naturalWidth, naturalHeight, parentElement: { clientWidth, clientHeight } } = image;
  return image.complete && Math.abs((naturalWidth / naturalHeight) / (clientWidth / clientHeight) - 1) < 0.1;
}"""
"""Whether the picture has the form of its frame."""


@pytest.fixture(scope="module")
def noise_server(chromium, tmp_path_factory):
    root = tmp_path_factory.mktemp("noise")
    random = np.random.default_rng(0)
    for name, (height, width) in SIZES_HW.items():
        noise = random.integers(60, 200, (height // 10, width // 10, 3), np.uint8)
        Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC).save(root / name)
    store = EmbeddedStore(root / "data")
    collection = store.create_collection("noise", CollectionSpec("fake:noise", "f", 8, CropOptions().text))
    embeddings = random.normal(size=(len(OBJECTS), 8)).astype(np.float32)
    collection.upsert([point_of(root, *named) for named in zip(OBJECTS, embeddings, strict=True)])
    store.close()
    with Workspace.open(IndexerSettings(data_dir=root / "data")) as workspace:
        workspace.maps.make("noise", method="pca")
    with serve(root / "data") as url:
        yield url


def point_of(root, name, embedding):
    image, box = OBJECTS[name]
    payload = {
        "source_key": "noise",
        "dataset": "",
        "image_key": image,
        "image_name": image,
        "image_locator": str(root / image),
        "image_size_hw": list(SIZES_HW[image]),
        "pixels_hash": image,
        "instance": "image" if box is None else "object",
        "class_name": name,
        "embedded_at": "2026-01-01T00:00:00+00:00",
    }
    if box is not None:
        payload |= {"object_key": name, "box": list(box)}
    if name == "outline":
        payload["shape"] = OUTLINE
    return Point(make_point_id("noise", image, name), payload, embedding)


@pytest.fixture
def look(open_page, noise_server):
    """Open the page in a window of some size with a point in it; another call looks at another point of that page."""
    opened = []

    def look_at(name, size=LAPTOP, **options):
        if not opened:
            window = {"viewport": {"width": size[0], "height": size[1]}, **options}
            page = open_page(f"{noise_server}/?id={ID_OF[name]}", **window)
            page.wait_for_function(MAP_IS_PAINTED)
            opened.append(page)
        (page,) = opened
        page.evaluate("id => lookalike.similar.page.look(id)", ID_OF[name])
        page.wait_for_function(IS_SHOWN, arg=ID_OF[name])
        return page

    return look_at


def region_of(page):
    """The part of the image that is shown: left, top, right, bottom; None for all of it."""
    region = page.locator("#point-image").get_attribute("data-region")
    return None if region is None else tuple(map(int, region.split(",")))


def place_on_screen(page, x, y):
    """Where a place of the image is in the window."""
    page.locator(".image-tools").scroll_into_view_if_needed()
    place = page.locator(".image-place").bounding_box()
    left, top, right, bottom = region_of(page)
    scale = min(place["width"] / (right - left), place["height"] / (bottom - top))
    return (
        place["x"] + (place["width"] - (right - left) * scale) / 2 + (x - left) * scale,
        place["y"] + (place["height"] - (bottom - top) * scale) / 2 + (y - top) * scale,
    )


@pytest.mark.parametrize("size", [DESKTOP, LAPTOP, PHONE])
def test_picture__is_280_px_for_objects_of_every_form_in_a_frame_that_stays_as_high(look, size):
    heights = set()
    for name in OBJECTS:
        page = look(name, size)
        width, height = page.evaluate(PICTURE)
        assert max(width, height) >= 279.5, (name, width, height)
        assert (region_of(page) is None) == (name in WHOLE), name
        heights.add(page.locator(".image-place").bounding_box()["height"])
    assert len(heights) == 1


def test_picture__has_all_of_its_object_with_a_little_around_it(look):
    for name, (image, box) in OBJECTS.items():
        if name in WHOLE:
            continue
        left, top, right, bottom = region_of(look(name))
        height, width = SIZES_HW[image]
        assert 0 <= left <= box[0] < box[2] <= right <= width, name
        assert 0 <= top <= box[1] < box[3] <= bottom <= height, name
        assert max((box[2] - box[0]) / (right - left), (box[3] - box[1]) / (bottom - top)) < 0.9, name
        assert min(right - left, bottom - top) >= 32, name


def test_whole_image__is_all_there_is_of_what_fills_it(look):
    page = look("everything")
    whole = page.get_by_role("button", name="Whole image", exact=True)
    expect(whole).to_be_disabled()
    expect(whole).to_have_attribute("aria-pressed", "true")
    expect(whole).to_have_attribute("title", "There is only the whole image to show")
    look("usual")
    expect(whole).to_be_enabled()
    expect(whole).to_have_attribute("aria-pressed", "false")
    expect(whole).to_have_attribute("title", "Show the whole image, or the object with a little around it (z)")


def test_picture__a_click_on_another_object_in_it_opens_that_one(look):
    page = look("usual")
    page.mouse.click(*place_on_screen(page, 761, 425))
    page.wait_for_function(IS_SHOWN, arg=ID_OF["beside"])
    assert page.evaluate("lookalike.selected.id") == ID_OF["beside"]
    assert region_of(page)[0] > 700


def box_searched_for(page, start, end):
    """Drag a box over the picture, from a place of the window to another; gives what is asked for then."""
    asked = []

    def answer(route):
        asked.append(route.request.post_data_json)
        route.fulfill(json={"neighbors": [], "why_empty": "nothing is like it"})

    page.route("**/neighbors/box", answer)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, end[1], steps=3)
    page.mouse.move(*end, steps=3)
    page.mouse.up()
    expect(page.get_by_role("region", name="Nearest neighbors")).to_contain_text("Nothing is like it")
    (question,) = asked
    assert question["id"] == ID_OF["usual"]
    return np.array(question["box"])


def test_picture__a_box_is_searched_for_by_its_place_in_the_whole_image(look):
    page = look("usual")
    box = box_searched_for(page, place_on_screen(page, 710, 405), place_on_screen(page, 750, 445))
    assert np.abs(box - (710, 405, 750, 445)).max() <= 1


@pytest.fixture
def hold_pictures():
    """Have the pictures of a page wait until what this gives is called."""

    def hold(page):
        held = []
        intercept(page, "**/images/**", held.append)

        def let_go():
            page.unroute("**/images/**")
            for route in held:
                route.continue_()

        return held, let_go

    return hold


def test_picture__is_pressed_where_it_is_until_the_next_has_come(look, hold_pictures):
    page = look("usual")
    start, end, beside = (place_on_screen(page, *place) for place in ((710, 405), (750, 445), (761, 425)))
    held, let_go = hold_pictures(page)
    with page.expect_request("**/images/**"):
        page.keyboard.press("z")
    expect(page.get_by_role("button", name="Whole image", exact=True)).to_have_attribute("aria-pressed", "true")
    box = box_searched_for(page, start, end)
    assert np.abs(box - (710, 405, 750, 445)).max() <= 1
    page.mouse.click(*beside)
    page.wait_for_function("id => lookalike.selected.id === id", arg=ID_OF["beside"])
    assert held
    let_go()
    page.wait_for_function(IS_SHOWN, arg=ID_OF["beside"])
    assert region_of(page) is None


def test_annotations__one_all_and_none_are_drawn_into_the_picture_and_into_the_whole_image(look):
    page = look("usual")
    image = page.locator("#point-image")
    for is_whole in (False, True):
        shown = []
        for annotation in ("all", "none", "object"):
            page.locator("#point-annotation").get_by_text(annotation.capitalize(), exact=True).click()
            page.wait_for_function(
                "annotation => document.getElementById('point-image').src.includes(`annotation=${annotation}`)",
                arg=annotation,
            )
            page.wait_for_function(IS_SHOWN, arg=ID_OF["usual"])
            assert (region_of(page) is None) == is_whole
            shown.append(page.request.get(image.evaluate("image => image.src")).body())
        assert len(set(shown)) == 3
        page.keyboard.press("z")
        page.wait_for_function("() => document.getElementById('point-image').complete")


def test_picture__takes_the_form_of_a_frame_that_changed(look):
    page = look("usual")
    left, _, right, _ = region_of(page)
    page.set_viewport_size({"width": 820, "height": 1100})  # one column: the frame is as wide as the page
    page.wait_for_function(FITS)
    now_left, _, now_right, _ = region_of(page)
    assert now_right - now_left > 1.5 * (right - left)


def test_picture__takes_the_form_of_a_frame_that_was_hidden(look):
    page = look("everything", PHONE)
    views = page.get_by_role("navigation", name="Views")
    views.get_by_role("button", name="Review").click()
    expect(page.locator(".image-place")).to_be_hidden()
    look("usual")
    views.get_by_role("button", name="Map").click()
    page.wait_for_function(FITS)
