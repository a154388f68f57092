"""Does the page answer at once? Latencies as a person has them, in a real Chromium on a real server.

Each is from the press of a key or a button to the cards in the document. The new list after a verdict is whole again:
without the card that was judged, with the one that moved up from the next page.

A cold load is compared with that of a bare Dash and Mantine page, loaded in turns in the same run.

    python -m benchmarks.page --objects 20000 100000
    python -m benchmarks.page --objects 100000 --keep FOLDER    # indexed once, for a quiet moment later
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

WINDOW: Final[Any] = {"viewport": {"width": 1400, "height": 900}}
BARE_LOAD, MAP_LOAD, SUSPECTS_LOAD = "cold load of a bare page", "cold load -> map painted", "cold load -> suspects"
FLAGS: Final = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
BOUNDS_MS: Final = {
    "verdict -> new list": 300.0,
    "click -> neighbor cards": 200.0,
    "lasso -> gallery": 50.0,
    "filter -> greyed map": 100.0,
}
"""Longest p95 on a quiet machine."""
MOST_TIMES_BARE: Final = 1.5
"""The cold load to the painted map may take so many times that of a bare page."""
_PAINTED: Final = "() => window.lookalike?.map?.nPoints > 0 && lookalike.map.renderer.isComplete"
_BARE: Final = """
import dash_mantine_components as dmc, uvicorn
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI
server = FastAPI()
app = Dash(__name__, server=server, serve_locally=True)
parts = [dmc.Title("bare"), dmc.Select(data=["a", "b"]), dcc.Store(id="in", data=1), html.P(id="out")]
app.layout = dmc.MantineProvider(parts)
app.callback(Output("out", "children"), Input("in", "data"))(lambda value: f"answered {value}")
uvicorn.run(server, host="127.0.0.1", port=%d, log_level="error")
"""
"""A page with a form, a store and one answer of the server, on the same web server."""
_WATCH: Final = """() => {
  window.measured = null;
  window.since = (name, isDone) => {
    const start = performance.now();
    window.measured = new Promise((resolve) => {
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
  const neighbors = () => [...document.querySelectorAll('.neighbor')];
  document.addEventListener('keydown', ({ key }) => {
    const [judged, n] = [ids()[0], ids().length];
    if (key === 'd') since('verdict', () => ids().length === n && !ids().includes(judged));
  }, true);
  window.sinceFrame = (isDone) => {  // for what is painted, which is no mutation of the document
    const start = performance.now();
    window.measured = new Promise((resolve) => {
      const look = () => (isDone() ? resolve(performance.now() - start) : requestAnimationFrame(look));
      look();
    });
  };
  document.addEventListener('pointerup', ({ target }) => {
    if (!target.closest('.map-host')) return;
    const before = lookalike.map.chosenRows;
    sinceFrame(() => lookalike.map.chosenRows !== before && lookalike.map.renderer.isComplete
      && document.querySelector('.gallery-cell') !== null);
  }, true);
  document.addEventListener('change', ({ target }) => {
    if (!target.closest('.filter-panel')) return;
    const count = () => lookalike.map.columns.faded.reduce((sum, one) => sum + one, 0);
    const n = count();
    sinceFrame(() => lookalike.map.renderer.isComplete && count() !== n);
  }, true);
  document.addEventListener('pointerdown', ({ target }) => {
    if (!target.closest('.suspect')) return;
    const before = new Set(neighbors());
    since('click', () => neighbors().length === 20 && neighbors().every((card) => !before.has(card)));
  }, true);
}"""
"""Starts a clock with the press itself; ``measured`` is how many ms it took."""


@contextmanager
def serve(data_dir: Path) -> Iterator[str]:
    """Serve a data directory; gives the address."""
    port = find_port()
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


@contextmanager
def serve_bare() -> Iterator[str]:
    """Serve a page of Dash and Mantine with next to nothing on it; gives the address."""
    port = find_port()
    server = subprocess.Popen([sys.executable, "-c", _BARE % port], stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        while not _answers(url):
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


def find_port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def prepare(url: str, data_dir: Path, n_objects: int) -> None:
    """Index and make a map, unless the folder has both, and have the suspects ranked once."""
    if not (data_dir / "squares").exists():
        subprocess.run([sys.executable, "-m", "benchmarks.page_points", str(data_dir), str(n_objects)], check=True)
        program = "from lookalike.commands.main import main; main()"
        project = [sys.executable, "-c", program, "project", "--method", "pca", "--data-dir", str(data_dir)]
        subprocess.run(project, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    api = httpx.Client(base_url=f"{url}/api/v1", timeout=600)
    (collection,) = api.get("/collections").json()
    api.get(f"/collections/{collection['name']}/suspects").raise_for_status()


def open_page(page: Page, url: str, is_ready: str) -> float:
    """Open an address; gives the ms until a condition on the page is met."""
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(is_ready)
    return 1000 * (time.perf_counter() - started)


def measure_loads(browser: Browser, url: str, n: int) -> dict[str, list[float]]:
    """Cold loads of a bare page, and of ours to the map and to the suspects, in turns, ms."""
    found: dict[str, list[float]] = {BARE_LOAD: [], MAP_LOAD: [], SUSPECTS_LOAD: []}
    with serve_bare() as bare:
        wanted = {
            BARE_LOAD: (bare, "() => document.body.innerText.includes('answered 1')"),
            MAP_LOAD: (url, _PAINTED),
            SUSPECTS_LOAD: (url, "() => document.querySelector('.suspect') !== null"),
        }
        for _ in range(n):
            for name, (address, is_ready) in wanted.items():
                with browser.new_context(**WINDOW) as context:
                    found[name].append(open_page(context.new_page(), address, is_ready))
    return found


def measure_verdicts(page: Page, n: int) -> list[float]:
    """Dismiss the first suspect again and again."""
    took = []
    page.keyboard.press("j")
    for _ in range(n):
        page.wait_for_timeout(700)  # a person looks at it
        page.keyboard.press("d")
        took.append(page.evaluate("measured"))
    return took


def measure_clicks(page: Page, n: int) -> list[float]:
    """Click one suspect after the other."""
    took = []
    for number in range(n):
        page.wait_for_timeout(700)
        page.locator(".suspect").nth(number % 12).click()
        took.append(page.evaluate("measured"))
    return took


def measure_lassos(page: Page, n: int) -> list[float]:
    """Draw around the middle of the map."""
    box = page.locator(".point-map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.get_by_role("button", name="Draw around points").click()
    took = []
    for number in range(n):
        page.wait_for_timeout(300)
        radius = 60 + number % 10
        page.mouse.move(x - radius, y - radius)
        page.mouse.down()
        for corner in ((radius, -radius), (radius, radius), (-radius, radius)):
            page.mouse.move(x + corner[0], y + corner[1])
        page.mouse.up()
        took.append(page.evaluate("measured"))
    page.keyboard.press("Escape")
    return took


def measure_filters(page: Page, n: int) -> list[float]:
    """Let only points be that nobody judged, and all again; the api says which these are."""
    box, took = page.get_by_role("checkbox", name="unjudged"), []
    for _ in range(n):
        page.wait_for_timeout(300)
        box.click()
        took.append(page.evaluate("measured"))
    return took


def report(what: str, values: list[float]) -> bool:
    """Print p50 and p95; whether the bound is kept."""
    p50, p95 = np.percentile(values, (50, 95))
    bound = BOUNDS_MS.get(what)
    words = "" if bound is None else f" (bound {bound:.0f}{'' if p95 <= bound else ', missed'})"
    load = os.getloadavg()[0]
    print(f"{what:28} n={len(values):3} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms{words}  load {load:.1f}", flush=True)
    return bound is None or bool(p95 <= bound)


def report_ratio(loads: dict[str, list[float]]) -> bool:
    """Print how the load to the map compares with that of the bare page; whether the bound is kept."""
    ratios = [np.percentile(loads[MAP_LOAD], at) / np.percentile(loads[BARE_LOAD], at) for at in (50, 95)]
    words = f"(bound {MOST_TIMES_BARE:.1f}{'' if ratios[0] <= MOST_TIMES_BARE else ', missed'})"
    print(f"{'map / bare page':28}       p50 {ratios[0]:6.2f} x   p95 {ratios[1]:6.2f} x   {words}", flush=True)
    return bool(ratios[0] <= MOST_TIMES_BARE)


def measure(url: str, n: int) -> dict[str, list[float]]:
    """All latencies, ms, by what they are of."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium on the PATH; install 'chromium' to measure the page")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        loads = measure_loads(browser, url, max(3, n // 4))
        page = browser.new_context(**WINDOW).new_page()
        open_page(page, url, _PAINTED)
        page.locator(".suspect").first.wait_for()
        page.evaluate(_WATCH)
        found = loads | {
            "click -> neighbor cards": measure_clicks(page, n),
            "verdict -> new list": measure_verdicts(page, n),
            "filter -> greyed map": measure_filters(page, n),
            "lasso -> gallery": measure_lassos(page, n),
        }
        browser.close()
    return found


def main() -> None:
    """Measure and print; a bound that is missed is said, and fails with --strict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--times", type=int, default=40, help="how often each is measured")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a bound is missed; for a quiet machine")
    parser.add_argument("--keep", type=Path, help="folder for what is indexed; measured again without indexing")
    parser.add_argument("--prepare", action="store_true", help="only index into the folder that is kept")
    arguments = parser.parse_args()
    kept = [is_fast(n_objects, arguments) for n_objects in arguments.objects]
    raise SystemExit(0 if all(kept) or not arguments.strict else 1)


def is_fast(n_objects: int, arguments: argparse.Namespace) -> bool:
    """Measure and print at one size; whether all bounds are kept."""
    keep: Path | None = arguments.keep
    place = nullcontext(str(keep / str(n_objects))) if keep else tempfile.TemporaryDirectory(prefix="lookalike-page-")
    with place as folder, serve(Path(folder)) as url:
        prepare(url, Path(folder), n_objects)
        if arguments.prepare:
            return True
        print(f"{n_objects:,} objects", flush=True)
        found = measure(url, arguments.times)
        return all([*(report(what, values) for what, values in found.items()), report_ratio(found)])


if __name__ == "__main__":
    main()
