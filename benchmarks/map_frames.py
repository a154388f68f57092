"""Times of the map's drawing, in a real Chromium without graphics hardware: the renderer alone, on clouds of points.

The processor draws the dots. ``--gl`` has them drawn by the browser's software GL too, which WebGL2 would be here.

First paint is from the moment that the bytes are there. Pan and zoom are the times between frames while a hand moves
the map; a lasso is from letting go to the chosen rows, and to the frame that shows them.

    python -m benchmarks.map_frames --points 1000000 5000000
"""

from __future__ import annotations

import argparse
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.sync_api import sync_playwright

from api.services.map_blocks import NO_SCORE, pack_map, scale_to_square

ASSETS: Final = Path(__file__).parents[1] / "explorer" / "assets"
TWO_MAPS_AT: Final = 1_000_000
"""Points of the maps that are also measured side by side."""
FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu-compositing", "--use-gl=angle", "--use-angle=swiftshader"),
    "--enable-unsafe-swiftshader",
)
"""A browser without graphics hardware composes its pages on the processor, unless it is told otherwise."""
N_CLOUDS: Final = 40
AS_HARDWARE: Final = """const of = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  const isName = name === this.RENDERER || name === 0x9246; // the second: UNMASKED_RENDERER_WEBGL
  return isName ? 'A graphics card' : of.call(this, name);
};"""
"""Hides that software GL is no hardware, so that WebGL2 is used."""
BOUNDS_MS: Final = {"first paint": 500.0, "pan p95": 33.0, "zoom p95": 33.0, "lasso": 300.0, "two maps, pan p95": 33.0}
"""Bounds of the map at a million points."""
_PAGE: Final = b"""<!doctype html><style>html, body, div { height: 100%; margin: 0; position: relative }
canvas { position: absolute; inset: 0; width: 100%; height: 100% } body { display: flex }
#host, #second { flex: 1 } #second[hidden] { display: none }
</style><div id="host"></div><div id="second" hidden></div>"""
_MEASURE: Final = """async ({ colors, isDouble }) => {
  const { PointMap } = await import('/map/point_map.mjs');
  const { densityContours } = await import('/map/density.mjs');
  const bytes = await (await fetch('/map.bin')).blob();
  const url = URL.createObjectURL(bytes);
  const map = new PointMap(document.querySelector('#host'));
  const { renderer } = map;
  map.paint.setRamp(['#cccccc', '#ff0000'], '#888888');
  renderer.dotSizePx = 2.5;
  const frame = () => new Promise(requestAnimationFrame);
  const until = async (isSo) => { while (!isSo()) await frame(); };
  const timed = async (work) => { const start = performance.now(); await work(); return performance.now() - start; };
  const found = {};
  const start = performance.now();
  const names = colors.map((_, k) => `class ${k}`);
  const loading = map.load(url, { colors, names, visible: new Uint8Array(colors.length).fill(1) });
  for (const budget of [renderer.budget, renderer.budgetAtOnce]) {
    const adapt = budget.adapt.bind(budget);
    budget.adapt = (nDrawn, elapsedMs) => {  // called when a frame can be seen
      found['first paint'] ??= performance.now() - start;
      adapt(nDrawn, elapsedMs);
    };
  }
  await loading;
  found['loaded'] = performance.now() - start;
  await until(() => renderer.isComplete);
  found['all painted'] = performance.now() - start;
  const gaps = async (move, map) => {
    const { renderer } = map;
    const times = [];
    let last = await frame();
    for (let k = 0; k < 90; k++) {
      move(k);
      map.viewport.moved();
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    times.sort((a, b) => a - b);
    await until(() => renderer.isComplete);
    return [times[45], times[85]];
  };
  [found['pan p50'], found['pan p95']] = await gaps((k) => map.camera.panBy(k % 30 < 15 ? 6 : -6, 2), map);
  const zoom = (k) => map.camera.zoomAt(400, 300, k < 45 ? 1.04 : 1 / 1.04);
  [found['zoom p50'], found['zoom p95']] = await gaps(zoom, map);
  map.viewport.fit({ isWhole: true });
  await until(() => renderer.isComplete);
  const { width, height } = map.camera;
  const outline = Array.from({ length: 64 }, (_, k) => [
    width * (0.5 + 0.25 * Math.cos(k / 10.2)), height * (0.5 + 0.25 * Math.sin(k / 10.2)),
  ]);
  map.pick(1, 1);  // the index is there as soon as the pointer is over the map
  let nChosen = 0;
  map.addEventListener('select', ({ detail }) => { nChosen = detail.rows.length; });
  found['lasso'] = await timed(() => map.interaction.hands.outlined(outline, 'replace'));
  found['lasso shown'] = found['lasso'] + await timed(() => until(() => !renderer.stale && !renderer.isBusy));
  found['contours'] = await timed(() => densityContours(map.columns, (row) => map.isVisible(row)));
  const numbers = Uint8Array.from({ length: map.nPoints }, (_, row) => row % 250);
  found['colours by a number'] = await timed(() => map.paint.byNumber('outlier', numbers));
  if (isDouble) {
    const { LinkedMap } = await import('/map/linked_map.mjs');
    const host = document.querySelector('#second');
    host.hidden = false;
    const second = new LinkedMap(host, map);
    second.setTheme({ ink: '#111111', paper: '#ffffff', accent: '#2f7fd6' });
    const { count, x, y } = map.columns;
    const start = performance.now();
    second.place({ x: y.slice(0, count), y: x.slice(0, count) }, null);
    await until(() => second.renderer.isComplete);
    found['second map painted'] = performance.now() - start;
    const pan = (k) => {
      map.camera.panBy(k % 30 < 15 ? 6 : -6, 2);
      second.camera.panBy(k % 30 < 15 ? 6 : -6, 2);
      second.viewport.moved();
    };
    [found['two maps, pan p50'], found['two maps, pan p95']] = await gaps(pan, map);
  }
  return { found, nChosen };
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--gl", action="store_true", help="measure software GL too, in the same run")
    arguments = parser.parse_args()
    for n_points in arguments.points:
        body = make_map(n_points)
        answer = measure(body, n_points)
        by_gl = measure(body, n_points, script=AS_HARDWARE)["found"] if arguments.gl else {}
        print(f"{n_points:,} points, of which a lasso chose {answer['nChosen']:,}")
        for name, value_ms in answer["found"].items():
            bound = f"   (at most {BOUNDS_MS[name]:.0f})" if name in BOUNDS_MS else ""
            beside = f"   software GL {by_gl[name]:9.1f} ms" if by_gl else ""
            print(f"  {name:22s} {value_ms:9.1f} ms{beside}{bound}")


def make_map(n_points: int) -> bytes:
    """A binary map of clouds of different sizes, in random order."""
    random = np.random.default_rng(7)
    clouds = random.choice(N_CLOUDS, n_points, p=random.dirichlet(np.ones(N_CLOUDS)))
    centres, sizes = random.normal(0, 6, (N_CLOUDS, 2)), random.uniform(0.2, 1.2, N_CLOUDS)
    places = centres[clouds] + random.normal(0, 1, (n_points, 2)) * sizes[clouds, None]
    scores = np.where(random.random(n_points) < 0.1, NO_SCORE, random.integers(0, 255, n_points)).astype(np.uint8)
    positions = scale_to_square(places.astype(np.float32))
    return pack_map(positions, clouds.astype(np.uint16), scores, n_classes=N_CLOUDS)


def measure(body: bytes, n_points: int, *, script: str = "") -> Any:
    """Times in ms by name, of a map in a browser whose pages run a script first."""
    colors = [f"#{40 + 5 * k:02x}{200 - 4 * k:02x}{(97 * k) % 256:02x}" for k in range(N_CLOUDS)]
    with serve(body) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 900, "height": 700}, reduced_motion="reduce")
        page.set_default_timeout(300_000)
        page.add_init_script(script)
        page.goto(url)
        answer = page.evaluate(_MEASURE, {"colors": colors, "isDouble": n_points == TWO_MAPS_AT})
        browser.close()
        return answer


@contextmanager
def serve(body: bytes) -> Iterator[str]:
    """The scripts of the map, an empty page, and the map."""

    class Handler(SimpleHTTPRequestHandler):
        extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

        def do_GET(self) -> None:
            answers = {"/": (_PAGE, "text/html"), "/map.bin": (body, "application/octet-stream")}
            if self.path not in answers:
                super().do_GET()
                return
            content, kind = answers[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the base class)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(ASSETS)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()


if __name__ == "__main__":
    main()
