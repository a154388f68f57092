"""Dots by graphics hardware and by the processor: the same picture, and the same page.

No machine of the tests has graphics hardware. Software GL stands in for it, with a name that hides what it is.
"""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from benchmarks.map_frames import AS_HARDWARE
from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.test_colouring import PAINTED_BY
from tests.browser.test_map import pixels
from tests.browser.test_two_maps import BOTH_ARE_PAINTED, second, two_maps  # noqa: F401 (a fixture)

WITHOUT_WEBGL = """const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === 'webgl2' ? null : get.call(this, kind, ...rest);
};"""
KIND = "lookalike.map.renderer.dots.constructor.name"
# Rows in a ring, as a lasso would select them.
SELECT = "lookalike.map.select(Array.from({ length: 700 }, (_, place) => 2 * place))"


@pytest.fixture
def open_with(open_page, server):
    """Open the explorer in a browser of which a script says what it has."""

    def open_(script, address=server, **options):
        page = open_page("about:blank", **options)
        page.add_init_script(script)
        page.goto(address)
        page.wait_for_function(MAP_IS_PAINTED)
        return page

    return open_


def states(page):
    """Pictures of the dots: by class, filtered, with a selection, by a number, by cluster, closer, with larger dots."""

    def picture(*, of=MAP_IS_PAINTED, arg=None):
        page.wait_for_function(of, arg=arg)
        drawn = Image.open(
            io.BytesIO(base64.b64decode(page.evaluate("lookalike.map.canvas.toDataURL()").split(",")[1]))
        )
        on_white = Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn)
        return np.asarray(on_white.convert("RGB")).astype(int)

    yield "by class", picture()
    page.get_by_role("checkbox", name="7", exact=True).check()
    yield "filtered", picture()
    page.get_by_role("checkbox", name="7", exact=True).uncheck()
    page.wait_for_function("() => lookalike.map.visible.every(Boolean)")
    page.evaluate(SELECT)
    yield "selected", picture()
    page.evaluate("lookalike.map.select([])")
    for label, name in (("Outlier score", "outlier"), ("Cluster", "cluster")):
        page.get_by_label("Colour by").select_option(label)
        yield name, picture(of=PAINTED_BY, arg=name)
    page.evaluate(
        "lookalike.map.camera.lookAt(...lookalike.map.columns.position(7), 4); lookalike.map.viewport.moved()"
    )
    page.evaluate("lookalike.map.setDotSize(9)")
    yield "closer", picture()


def test_dots__look_alike_with_graphics_hardware_and_without(open_with):
    with_hardware, without = open_with(AS_HARDWARE, viewport=WIDE), open_with("", viewport=WIDE)
    assert (with_hardware.evaluate(KIND), without.evaluate(KIND)) == ("GlDots", "PixelDots")
    for (name, expected), (_, found) in zip(states(with_hardware), states(without), strict=True):
        difference = np.abs(found - expected).max(axis=2)
        is_inked = expected.min(axis=2) < 200
        assert is_inked.sum() > 500, name
        # A centre is rounded to a quarter of a pixel, so the edge of a dot may be a little fainter or stronger.
        assert (difference > 64).sum() < is_inked.sum() / 50, name
        assert abs((found - expected).mean()) < 0.5, name


WIDE = {"width": 1400, "height": 900}


def test_without_webgl__the_map_is_whole(open_with, two_maps):  # noqa: F811
    page = open_with(WITHOUT_WEBGL, f"{two_maps}&view=maps", viewport=WIDE)
    page.wait_for_function(BOTH_ARE_PAINTED)
    box = page.locator(".point-map-canvas").first.bounding_box()
    x, y = page.evaluate("lookalike.map.camera.toScreen(...lookalike.map.columns.position(25))")
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_function("() => lookalike.map.neighbors.length === 20")
    page.evaluate(SELECT)
    page.wait_for_function("() => lookalike.secondMap.map.renderer.dimOthers")
    expect(second(page).locator("canvas")).to_have_count(2)


def test_context_loss__the_map_comes_back(open_with):
    page = open_with(AS_HARDWARE, viewport=WIDE)
    before = pixels(page, clip=page.locator("#map-host").bounding_box())
    page.evaluate("""() => {
      const extension = lookalike.map.renderer.dots.gl.getExtension('WEBGL_lose_context');
      const canvas = lookalike.map.canvas;
      window.restored = new Promise(resolve => canvas.addEventListener('webglcontextrestored', resolve));
      canvas.addEventListener('webglcontextlost', () => setTimeout(() => extension.restoreContext()), { once: true });
      extension.loseContext();
    }""")
    page.evaluate("restored")
    page.wait_for_function(MAP_IS_PAINTED)
    page.evaluate("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    after = pixels(page, clip=page.locator("#map-host").bounding_box())
    assert abs(after - before).max() < 10


def test_two_maps__closed_ones_give_their_memory_back(open_with, two_maps):  # noqa: F811
    """Chromium takes the oldest of more than 16 contexts away, and the first map would go."""
    page = open_with(AS_HARDWARE, f"{two_maps}&view=maps", viewport=WIDE)
    page.wait_for_function(BOTH_ARE_PAINTED)
    kept = page.evaluate_handle("lookalike.secondMap.map.renderer.dots.gl")
    for _ in range(20):
        page.get_by_role("radio", name="Map", exact=True).check(force=True)
        expect(second(page)).to_be_hidden()
        page.get_by_role("radio", name="Two maps", exact=True).check(force=True)
        page.wait_for_function("() => lookalike.secondMap.state.status === 'ready'")
    assert page.evaluate("gl => gl.isContextLost()", kept)
    assert not page.evaluate("lookalike.map.renderer.dots.isLost")
    expect(second(page).locator("canvas")).to_have_count(2)
    page.wait_for_function(BOTH_ARE_PAINTED)


def test_a_browser_that_draws_nothing__says_so(open_page, server):
    page = open_page("about:blank", viewport=WIDE)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(server)
    expect(page.locator("#map-status")).to_have_text("This browser draws no pictures, so there is no map.")
