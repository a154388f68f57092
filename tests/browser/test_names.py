"""Class names of forty letters and more, 121 of them: where two are compared, neither is cut."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED, lookalike_command, serve

N_CLASSES, N_PER_CLASS, PER_SHEET = 121, 4, 44
KINDS = ("outlined/lowercase-letter", "filled/uppercase-letter", "dotted/punctuation-mark", "hatched/decimal-digit")
NAMES = [f"symbols/alphabets/{KINDS[number % 4]}-{number:03d}" for number in range(N_CLASSES)]

CUT = """selector => [...document.querySelectorAll(selector)]
  .filter((name) => name.scrollWidth > name.clientWidth + 1 || name.scrollHeight > name.clientHeight + 4
    || name.getBoundingClientRect().bottom > name.closest('.suspect, .point, .neighbor').getBoundingClientRect().bottom)
  .map((name) => name.textContent)"""
"""Texts of the elements that show less than all of their text; inline ones have no size of their own to overflow."""


@pytest.fixture(scope="module")
def stamps_server(chromium, tmp_path_factory):
    """Patterns of 16 colours, one per class; the last one of every sixth class is labelled as another."""
    root = tmp_path_factory.mktemp("stamps")
    write_stamps(root / "stamps")
    for command in (("index", root / "stamps"), ("project",)):
        arguments = (*command, "--data-dir", root / "data")
        subprocess.run(lookalike_command(*arguments), check=True, capture_output=True)
    with serve(root / "data") as url:
        yield url


def write_stamps(root) -> None:
    (root / "images").mkdir(parents=True)
    random = np.random.default_rng(0)
    patterns = np.kron(random.integers(0, 256, (N_CLASSES, 4, 4, 3)), np.ones((1, 8, 8, 1)))
    labels = np.repeat(np.arange(N_CLASSES), N_PER_CLASS)
    shown = np.where(np.arange(len(labels)) % (6 * N_PER_CLASS) == 0, (labels + 1) % N_CLASSES, labels)
    images, annotations = [], []
    for number, start in enumerate(range(0, len(labels), PER_SHEET), 1):
        sheet = np.full((4 * 40, 11 * 40, 3), 255.0)
        for place, row in enumerate(range(start, start + PER_SHEET)):
            x, y = 40 * (place % 11) + 4, 40 * (place // 11) + 4
            sheet[y : y + 32, x : x + 32] = patterns[shown[row]] + random.normal(0, 12, (32, 32, 3))
            box = {"bbox": [x, y, 32, 32], "area": 1024, "iscrowd": 0, "category_id": int(labels[row]) + 1}
            annotations.append({"id": len(annotations) + 1, "image_id": number, **box})
        name = f"scan_of_sheet_number_{number:03d}.png"
        Image.fromarray(sheet.clip(0, 255).astype(np.uint8)).save(root / "images" / name)
        images.append({"id": number, "file_name": name, "width": 440, "height": 160})
    categories = [{"id": number + 1, "name": name} for number, name in enumerate(NAMES)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations.json").write_text(json.dumps(coco))


@pytest.mark.parametrize("width", [768, 1280, 1440, 1920])
def test_names__two_that_are_compared_are_read_in_full(open_page, stamps_server, width):
    page = open_page(stamps_server, viewport={"width": width, "height": 900})
    page.wait_for_function(MAP_IS_PAINTED)
    cards = page.locator(".suspect")
    expect(cards.first).to_be_visible()
    assert page.evaluate(CUT, ".suspect .is-given, .suspect .is-suggested") == []
    for card in cards.all()[:6]:
        given, suggested = card.locator(".is-given"), card.locator(".is-suggested")
        assert given.inner_text() != suggested.inner_text()
        assert {given.get_attribute("title"), suggested.get_attribute("title")} <= set(NAMES)
        assert given.bounding_box()["y"] < suggested.bounding_box()["y"]

    full = cards.first.locator(".is-suggested").get_attribute("title")
    reason = cards.first.locator(".card-reason").get_attribute("title")
    cards.first.click()
    expect(page.locator("#point-verdict .is-accept")).to_contain_text(f"→ {full}")
    expect(page.locator(".point-claim strong")).to_have_text(full)
    expect(page.locator(".point-reason")).to_have_text(reason)
    assert page.evaluate(CUT, ".point-class, .point-claim strong, .point-reason, .verdict-buttons span") == []


def test_names__a_neighbor_says_its_class_only_if_most_have_another(open_page, stamps_server):
    page = open_page(stamps_server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.locator(".suspect").first.click()
    expect(page.locator(".neighbor")).to_have_count(20)
    most = page.locator(".neighbors-head .claim > :last-child").inner_text()
    said = page.locator(".neighbor:has(.card-class)").all()
    assert 0 < len(said) < 20
    assert all(not (card.get_attribute("title") or "").startswith(f"{most},") for card in said)
    assert page.evaluate(CUT, ".neighbor .card-class") == []


def test_legend__leaves_out_what_all_names_begin_with(open_page, stamps_server):
    page = open_page(stamps_server)
    page.wait_for_function(MAP_IS_PAINTED)
    facet = page.get_by_role("region", name="Class")
    facet.get_by_role("button", name="Show all 121").click()
    names = facet.locator(".facet-name").all_inner_texts()
    assert sorted(names) == sorted(name.removeprefix("symbols/alphabets/") for name in NAMES)
    page.get_by_role("searchbox", name="Find a class").fill("symbols/alphabets/dotted")
    expect(facet.locator(".facet-value")).to_have_count(30)
