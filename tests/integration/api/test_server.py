"""Api and page as one server."""

import asyncio

import pytest

from api.dependencies import mend_reviews
from api.settings import ApiSettings
from explorer.app import client_of
from explorer.settings import ExplorerSettings
from lookalike.server import Surroundings, create_server
from tests.integration.api.samples import BASE, AppClient, assert_problem

FOREIGN = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
PLACES = [
    "/",
    "/_dash-layout",
    "/_dash-dependencies",
    "/assets/map/point_map.mjs",
    "/api/v1/docs",
    "/api/v1/health",
    BASE,
]


@pytest.fixture(scope="module")
def server(workspace):
    return AppClient(create_server(workspace, surroundings=Surroundings(allow_hosts=["test"])))


def test_create_server__page_and_api(server):
    assert "Lookalike" in server.get("/").text
    assert server.get(BASE).json()["n_points"] > 0


@pytest.mark.parametrize("url", ["/_dash-update-component", f"{BASE}/reviews"])
def test_create_server__nothing_is_changed_for_the_page_of_another_site(server, url):
    assert_problem(server.post(url, json={}, headers=FOREIGN), 403, "page of another site")


@pytest.mark.parametrize("url", PLACES)
def test_create_server__nothing_is_told_to_a_foreign_name_that_leads_here(server, url):
    assert server.get(url).status_code == 200
    assert server.get(url, headers={"host": "127.0.0.1:8050"}).status_code == 200
    # To the browser, a page of a name that leads here is our own: it says same-origin.
    rebound = {"host": "evil.example:8050", "sec-fetch-site": "same-origin", "origin": "http://evil.example:8050"}
    assert_problem(server.get(url, headers=rebound), 421, "'evil.example:8050'", "--allow-host")


@pytest.mark.parametrize("url", ["/_dash-update-component", f"{BASE}/reviews", "/api/v1/runs"])
def test_create_server__nothing_is_changed_for_a_foreign_name_that_leads_here(server, url):
    rebound = {"host": "evil.example:8050", "sec-fetch-site": "same-origin", "origin": "http://evil.example:8050"}
    assert_problem(server.post(url, json={}, headers=rebound), 421, "'evil.example:8050'")


@pytest.mark.parametrize("url", ["/_dash-update-component", f"{BASE}/reviews"])
def test_create_server__bodies_are_limited_everywhere(server, url):
    n_bytes = ApiSettings().max_body_bytes + 1
    assert_problem(server.post(url, headers={"content-length": str(n_bytes)}), 413, f"larger than {n_bytes - 1} bytes")

    async def chunks():
        yield b"{}"

    assert_problem(server.post(url, content=chunks()), 411, "Content-Length")


def test_client_of__asks_under_no_name_of_the_network(workspace):
    server = create_server(workspace)

    async def ask():
        async with client_of(server.state.api, ExplorerSettings(), is_local=True) as client:
            return await client.list_collections()

    assert [info.name for info in asyncio.run(ask())] == ["squares"]


def test_lists__a_collection_that_somebody_deletes_meanwhile_is_left_out(server, workspace, monkeypatch):
    def delete_meanwhile():
        names = iter([["deleted", "squares"]])
        monkeypatch.setattr(workspace.collections, "names", lambda: next(names, ["squares"]))

    for path, words in {
        "collections": '"name":"squares"',
        "status": '"faults":[]',
        "ready": '"n_collections"',
        "metrics": "lookalike_store_up 1",
    }.items():
        delete_meanwhile()
        answer = server.get(f"/api/v1/{path}")
        assert (answer.status_code, words in answer.text) == (200, True), answer.text
    delete_meanwhile()
    mend_reviews(workspace)
