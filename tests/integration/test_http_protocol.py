"""Answers on a connection that no app gives: to what is no HTTP, and to those who come when too many are there."""

import asyncio
import json
import logging
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from lookalike import http_protocol
from tests.integration.api.test_headers import ALWAYS

LIMIT = 3
HEALTH = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LAST_HEALTH = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


LONG = 40_000_000


async def app(scope, receive, send):
    assert scope["type"] == "http"
    if scope["path"] == "/long":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(LONG)})
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class CalmProtocol(http_protocol.PatientProtocol):
    """Waits longer than the busiest machine takes."""

    head_timeout_s, stall_s = 120, 120


class HastyProtocol(http_protocol.PatientProtocol):
    """Waits for nobody for long, but longer than a busy machine takes for one step."""

    head_timeout_s, stall_s = 3, 2


@contextmanager
def running(protocol):
    """A server that takes few connections, until the end of the block."""
    config = uvicorn.Config(
        app, "127.0.0.1", 0, http=protocol, ws="none", limit_concurrency=LIMIT,
        server_header=False, log_level=logging.CRITICAL, lifespan="off",
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server
    server.should_exit = True
    thread.join(30)


def port_of(server):
    return server.servers[0].sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def port():
    with running(CalmProtocol) as server:
        yield port_of(server)


@pytest.fixture
def hasty():
    """A server that waits for nobody."""
    with running(HastyProtocol) as server:
        yield server


def wait_until(is_so):
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def connect(port):
    opened = socket.create_connection(("127.0.0.1", port))
    opened.settimeout(60)
    return opened


def ask(port, request):
    """All that the server sends until it closes the connection."""
    with connect(port) as sent:
        sent.sendall(request)
        parts = []
        try:
            while part := sent.recv(65536):
                parts.append(part)
        except ConnectionResetError:  # it closed before it read all that we sent
            pass
    return b"".join(parts)


def parse(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert len(headers) == len(lines)  # none twice
    assert int(headers["content-length"]) == len(body)
    return status, headers, json.loads(body)


def assert_refusal(answer, status):
    line, headers, problem = parse(answer)
    assert line == f"HTTP/1.1 {status}"
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert f"{problem['status']} {problem['title']}" == status
    return headers, problem


MALFORMED = {
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "control in a name": b"GET / HTTP/1.1\r\nHo\x00st: x\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "not ASCII in the path": "GET /ü HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1"),
    "authority": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED)
def test_protocol__what_is_no_http__is_refused_with_the_headers_of_all_answers(port, request_):
    _, problem = assert_refusal(ask(port, request_), "400 Bad Request")
    assert problem["detail"] == "Invalid HTTP request received; send HTTP/1.1 as RFC 9112 describes it"


def test_protocol__damaged_second_request_on_a_connection__is_refused_too(port):
    with connect(port) as sent:
        sent.sendall(HEALTH)
        assert sent.recv(65536).endswith(b"ok")
        sent.sendall(b"nonsense\r\n\r\n")
        assert_refusal(sent.recv(65536), "400 Bad Request")
        assert sent.recv(1) == b""


def test_protocol__damaged_chunks_of_a_body_being_read__cut_the_connection_without_a_second_answer(port):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert ask(port, head + b"zz\r\n").count(b"HTTP/1.1") <= 1


def test_protocol__one_too_many__is_asked_to_come_again_and_the_others_are_served(port):
    opened = [connect(port) for _ in range(LIMIT)]
    try:
        for one in opened:
            one.sendall(HEALTH)
            assert one.recv(65536).endswith(b"ok")
        headers, problem = assert_refusal(ask(port, HEALTH), "503 Service Unavailable")
        assert headers["retry-after"] == "1"
        assert problem["detail"] == "too many connections are open to this server; ask again in a moment"
    finally:
        for one in opened:
            one.close()
    wait_until(lambda: ask(port, LAST_HEALTH).endswith(b"ok"))


def test_protocol__websocket__is_answered_as_any_request(port):
    upgrade = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    )
    with connect(port) as sent:
        sent.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + upgrade)
        assert sent.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("start", "part"),
    [(b"GET /", b"x" * 1000), (b"GET / HTTP/1.1\r\nX: ", b"x" * 1000), (b"GET / HTTP/1.1\r\n", b"X: x\r\n" * 100)],
    ids=["address", "header", "headers"],
)
@pytest.mark.parametrize("before", [b"", HEALTH], ids=["first request", "later request"])
def test_protocol__head_that_is_too_long__is_refused_before_all_of_it_is_read(port, start, part, before):
    with connect(port) as sent:
        if before:
            sent.sendall(before)
            assert sent.recv(65536).endswith(b"ok")
        sent.sendall(start + part * (100_000 // len(part)))
        _, problem = assert_refusal(sent.recv(65536), "431 Request Header Fields Too Large")
        assert problem["detail"] == "the head of the request is larger than 65536 bytes; send less"


@pytest.mark.parametrize("before", [b"", HEALTH], ids=["first request", "later request"])
def test_protocol__head_that_is_a_little_too_long__is_refused_and_a_little_shorter_is_served(port, before):
    for size, status in ((65_536, b"200 OK"), (65_537, b"431 Request Header Fields Too Large")):
        head = b"GET / HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n"
        with connect(port) as sent:
            if before:
                sent.sendall(before)
                assert sent.recv(65536).endswith(b"ok")
            sent.sendall(head.replace(b"X: ", b"X: " + b"x" * (size - len(head))))
            assert sent.recv(65536).startswith(b"HTTP/1.1 " + status), size


def test_protocol__chunks_without_end_after_a_refusal__are_cut(hasty):
    head = b"GET /long HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk, n_sent = b"2000\r\n" + bytes(8192) + b"\r\n", 0
    with connect(port_of(hasty)) as sent:
        sent.sendall(head)
        with suppress(ConnectionError):
            while n_sent < 1000:
                sent.sendall(chunk)
                n_sent += 1
    assert n_sent < 1000


def test_protocol__many_requests_before_the_first_is_answered__end_the_connection(port):
    asked = HEALTH.replace(b"GET /", b"GET /slow")
    assert ask(port, asked * 500) == b""


def test_protocol__client_that_takes_nothing_of_its_answer__is_left_and_a_slow_one_is_served(hasty):
    asked, port = HEALTH.replace(b"GET /", b"GET /long"), port_of(hasty)
    with connect(port) as idle, connect(port) as slow:
        for one in (idle, slow):
            one.sendall(asked)
        n_bytes = 0
        while part := slow.recv(400_000):
            n_bytes += len(part)
            time.sleep(0.06)  # a hundred times: more than twice as long as the server waits for a reader
            if n_bytes >= LONG + 100:
                break
        assert n_bytes > LONG
        wait_until(lambda: not hasty.server_state.connections)  # the slow one sends no other request
        n_bytes = 0
        with suppress(ConnectionResetError):
            while part := idle.recv(1_000_000):
                n_bytes += len(part)
        assert n_bytes < LONG


@pytest.mark.parametrize("before", [b"", HEALTH], ids=["first request", "later request"])
def test_protocol__head_that_drips_byte_by_byte__ends_the_connection(hasty, before):
    """Each byte comes in time, and the head never ends."""
    port = port_of(hasty)
    with connect(port) as slow:
        if before:
            slow.sendall(before)
            assert slow.recv(65536).endswith(b"ok")
        slow.settimeout(0.1)
        n_sent, is_closed = 0, False
        while not is_closed:
            try:
                slow.sendall(b"GET / HTTP/1.1\r\nX: " if n_sent == 0 else b"x")
                is_closed = slow.recv(1) == b""
            except TimeoutError:
                n_sent += 1
            except OSError:
                is_closed = True
            assert n_sent < 600
    assert ask(port, LAST_HEALTH).endswith(b"ok")


@pytest.mark.parametrize("kind", [http_protocol.AutoHTTPProtocol, H11Protocol])
def test_protocol__of_uvicorn__has_what_ours_builds_on(kind):
    """Which of uvicorn's two protocols is taken depends on what is installed."""

    async def make():
        config = uvicorn.Config(app, lifespan="off", log_level=logging.CRITICAL)
        config.load()
        return kind(config, uvicorn.server.ServerState(), {})

    made = asyncio.run(make())
    names = ("send_400_response", "app", "limit_concurrency", "connections", "tasks")
    assert [name for name in names if not hasattr(made, name)] == []
