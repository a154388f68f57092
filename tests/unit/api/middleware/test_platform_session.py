"""Who comes through the platform: by a prefix that is kept, or by the page's address; all others see the bare page."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.middleware.platform_session import HAS_PLATFORM_POWER, PlatformSession, Session
from api.settings import ServerIdentity

IDENTITY = ServerIdentity.make()
PREFIX = "/net/5f2c9a7e1d"
PAGE = f"https://platform.example{PREFIX}/?collection=pets"


async def tell(request):
    """What arrives at the app."""
    power = getattr(request.state, HAS_PLATFORM_POWER, False)
    return JSONResponse({"path": request.url.path, "power": power, "host": request.headers["host"]})


APP = PlatformSession(
    Starlette(routes=[Route("/{path:path}", tell, methods=["GET", "POST"])]),
    Session(PREFIX, "platform.example"),
    IDENTITY,
    ("/is_ready",),
)


def ask(path, *, method="GET", **headers):
    async def send():
        transport = httpx.ASGITransport(app=APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://app-container:8000") as http:
            return await http.request(method, path, headers=headers)

    return asyncio.run(send())


@pytest.mark.parametrize("path", ["/", "/api/v1/runs", "/assets/a.css"])
def test_call__takes_a_kept_prefix_off(path):
    assert ask(f"{PREFIX}{path}").json() == {"path": path, "power": True, "host": "platform.example"}


def test_call__knows_the_page_where_the_prefix_is_stripped():
    answer = ask("/api/v1/runs", method="POST", referer=PAGE)

    assert answer.json() == {"path": "/api/v1/runs", "power": True, "host": "platform.example"}


def test_call__names_the_host_that_the_browser_sees():
    assert ask("/api/v1/runs", referer=f"http://10.0.0.5:38585{PREFIX}/").json()["host"] == "10.0.0.5:38585"


@pytest.mark.parametrize("path", ["/", "/assets/page/page.mjs", "/_dash-component-suites/x.js", "/is_ready"])
def test_call__shows_anybody_the_bare_page(path):
    assert ask(path).json() == {"path": path, "power": False, "host": "app-container:8000"}


@pytest.mark.parametrize("path", ["/api/v1/collections", "/api/v1/health", "/_dash-layout", "/_dash-update-component"])
@pytest.mark.parametrize(
    "referer",
    ["", "https://platform.example/", "https://evil.example/net/5f2c9a7e1", "https://evil.example/?x=/net/5f2c9a7e1d/",
     "https://platform.example/net/5f2c9a7e1d", "https://platform.example/net/5f2c9a7e1dx/"],
)  # fmt: skip
def test_call__refuses_what_does_not_come_through_the_platform(path, referer):
    answer = ask(path, referer=referer)

    assert answer.status_code == 403
    assert answer.json()["detail"] == "the request does not come through the platform; open the app there"
    assert "5f2c9a7e1d" not in answer.text


def test_call__lets_the_servers_own_runs_through():
    known = ask("/api/v1/store", authorization=f"Bearer {IDENTITY.token}")

    assert known.json() == {"path": "/api/v1/store", "power": False, "host": "app-container:8000"}
    assert ask("/api/v1/store", authorization="Bearer wrong").status_code == 403


def test_call__writes_nothing_for_anybody():
    assert ask("/assets/page.mjs", method="POST").status_code == 403


def test_call__leads_to_the_page_below_the_prefix():
    answer = ask(f"{PREFIX}?collection=pets")

    assert (answer.status_code, answer.headers["location"]) == (307, f"{PREFIX}/?collection=pets")


def test_call__closes_websockets():
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(APP({"type": "websocket", "path": f"{PREFIX}/", "headers": []}, None, send))

    assert sent == [{"type": "websocket.close", "code": 1008}]
