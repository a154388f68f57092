"""Pictures of the work on a Supervisely server for ``docs/supervisely.md``, light and dark, of drawn streets.

python -m tests.browser.platform_pictures     # into docs/pictures; needs the Supervisely SDK
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.pictures import FLAGS, IS_QUIET, PHONE, SIZE, TARGET, save
from tests.browser.serving import MAP_IS_PAINTED, lookalike_command, serve
from tests.browser.supervisely.conftest import open_dialog, select_points
from tests.doubles.supervisely_server import running_server
from tests.doubles.supervisely_server.streets import add_streets

ACCEPT: Final = """async (id) => {
  const { api } = lookalike.dock.platformButtons.tools;
  const { class_name: given } = await api.get(`/points/${id}`);
  const right = given === 'car' ? 'bus' : 'car';
  await api.post('/reviews', { ids: [id], verdict: 'accept', class_name: right, who: 'ann' });
}"""


def _tag(page: Page) -> Locator:
    dialog = open_dialog(page, "Tag", "Tag on Supervisely")
    dialog.get_by_label("Tag", exact=True).fill("ISSUE")
    dialog.get_by_role("button", name="Check").click()
    expect(dialog.get_by_role("status")).to_contain_text("would get")
    return dialog


def _job(page: Page) -> Locator:
    dialog = open_dialog(page, "Job", "Labeling job on Supervisely")
    dialog.get_by_role("textbox", name="Name").fill("look again")
    dialog.get_by_role("checkbox", name="bob").check()
    return dialog


def _collect(page: Page) -> Locator:
    dialog = open_dialog(page, "Collect", "Collection on Supervisely")
    dialog.get_by_role("textbox").first.fill("streets to label first")
    return dialog


def _tree(page: Page) -> Locator:
    page.get_by_role("button", name="Jobs").click()
    page.get_by_role("button", name="Index images").click()
    dialog = page.get_by_role("dialog", name="Index images")
    dialog.get_by_text("Or choose a project on Supervisely").click()
    project = dialog.get_by_role("treeitem", name="Project Streets of a small town")
    project.click()
    project.press("ArrowRight")
    expect(dialog.get_by_role("treeitem", name="Data set ").first).to_be_visible()
    return dialog


def _write_back(page: Page) -> Locator:
    for point in page.evaluate("async () => (await lookalike.selection.readPoints()).map((point) => point.id)")[:3]:
        page.evaluate(ACCEPT, point)
    page.get_by_role("tab", name="Reviewed").click()
    page.get_by_role("button", name="Write back").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Write ")).to_be_visible()
    return dialog


VIEWS: Final[dict[str, Callable[[Page], Locator]]] = {
    "tree": _tree,
    "tag": _tag,
    "job": _job,
    "collection": _collect,
    "write-back": _write_back,
}
"""Views by the names of their pictures, and the way to each from the page with 30 points selected."""


def take(browser: Browser, url: str, name: str, path: Path, **window: object) -> None:
    """Open the page, go to a view and take its picture."""
    context = browser.new_context(reduced_motion="reduce", **window)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    page.wait_for_function(MAP_IS_PAINTED)
    select_points(page)
    VIEWS[name](page)
    page.mouse.move(0, 0)
    page.wait_for_function(IS_QUIET)
    page.wait_for_timeout(400)
    save(page, path)
    context.close()


def main() -> None:
    """Take all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(VIEWS)}")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--phone", action="store_true", help="in a phone's window")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    with running_server() as double, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        source = f"supervisely://{add_streets(double.tables)}"
        data_dir = Path(folder) / "data"
        for command in (("index", source), ("project",)):
            environment = {**os.environ, **double.environment}
            subprocess.run(lookalike_command(*command, "--data-dir", data_dir), check=True, env=environment)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        size = PHONE if arguments.phone else SIZE
        with serve(data_dir, double.environment) as url:
            for name in arguments.names or VIEWS:
                for scheme in ("light", "dark"):
                    path = arguments.target / f"supervisely-{name}-{scheme}.png"
                    take(browser, url, name, path, viewport=size, color_scheme=scheme)
        browser.close()


if __name__ == "__main__":
    main()
