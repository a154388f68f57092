"""Headers of every answer, ids of requests, and limits on clients."""

import asyncio
import json
import logging
import re
import threading

import httpx
import pytest
from anyio.to_thread import current_default_thread_limiter

from api.middleware.patience import Patience
from indexer.errors import StoreUnavailableError
from lookalike.log_settings import JsonFormatter
from lookalike.server import Surroundings, create_server
from tests.integration.api.samples import BASE, IDENTITY, AppClient, assert_problem

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}
PLACES = {
    "/": 200,
    "/login": 200,
    "/assets/bridge.js": 200,
    "/_dash-layout": 200,
    "/api/v1/docs": 200,
    "/api/v1/health": 200,
    "/api/v1/nothing": 404,
    "/assets/../app.py": 404,
    "/_dash-component-suites/dash/dash.py": 404,
    "/_dash-component-suites/dash/..%2f..%2fapp.py": 404,
    "/_dash-component-suites/nothing/x.js": 404,
    f"{BASE}/points/none": 404,
    f"{BASE}/clusters?resolution=x": 422,
}


@pytest.fixture(scope="module")
def app(workspace):
    return create_server(workspace, identity=IDENTITY, surroundings=Surroundings(allow_hosts=["test"]))


@pytest.fixture(scope="module")
def server(app):
    return AppClient(app)


def policy_of(answer):
    return dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))


@pytest.mark.parametrize("place", PLACES)
def test_headers__are_on_every_answer(server, place):
    answer = server.get(place)
    assert answer.status_code == PLACES[place]
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert policy_of(answer)["frame-ancestors"] == "'none'"


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"host": "evil.example"}, 421),
        ("POST", {"origin": "https://evil.example"}, 403),
        ("POST", {"content-length": "99999999999"}, 413),
        ("GET", {"authorization": "Bearer wrong"}, 401),
        ("PUT", {}, 405),
    ],
)
def test_headers__are_on_every_refusal(server, method, headers, status):
    answer = server.request(method, BASE, headers=headers)
    assert_problem(answer, status)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert policy_of(answer) == {"default-src": "'none'", "frame-ancestors": "'none'"}


BODIES = ["", "{}", "[]", "null", "1", "text", '{"output": NaN}', '{"output": "a.b"}', "[" * 5000, "9" * 5000]


def test_callbacks__a_request_that_the_page_never_sends_is_refused_and_noted(server, caplog):
    for body in (*BODIES, b"\xff", '{"output": "\\ud800", "inputs": 1}', '{"output": {}, "outputs": 1, "inputs": []}'):
        caplog.clear()
        answer = server.post("/_dash-update-component", content=body, headers={"Content-Type": "application/json"})
        assert_problem(answer, 400, "the page does not send such a request; load the page again")
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
        (noted,) = [one for one in caplog.records if one.name == "explorer.faults"]
        assert (noted.levelno, noted.exc_info) == (logging.WARNING, None)


def test_nothing_there__names_the_documentation_where_there_is_one(server):
    assert server.get("/api/v1/nothing").json()["detail"] == "there is nothing at /api/v1/nothing; see /api/v1/docs"
    assert server.get("/assets/nothing.js").json()["detail"] == "there is nothing at /assets/nothing.js"


def test_script__that_the_page_does_not_have(server):
    answer = server.get("/_dash-component-suites/dash/dash.py")
    assert_problem(answer, 404, "the page has no such script")


def test_stopping__an_answer_that_took_too_long_says_so(app):
    async def ask():
        sent = []

        is_asked = asyncio.Event()

        async def receive():
            is_asked.set()
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/login", "query_string": b"", "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"test"), (b"content-length", b"9")], "http_version": "1.1", "scheme": "http",
            "server": ("test", 80),
        }  # fmt: skip
        answering = asyncio.create_task(app(scope, receive, send))
        await is_asked.wait()
        answering.cancel()
        await answering
        return sent

    start, body = asyncio.run(ask())
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert (start["status"], headers["retry-after"]) == (503, "5")
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert "the server was stopped; ask again in a moment" in body["body"].decode()


@pytest.mark.parametrize("place", ["/", "/api/v1/docs", "/login"])
def test_policy__pages_run_their_own_scripts_and_no_inline_ones_but_those_they_came_with(server, place):
    answer = server.get(place)
    scripts = policy_of(answer)["script-src"].split()
    assert "'self'" in scripts
    assert all(one == "'self'" or re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", one) for one in scripts)
    assert policy_of(answer)["object-src"] == "'none'"


def test_policy__a_platform_may_frame_the_page(workspace):
    around = Surroundings(allow_hosts=["test"], frame_ancestors=["https://platform.example"])
    answer = AppClient(create_server(workspace, surroundings=around)).get("/")
    assert policy_of(answer)["frame-ancestors"] == "https://platform.example"
    assert "x-frame-options" not in answer.headers


def test_failure__keeps_its_reason_in_the_log_and_has_the_headers(app, server, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("password=secret")

    monkeypatch.setattr(app.state.api.state.services.runs, "list", fail)
    answer = server.get("/api/v1/runs", headers={"X-Request-ID": "ticket-7"})
    assert_problem(answer, 500, "its log has the details")
    assert answer.headers["x-request-id"] == "ticket-7"
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert "password=secret" in caplog.text


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 200, "<script>"])
def test_request_id__is_made_if_none_is_given_or_an_odd_one(server, given):
    headers = {} if given is None else {"X-Request-ID": given}
    assert re.fullmatch(r"[0-9a-f]{16}", server.get("/api/v1/health", headers=headers).headers["x-request-id"])


