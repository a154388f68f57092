"""Pictures of every view for ``docs/explorer.md``, light and dark, of drawings of which some are labelled wrong.

python -m tests.browser.pictures              # into docs/pictures; needs Debian's tuxpaint-stamps-default
python -m tests.browser.pictures --data-dir FOLDER    # keeps what is indexed there, for the next time
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.stamps import FOLDER, list_files, read_on_white
from tests.browser.serving import MAP_IS_PAINTED, ROOT, lookalike_command, serve

TARGET: Final = ROOT / "docs" / "pictures"
SIZE: Final = {"width": 1400, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
FLAGS: Final = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SMALLEST_CLASS: Final = 6
WRONG_SHARE: Final = 0.05
LARGEST_PX: Final = 400
MOST_BYTES: Final = 250_000
IS_QUIET: Final = """() => {
  const isSeen = (one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, top + height / 2) === one;
  };
  return [...document.images].filter(isSeen).every((one) => one.complete)
    && ![...document.querySelectorAll('.is-skeleton')].some((one) => one.checkVisibility())
    && ![...document.querySelectorAll('.overview .link')]
      .some((one) => one.textContent === '…' && one.checkVisibility());
}"""
"""Whether all pictures in sight are there; those further down are loaded once they are scrolled to."""


def write_drawings(root: Path) -> Path:
    """Stamps in a folder per class, a few of them in the wrong one; gives the folder."""
    files = [file for file in list_files() if not file.stem.endswith("_mirror")]
    classes = ["-".join(file.relative_to(FOLDER).parts[:-1]) for file in files]
    sizes = Counter(classes)
    kept = [(file, name) for file, name in zip(files, classes, strict=True) if sizes[name] >= SMALLEST_CLASS]
    random = np.random.default_rng(3)
    names = sorted({name for _, name in kept})
    for number, (file, name) in enumerate(kept):
        is_wrong = random.random() < WRONG_SHARE
        folder = root / (str(random.choice([one for one in names if one != name])) if is_wrong else name)
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(read_on_white(file))
        picture.thumbnail((LARGEST_PX, LARGEST_PX))
        picture.save(folder / f"{file.stem}-{number:03d}.png")
    return root


def prepare(data_dir: Path) -> None:
    """Index the drawings and make their map, unless that was done."""
    if (data_dir / "drawings").exists():
        return
    write_drawings(data_dir / "drawings")
    for command in (("index", data_dir / "drawings"), ("project", "--method", "pca"), ("project",)):
        subprocess.run(lookalike_command(*command, "--data-dir", data_dir), check=True)


def _tab(name: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        page.get_by_role("tab", name=name, exact=True).click()
        expect(page.get_by_role("tabpanel", name=name, exact=True)).to_be_visible()

    return do


def _view(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("radio", name=name, exact=True).check(force=True)


def _press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name).first.click()


def _suspect(page: Page) -> None:
    page.locator(".suspect").first.click()
    expect(page.locator(".neighbor")).to_have_count(20)
    page.wait_for_function("() => lookalike.map.neighbors.length === 20")


def _lasso(page: Page) -> None:
    page.get_by_role("button", name="Draw around points").click()
    box = page.locator(".point-map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5
    page.mouse.move(x - 110, y - 90)
    page.mouse.down()
    for dx, dy in ((0, -130), (120, -70), (130, 60), (10, 120), (-110, 60)):
        page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    expect(page.locator(".gallery-cell").first).to_be_visible()


def _judge_some(page: Page) -> None:
    page.locator(".suspect").first.click()
    for key in "aaadas":
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    page.wait_for_function("() => lookalike.queue.orders.length === 0")
    _tab("Reviewed")(page)
    expect(page.locator(".log-entry").nth(5)).to_be_visible()


def _cell(page: Page) -> None:
    page.locator(".confusion button, .pairs .pair").first.click()
    expect(page.get_by_role("tabpanel", name="Confusion").get_by_role("option").first).to_be_visible()


def _one_class(page: Page) -> None:
    page.locator("[data-class-gallery=vehicles-emergency], [data-class-gallery]").first.click()
    expect(page.get_by_role("listbox", name="Gallery").get_by_role("option").first).to_be_visible()


def _examples(page: Page) -> None:
    page.get_by_role("combobox", name="Search").fill("cat")
    expect(page.locator(".search-results")).to_be_visible()


VIEWS: Final[dict[str, list[Callable[[Page], None]]]] = {
    "map": [],
    "suspect": [_suspect],
    "review": [_suspect, _press("Full height")],
    "duplicates": [_tab("Duplicates")],
    "confusion": [_tab("Confusion")],
    "confusion-cell": [_tab("Confusion"), _cell],
    "clusters": [_tab("Clusters")],
    "outliers": [_tab("Outliers")],
    "selection": [_lasso],
    "two-maps": [_view("Two maps")],
    "gallery": [_view("Gallery")],
    "table": [_view("Table")],
    "class-gallery": [_one_class],
    "search": [_examples],
    "index": [_press("Jobs"), _press("Index images")],
    "keys": [_press("Keys")],
    "reviewed": [_judge_some],
    "write-back": [_judge_some, _press("Write back")],
}
"""Views by the names of their pictures, and the way to each from the page as it opens."""


def take(browser: Browser, url: str, name: str, scheme: str, target: Path) -> None:
    """Open the page, go to a view and take its picture."""
    context = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect").first).to_be_visible()
    for step in VIEWS[name]:
        step(page)
    page.mouse.move(0, 0)
    page.wait_for_function(IS_QUIET)
    page.wait_for_timeout(400)
    save(page, target / f"{name}-{scheme}.png")
    undo = page.request.get(f"{url}/api/v1/collections/tf_efficientnet_lite0/reviews?limit=100").json()["reviews"]
    for review in undo:
        body = {"who": "pictures", "review_id": review["id"]}
        page.request.post(f"{url}/api/v1/collections/tf_efficientnet_lite0/reviews/undo", data=body)
    context.close()


def take_phone(browser: Browser, url: str, scheme: str, target: Path) -> None:
    """The phone's review, one card per screen."""
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, has_touch=True, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_role("navigation", name="Views").get_by_role("button", name="Review").click()
    expect(page.get_by_role("group", name="Suspect under review")).to_be_visible()
    page.wait_for_function(IS_QUIET)
    page.wait_for_timeout(400)
    save(page, target / f"phone-{scheme}.png")
    context.close()


def save(page: Page, path: Path) -> None:
    """Take a picture, of fewer colours if it is too large for a repository."""
    page.screenshot(path=path)
    for colours in (256, 128, 64, 32):
        if path.stat().st_size <= MOST_BYTES:
            return
        Image.open(path).convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Take all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join([*VIEWS, 'phone'])}")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    wanted = arguments.names or [*VIEWS, "phone"]
    arguments.target.mkdir(parents=True, exist_ok=True)
    place = nullcontext(str(arguments.data_dir)) if arguments.data_dir else tempfile.TemporaryDirectory()
    with place as folder, sync_playwright() as playwright:
        prepare(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        with serve(Path(folder)) as url:
            for name in wanted:
                for scheme in ("light", "dark"):
                    if name == "phone":
                        take_phone(browser, url, scheme, arguments.target)
                    else:
                        take(browser, url, name, scheme, arguments.target)
        browser.close()


if __name__ == "__main__":
    main()
