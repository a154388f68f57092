from __future__ import annotations

import asyncio
import inspect
import json
import logging
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from explorer import state
from explorer.app import create_app, report_error
from explorer.errors import ExplorerError
from explorer.panels import header, map_making
from explorer.settings import ExplorerSettings
from lookalike.errors import UnexpectedAnswerError
from tests.unit.explorer.components import CAT, OPEN, PROJECTED


@pytest.fixture
def get(client):
    server = FastAPI()
    create_app(server, client, ExplorerSettings())

    async def ask(path: str, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://explorer") as browser:
            return await browser.get(path, headers=headers)

    return lambda path, **headers: asyncio.run(ask(path, headers))


@pytest.fixture
def dash_app(client):
    return create_app(FastAPI(), client, ExplorerSettings())


def test_create_app__every_callback_is_a_coroutine_function(dash_app):
    # Dash runs any other callback on the event loop, where it would make everybody wait.
    dash_app._setup_server()
    callbacks = {name: entry["callback"] for name, entry in dash_app.callback_map.items() if "callback" in entry}
    assert len(callbacks) >= 8
    assert [name for name, callback in callbacks.items() if not inspect.iscoroutinefunction(callback)] == []


def test_create_app__every_id_of_a_callback_is_in_the_layout(dash_app):
    ids = {getattr(component, "id", None) for component in dash_app.layout._traverse()}
    used = {part["id"] for entry in dash_app._callback_list for part in entry["inputs"] + entry["state"]}
    assert used <= ids
    assert set(state.STORES) <= ids


def test_create_app__nothing_that_opens_the_page_waits_for_a_callback_of_the_server(dash_app):
    # Dash holds callbacks back until those have answered whose outputs they take.
    dash_app._setup_server()
    first = [one for one in dash_app._callback_list if one["prevent_initial_call"] is False]
    written = {one["output"] for one in first if not one.get("clientside_function")}
    assert written == {"store-relabels.data"}
    assert len(first) > 8


def test_create_app__modules_come_joined_and_are_kept(get):
    page = get("/")
    (address,) = re.findall(r'src="/(assets/page.mjs\?v=\w+)"', page.text)
    joined = get(f"/{address}")
    assert "bridge.js" in page.text
    assert set(re.findall(r'[\w/]+\.mjs[^"]*', page.text)) == {f"/{address}"}
    assert "javascript" in joined.headers["content-type"]
    assert "immutable" in joined.headers["cache-control"]
    assert "class PointMap" in joined.text
    assert "javascript" in get("/assets/map/point_map.mjs").headers["content-type"]


def test_create_app__style_sheets_come_joined_in_their_order(get):
    (address,) = re.findall(r'href="/(assets/page.css\?v=\w+)"', get("/").text)
    joined = get(f"/{address}")
    assert "css" in joined.headers["content-type"]
    assert "immutable" in joined.headers["cache-control"]
    assert joined.text.index(".page {") < joined.text.index(".point-map") < joined.text.index(".foot-tabs")
    assert get("/").text.count(".css") == 1


def opened(get, address: str) -> dict[str, dict[str, Any]] | None:
    """The first answers in the page at this address, by id."""
    (told,) = re.findall(r'<script type="application/json" id="opening">(.*?)</script>', get(address).text)
    answers: dict[str, dict[str, Any]] | None = json.loads(told)
    return answers


def test_serve_page__has_what_it_would_ask_for_first(get):
    page = opened(get, f"/?collection=pets&id={CAT}")
    assert page[header.Ids.COLLECTION]["value"] == "pets"
    assert page[header.Ids.COUNT]["children"] == "3 points · 1 image"
    assert page[state.COLLECTION]["data"] == OPEN
    assert page[state.PROJECTION]["data"] == PROJECTED
    assert page[state.MAP]["data"]["url"] == "api/v1/collections/pets/projections/m1/map?v=v7"
    assert page[state.SELECTED]["data"] == {"id": CAT, "by": "link"}
    assert page[state.REVIEWS]["data"] == {"collection": "pets", "revision": "r0"}
    assert page[state.TICK]["disabled"] is True


def test_serve_page__of_another_address_is_not_mixed_up(get):
    opened(get, f"/?id={CAT}")
    page = opened(get, "/?collection=cars")
    assert state.SELECTED not in page
    assert "no collection 'cars'" in str(page[state.NOTICE]["children"])
    assert get("/").headers["cache-control"] == "no-store"


def test_serve_page__a_name_in_it_cannot_end_the_script_or_be_a_mark_of_the_frame(get):
    for name in ("</script><b>", "OPENING", "{%scripts%}"):
        page = opened(get, f"/?collection={quote(name)}")
        assert f"no collection '{name}'" in str(page[state.NOTICE]["children"])


def test_serve_page__nothing_indexed_looks_on(api, get):
    api.collections = []
    page = opened(get, "/")
    assert "Nothing is indexed yet" in str(page[map_making.Ids.ADVICE]["children"])
    assert page[state.TICK]["disabled"] is False


def test_serve_page__without_answer_leaves_it_to_the_page(monkeypatch, get, client, dash_app):
    assert "disabled" not in dash_app.layout[state.TICK].to_plotly_json()["props"]  # the clock asks

    async def fail() -> None:
        raise UnexpectedAnswerError(502, "the api is away")

    monkeypatch.setattr(client, "list_collections", fail)
    assert opened(get, "/") is None


def test_serve_page__waits_for_no_slow_answer(monkeypatch, get, client):
    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("explorer.opening.PATIENCE_S", 0.01)
    monkeypatch.setattr(client, "list_collections", never)
    assert opened(get, "/") is None


def test_serve_page__its_head_waits_for_no_answer(monkeypatch, client):
    # Browsers begin with scripts and styles at once.
    asked = asyncio.Event()

    async def never() -> None:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(client, "list_collections", never)
    server = FastAPI()
    create_app(server, client, ExplorerSettings())
    sent: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message.get("body", b""))

    async def ask() -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": [],
            "http_version": "1.1",
        }
        asking = asyncio.create_task(server({**scope, "scheme": "http", "server": ("explorer", 80)}, receive, send))
        await asked.wait()
        assert b"page.css" in b"".join(sent)
        assert b"dash_renderer" in b"".join(sent)
        asking.cancel()

    asyncio.run(ask())


def test_create_app__scripts_that_never_run_are_left_out(get):
    page = get("/").text
    assert "dash_mantine_components" in page
    assert "/dash_table/" not in page
    assert "/polyfill" not in page
    assert "_favicon" not in page


def test_create_app__page_loads_nothing_from_another_host(get):
    page = get("/").text
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(
    ("error", "level", "shown"),
    [
        (ExplorerError("the api is away"), logging.WARNING, "The api is away"),
        (ZeroDivisionError("division by zero"), logging.ERROR, "Something went wrong in the explorer; the server's"),
    ],
)
def test_report_error__is_logged_and_shown(monkeypatch, caplog, error, level, shown):
    written = {}
    monkeypatch.setattr("explorer.app.set_props", lambda component, props: written.update({component: props}))
    report_error(error)
    assert [record.levelno for record in caplog.records] == [level]
    assert written[state.NOTICE]["children"].children.startswith(shown)
