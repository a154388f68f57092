"""Does the page answer at once? Latencies as a person has them, in a real Chromium on a real server.

Each is from the press of a key or a button to the cards in the document. The new list after a verdict is whole again:
without the card that was judged, with the one that moved up from the next page. A moment later it is ranked anew, by
what the verdict says. Cold loads are measured beside those of a bare page, in turns.

    python -m benchmarks.page --objects 20000 100000
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.page_loads import MAP_IS_PAINTED, measure_loads, report_loads
from benchmarks.ports import free_port

FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu-compositing", "--use-gl=angle", "--use-angle=swiftshader"),
    "--enable-unsafe-swiftshader",
)
"""Without a graphics card, a page that is composited by software GL takes 0.8 s of CPU more per load."""
Measured = dict[str, list[float]]
"""Milliseconds, by what they are from and to."""

BOUNDS_MS: Final = {
    "verdict -> new list": 300.0,
    "click -> neighbor cards": 200.0,
    "lasso -> gallery": 50.0,
    "filter -> greyed map": 100.0,
}
"""Longest p95 on a quiet machine."""
_WATCH: Final = """() => {
  window.measured = null;
  const measure = (act) => {  // what never comes ends the run with words
    const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error('not seen within a minute')), 60000));
    window.measured = Promise.race([new Promise(act), late]);
    late.catch(() => {});
    window.measured.catch(() => {});
  };
  window.since = (name, isDone) => {
    const start = performance.now();
    measure((resolve) => {
      const look = () => {
        if (!isDone()) return;
        observer.disconnect();
        resolve(performance.now() - start);
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      look();
    });
  };
  const ids = () => [...document.querySelectorAll('.suspect')].map((card) => card.dataset.pointId);
  const neighbors = () => [...document.querySelectorAll('.neighbor')].map((card) => card.dataset.pointId).join();
  document.addEventListener('keydown', ({ key }) => {
    const [judged, n] = [document.querySelector('.suspect.is-current')?.dataset.pointId, ids().length];
    if (key !== 'd') return;
    const list = lookalike.dock.suspects;
    const [start, loaded] = [performance.now(), list.loaded];
    window.ranked = new Promise((resolve) => {
      const stop = list.subscribe(() => {
        if (list.loaded === loaded || list.loaded.some(({ id }) => id === judged)) return;
        stop();
        resolve(performance.now() - start);
      });
    });
    // A page is 24 cards; one more is there if what is looked at ranks behind the page now.
    since('verdict', () => ids().length >= Math.min(n, 24) && !ids().includes(judged));
  }, true);
  window.sinceFrame = (isDone) => {  // for what is painted, which is no mutation of the document
    const start = performance.now();
    measure((resolve) => {
      const look = () => (isDone() ? resolve(performance.now() - start) : requestAnimationFrame(look));
      look();
    });
  };
  document.addEventListener('pointerup', ({ target }) => {
    if (!target.closest('.map-host')) return;
    const [before, cell] = [lookalike.map.chosenRows, document.querySelector('.gallery-cell')];
    const isNew = () => lookalike.map.chosenRows !== before && document.querySelector('.gallery-cell') !== cell;
    sinceFrame(isNew);
    window.first = window.measured;
    sinceFrame(() => isNew() && lookalike.map.renderer.isComplete);
  }, true);
  document.addEventListener('click', ({ target }) => {  // when the box has changed, points may have come back already
    if (!target.closest('.filter-panel input')) return;
    const count = () => lookalike.map.columns.faded.reduce((sum, one) => sum + one, 0);
    const [n, { renderer }] = [count(), lookalike.map];
    sinceFrame(() => !renderer.stale && renderer.drawn > 0 && count() !== n);
    window.first = window.measured;
    sinceFrame(() => renderer.isComplete && count() !== n);
  }, true);
  document.addEventListener('pointerdown', ({ target }) => {
    if (!target.closest('.suspect')) return;
    const { pointId } = target.closest('.suspect').dataset;
    sinceFrame(() => {  // two points may have neighbors in common, or all of them
      const { example, neighbors: found } = lookalike.similar.store.state;
      const ids = found.map(({ point }) => point.id).join();
      return example?.id === pointId && found.length === 20 && neighbors() === ids;
    });
  }, true);
}"""
"""Starts a clock with the press itself; ``measured`` is how many ms it took."""


@contextmanager
def serve(data_dir: Path) -> Iterator[str]:
    """Serve a data directory; gives the address."""
    port = free_port()
    program = "from lookalike.commands.main import main; main()"
    command = [sys.executable, "-c", program, "serve", "--port", str(port), "--data-dir", str(data_dir)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not (data_dir / "server.json").exists():
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def prepare(url: str, data_dir: Path, n_objects: int) -> None:
    """Index, make a map, and have the suspects ranked once."""
    subprocess.run([sys.executable, "-m", "benchmarks.page_points", str(data_dir), str(n_objects)], check=True)
    program = "from lookalike.commands.main import main; main()"
    project = [sys.executable, "-c", program, "project", "--method", "pca", "--data-dir", str(data_dir)]
    subprocess.run(project, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    api = httpx.Client(base_url=f"{url}/api/v1", timeout=600)
    (collection,) = api.get("/collections").json()
    api.get(f"/collections/{collection['name']}/suspects").raise_for_status()


def open_page(page: Page, url: str) -> None:
    """Open the page, with suspects and map in it."""
    page.goto(url)
    page.locator(".suspect").first.wait_for()
    page.wait_for_function(MAP_IS_PAINTED)
    page.evaluate(_WATCH)


def measure_verdicts(page: Page, n: int) -> Measured:
    """Dismiss the first suspect again and again."""
    whole, ranked = [], []
    page.keyboard.press("j")
    for _ in range(n):
        page.wait_for_timeout(700)  # a person looks at it
        page.keyboard.press("d")
        whole.append(page.evaluate("measured"))
        ranked.append(page.evaluate("ranked"))
    return {"verdict -> new list": whole, "verdict -> ranked anew": ranked}


def measure_clicks(page: Page, n: int) -> Measured:
    """Click one suspect after the other."""
    took = []
    for number in range(n):
        page.wait_for_timeout(700)
        page.locator(".suspect").nth(number % 12).click()
        took.append(page.evaluate("measured"))
    return {"click -> neighbor cards": took}


def measure_lassos(page: Page, n: int) -> Measured:
    """Draw around the middle of the map."""
    box = page.locator(".point-map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.get_by_role("button", name="Draw around points").click()
    listed, greyed = [], []
    for number in range(n):
        page.wait_for_timeout(300)
        radius = 60 + number % 10
        page.mouse.move(x - radius, y - radius)
        page.mouse.down()
        for corner in ((radius, -radius), (radius, radius), (-radius, radius)):
            page.mouse.move(x + corner[0], y + corner[1])
        page.mouse.up()
        listed.append(page.evaluate("first"))
        greyed.append(page.evaluate("measured"))
    page.keyboard.press("Escape")
    return {"lasso -> gallery": listed, "lasso -> greyed map": greyed}


def measure_filters(page: Page, n: int) -> Measured:
    """Let only points be that nobody judged, and all again; the api says which these are.

    A frame paints as many points as its budget allows, of all parts of the map; the following ones paint the others.
    """
    box, first, greyed = page.get_by_role("checkbox", name="unjudged"), [], []
    for _ in range(n):
        page.wait_for_timeout(300)
        box.click()
        first.append(page.evaluate("first"))
        greyed.append(page.evaluate("measured"))
    return {"filter -> first greyed frame": first, "filter -> greyed map": greyed}


def report(what: str, values: list[float]) -> bool:
    """Print p50 and p95; whether the bound is kept."""
    p50, p95 = np.percentile(values, (50, 95))
    bound = BOUNDS_MS.get(what)
    words = "" if bound is None else f" (bound {bound:.0f}{'' if p95 <= bound else ', missed'})"
    load = os.getloadavg()[0]
    print(f"{what:28} n={len(values):3} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms{words}  load {load:.1f}", flush=True)
    return bound is None or bool(p95 <= bound)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A Chromium with the flags."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium on the PATH; install 'chromium' to measure the page")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


def measure(url: str, n: int, n_loads: int) -> bool:
    """Measure and print; whether every bound is kept."""
    options: dict[str, Any] = {"viewport": {"width": 1400, "height": 900}}
    with open_browser() as browser:
        kept = [report_loads(*measure_loads(browser, url, options, n_loads))]
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(120_000)
        open_page(page, url)
        for of in (measure_clicks, measure_verdicts, measure_filters, measure_lassos):
            kept += [report(what, took) for what, took in of(page, n).items()]
    return all(kept)


def main() -> None:
    """Measure and print; a bound that is missed is said, and fails with --strict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--times", type=int, default=40, help="how often each is measured")
    parser.add_argument("--loads", type=int, default=10, help="how often each page is loaded")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a bound is missed; for a quiet machine")
    arguments = parser.parse_args()
    print(f"Chromium with {' '.join(FLAGS)}", flush=True)
    kept = []
    for n_objects in arguments.objects:
        with tempfile.TemporaryDirectory(prefix="lookalike-page-") as folder, serve(Path(folder)) as url:
            prepare(url, Path(folder), n_objects)
            print(f"{n_objects:,} objects", flush=True)
            kept.append(measure(url, arguments.times, arguments.loads))
    raise SystemExit(0 if all(kept) or not arguments.strict else 1)


if __name__ == "__main__":
    main()
