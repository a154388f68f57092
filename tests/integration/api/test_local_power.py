"""Who may have the server read folders and write files of its machine."""

import asyncio
from functools import partial

import httpx
import pytest

from lookalike.server import Surroundings, create_server
from tests.integration.api.samples import IDENTITY, assert_problem

PAGE = "http://localhost:8050"


@pytest.fixture(scope="module")
def server(workspace):
    return create_server(
        workspace, identity=IDENTITY, host="0.0.0.0", surroundings=Surroundings(allow_hosts=["lookalike.example"])
    )


def ask(server, method, url, *, client="127.0.0.1", cookies=None, **request):
    async def send():
        transport = httpx.ASGITransport(app=server, raise_app_exceptions=False, client=(client, 4))
        async with httpx.AsyncClient(transport=transport, base_url=PAGE, cookies=cookies) as http:
            return await http.request(method, url, **request)

    return asyncio.run(send())


@pytest.fixture(scope="module")
def start(server, tmp_path_factory):
    """Ask for a run of a source that can only be refused by reading it, so that the run is over at once."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "instances_val.json").write_text("{")
    return partial(ask, server, "POST", "/api/v1/runs", json={"kind": "index", "source": str(folder)})


@pytest.fixture
def cookies(server):
    return dict(ask(server, "GET", "/").cookies)


def test_health__tells_which_server_it_is(server):
    assert ask(server, "GET", "/api/v1/health").json()["server_id"] == IDENTITY.server_id


def test_token__starts_a_run(start):
    answer = start(headers={"Authorization": f"Bearer {IDENTITY.token}"}, client="192.168.1.7")
    assert answer.status_code == 202


def test_nobody__may_not(start):
    assert_problem(start(), 403, "may not index a folder on the server's machine", "LOOKALIKE_API_KEY")
    assert start().json()["code"] == "NotAllowedError"


@pytest.mark.parametrize("token", ["", "wrong", IDENTITY.token[:-1], IDENTITY.token + "x", "ä"])
def test_token__wrong_one_is_refused_everywhere(server, token):
    answer = ask(server, "GET", "/api/v1/health", headers={"Authorization": f"Bearer {token}".encode()})
    assert_problem(answer, 401, "does not know the key", "LOOKALIKE_API_KEY")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_proxys_own_password__is_no_token(server):
    assert ask(server, "GET", "/api/v1/health", headers={"Authorization": "Basic YTpi"}).status_code == 200


def test_page__has_a_cookie_that_scripts_cannot_read_and_that_does_not_tell_the_token(server):
    answer = ask(server, "GET", "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert IDENTITY.token not in cookie
    assert "set-cookie" not in ask(server, "GET", "/api/v1/health").headers


def test_page__may_start_a_run(start, cookies):
    own = {"Sec-Fetch-Site": "same-origin", "Origin": PAGE}
    assert start(cookies=cookies, headers=own).status_code == 202


@pytest.mark.parametrize(
    "request_",
    [
        {"client": "192.168.1.7"},
        {"headers": {"Host": "lookalike.example"}},
        {"headers": {"X-Forwarded-For": "192.168.1.7"}},
        {"headers": {"Forwarded": "for=192.168.1.7"}},
    ],
)
def test_page__of_another_machine_gets_no_cookie_and_may_not_use_one(server, start, cookies, request_):
    assert "set-cookie" not in ask(server, "GET", "/", **request_).headers
    assert start(cookies=cookies, **request_).status_code == 403


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_page__of_another_port_may_not_use_the_cookie(start, cookies, site):
    answer = start(cookies=cookies, headers={"Sec-Fetch-Site": site, "Origin": "http://localhost:3000"})
    assert answer.status_code == 403


def test_page__cookie_of_an_earlier_server_is_worth_nothing(start, cookies):
    (name,) = cookies
    assert start(cookies={name: "0" * 64}).status_code == 403
