"""The app of the platform in a browser: behind its prefix, from the offer to index a project to its map."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED
from tests.doubles.platform_app import SESSION, running_app
from tests.doubles.platform_proxy import running_proxy


@pytest.mark.parametrize("keeps_prefix", [False, True], ids=["stripped", "kept"])
def test_app__works_behind_the_prefix(open_page, chromium, double, project, tmp_path, keeps_prefix):
    seen = []
    dataset = project.datasets["val"]
    told = {"context.projectId": str(project.project), "context.datasetId": str(dataset)}
    with (
        running_app(double, tmp_path / "data", tmp_path / "output.txt", **told) as url,
        running_proxy(url, session=SESSION, keeps_prefix=keeps_prefix) as proxy,
    ):
        page = open_page("about:blank", viewport={"width": 1280, "height": 800})
        page.on("request", lambda request: seen.append(request.url))
        page.goto(f"{proxy.url}{proxy.prefix}/")
        dialog = page.get_by_role("dialog", name="Index images")
        expect(dialog.get_by_text(f"{project.of_dataset('val')} is not indexed yet.")).to_be_visible()
        dialog.get_by_text("Or choose a project on Supervisely").click()
        expect(dialog.get_by_role("treeitem", name="Project streets 60 images")).to_be_visible()
        dialog.get_by_role("button", name="Start indexing").click()
        page.get_by_role("button", name="Make the map").click(timeout=180_000)
        page.wait_for_function(MAP_IS_PAINTED, timeout=180_000)
        page.evaluate("lookalike.map.choose(3, 'list')")
        expect(page.get_by_role("link", name="Labeling tool")).to_be_visible()
        expect(page.get_by_role("img", name="The selected point's image")).to_have_js_property("complete", True)
        page.reload()
        page.wait_for_function(MAP_IS_PAINTED)

        page.goto(f"{proxy.url}{proxy.prefix}/")  # opened again from the context menu
        page.wait_for_function(MAP_IS_PAINTED)
        page.close()
    output = (tmp_path / "output.txt").read_text()

    assert any("/api/v1/" in url for url in seen)
    outside = [one for one in seen if not one.startswith((f"{proxy.url}{proxy.prefix}/", "data:", "blob:"))]
    assert outside == []
    assert double.token not in "".join(proxy.told) + output


def test_documentation__works_behind_the_prefix(open_page, double, tmp_path):
    """Typed as an address, so that no page before it proves anything."""
    with running_app(double, tmp_path / "data", tmp_path / "output.txt") as url:
        for keeps_prefix in (False, True):
            with running_proxy(url, session=SESSION, keeps_prefix=keeps_prefix) as proxy:
                seen: list[str] = []
                page = open_page("about:blank", viewport={"width": 1280, "height": 800})
                page.on("request", lambda request, seen=seen: seen.append(request.url))
                page.goto(f"{proxy.url}{proxy.prefix}/api/v1/docs")

                operation = page.locator("#operations-collections-list_collections_collections_get")
                operation.locator(".opblock-summary-control").click()
                operation.get_by_role("button", name="Try it out").click()
                operation.get_by_role("button", name="Execute").click()
                expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
                page.close()

                assert f"{proxy.url}{proxy.prefix}/api/v1/collections" in seen
                ours = (f"{proxy.url}{proxy.prefix}/", "data:", "blob:")
                assert [one for one in seen if not one.startswith(ours)] == []
