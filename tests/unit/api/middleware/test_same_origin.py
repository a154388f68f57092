"""Requests of foreign pages are refused; programs and our own page are not."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from api.middleware.same_origin import SameOrigin
from tests.integration.api.samples import AppClient, assert_problem


@pytest.fixture
def client():
    return AppClient(SameOrigin(PlainTextResponse("done")))


OWN = [
    {},
    {"origin": "http://test"},
    {"sec-fetch-site": "same-origin", "origin": "http://test"},
    {"sec-fetch-site": "same-origin", "origin": "https://a.proxy.in.front"},
    {"sec-fetch-site": "none"},
]
FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "http://test:8051"},
    {"origin": "http://test.evil.example"},
    {"origin": "null"},
    {"origin": "http://["},
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "http://test"},
]


@pytest.mark.parametrize("headers", OWN)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_same_origin__own_page_and_programs_pass(client, method, headers):
    assert client.request(method, "/", headers=headers).text == "done"


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_same_origin__foreign_page_is_refused(client, method, headers):
    assert_problem(client.request(method, "/", headers=headers), 403, "the page of another site")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_same_origin__what_changes_nothing_passes(client, method):
    assert client.request(method, "/", headers={"origin": "https://evil.example"}).status_code == 200


def test_same_origin__lifespan_is_none_of_its_business():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(SameOrigin(app)({"type": "lifespan"}, None, None))

    assert seen == ["lifespan"]


def test_same_origin__websockets_are_closed():
    sent = []

    async def note(message):
        sent.append(message)

    asyncio.run(SameOrigin(PlainTextResponse("done"))({"type": "websocket"}, None, note))

    assert sent == [{"type": "websocket.close", "code": 1008}]