def test_json_log__one_document_per_request(server, caplog):
    with caplog.at_level(logging.INFO, "lookalike.access"):
        server.get(f"{BASE}/points/none", headers={"X-Request-ID": "ticket-8"})
    (record,) = [one for one in caplog.records if hasattr(one, "request")]
    document = json.loads(JsonFormatter().format(record))
    assert document["path"] == f"{BASE}/points/none"
    assert (document["method"], document["status"], document["level"]) == ("GET", 404, "info")
    assert document["seconds"] >= 0


def test_methods__allow_names_every_method_of_the_path(server):
    for path, methods in {
        f"{BASE}/reviews": "GET, POST",
        "/api/v1/runs": "GET, POST",
        BASE: "DELETE, GET, PATCH",
    }.items():
        answer = server.request("PUT", path)
        assert_problem(answer, 405, "does not take PUT")
        assert answer.headers["allow"] == methods


@pytest.mark.parametrize("time", ["0", "1700000000", "1e9", "-1", "2024", "2024-01-01", "nan"])
def test_times__seconds_since_1970_are_no_times(server, time):
    assert_problem(server.get(f"{BASE}/points", params={"updated_after": time}), 422, "2026-01-31T12:00:00Z")


def test_metrics__count_requests_by_route_and_show_collections(server):
    server.get(f"{BASE}/points/none")
    text = server.get("/api/v1/metrics").text
    lines = text.splitlines()
    line = 'lookalike_requests_total{method="GET",route="/collections/{collection}/points/{point_id}",status="404"} '
    assert any(one.startswith(line) for one in lines), text
    assert 'lookalike_points{collection="squares"} 36' in lines
    assert "lookalike_store_up 1" in lines
    assert "lookalike_requests_in_flight 1" in lines
    for one in lines:
        assert re.fullmatch(r"# (HELP|TYPE) \S+ .+|[a-z_]+(\{.*\})? \S+", one), one


def test_ready__and_why_not(app, server, monkeypatch):
    assert server.get("/api/v1/ready").json() == {"status": "ready", "n_collections": 1}

    def fail(*_):
        raise StoreUnavailableError("the store at 10.0.0.3 does not answer")

    monkeypatch.setattr(app.state.api.state.services.workspace.collections, "names", fail)
    assert_problem(server.get("/api/v1/ready"), 503, "the store at 10.0.0.3 does not answer")
    assert server.get("/api/v1/health").status_code == 200


def test_health__is_told_while_every_thread_waits_for_the_store(app, monkeypatch):
    workspace, may_go_on = app.state.api.state.services.workspace, threading.Event()

    def wait():
        assert may_go_on.wait(60)
        return []

    monkeypatch.setattr(workspace.collections, "names", wait)

    async def ask():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as http:
            waiting = [asyncio.create_task(http.get("/api/v1/ready")) for _ in range(100)]
            threads = current_default_thread_limiter()
            while threads.borrowed_tokens < threads.total_tokens:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
            answer = await http.get("/api/v1/health")
            n_left = sum(not one.done() for one in waiting)
            may_go_on.set()
            return answer.status_code, n_left, {one.status_code for one in await asyncio.gather(*waiting)}

    assert asyncio.run(ask()) == (200, 100, {200})


def test_crowd__asks_to_come_again_and_still_says_that_it_lives(workspace):
    around = Surroundings(allow_hosts=["test"], max_requests=0)
    full = AppClient(create_server(workspace, surroundings=around))
    answer = full.get(BASE)
    assert_problem(answer, 503, "ask again in a moment")
    assert answer.headers["retry-after"] == "1"
    assert full.get("/api/v1/health").status_code == 200


def test_patience__a_body_that_does_not_come_is_answered():
    sent = []

    async def read_all(scope, receive, send):
        try:
            while (await receive()).get("more_body"):
                pass
        except TimeoutError:  # as frameworks do, which take it for damage
            pass
        await send({"type": "http.response.start", "status": 400, "headers": []})

    async def never():
        await asyncio.Event().wait()

    async def note(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", b"5")]}
    asyncio.run(Patience(read_all, first_s=0.01)(scope, never, note))
    assert sent[0]["status"] == 408
    assert b"came too slowly" in sent[1]["body"]
