"""Api and page as one server."""

import pytest

from explorer.cli import create_server
from tests.integration.api.samples import BASE, AppClient, assert_problem

FOREIGN = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}


@pytest.fixture(scope="module")
def server(workspace):
    return AppClient(create_server(workspace))


def test_create_server__page_and_api(server):
    assert "Lookalike" in server.get("/").text
    assert server.get(BASE).json()["n_points"] > 0


@pytest.mark.parametrize("url", ["/_dash-update-component", f"{BASE}/reviews"])
def test_create_server__nothing_is_changed_for_the_page_of_another_site(server, url):
    assert_problem(server.post(url, json={}, headers=FOREIGN), 403, "page of another site")
