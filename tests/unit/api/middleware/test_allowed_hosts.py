"""Requests for a foreign host are refused, however it is written; those for this machine pass."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from api.middleware.allowed_hosts import AllowedHosts, is_everywhere, is_loopback


def ask(*hosts, listening="127.0.0.1", names=(), kind="http", path="/"):
    """The first message that a request with these Host headers is answered by."""
    sent = []

    async def app(scope, receive, send):
        await PlainTextResponse("done")(scope, receive, send) if kind == "http" else await send({"type": "accepted"})

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": path, "headers": [(b"host", host.encode()) for host in hosts]}
    asyncio.run(AllowedHosts(app, listening, names)(scope, None, send))
    return sent


def status(*hosts, **options):
    return ask(*hosts, **options)[0]["status"]


OWN = ["localhost", "localhost:8050", "LOCALHOST:8050", "localhost.", "localhost.:80", "127.0.0.1", "127.0.0.1:8050",
       "127.0.0.2", "127.0.0.1.", "[::1]", "[::1]:8050", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]:1",
       "localhost:"]  # fmt: skip
FOREIGN = ["evil.example", "evil.example:8050", "localhost.evil.example", "evil.localhost.example", "192.168.1.5",
           "127.0.0.1.evil.example", "0.0.0.0", "[::]", "[2001:db8::1]:8050", "", " ", "localhost:8050:80",
           "localhost:x", "a@localhost", "localhost@evil.example", "localhost/evil", "localhost#", "[::1", "::1",
           "[localhost]", "localhost\x00", "loc\u00e4lhost", "localhost, evil.example", "localhost:123456",
           "x" * 10_000, "[::1%25eth0]"]  # fmt: skip


@pytest.mark.parametrize("host", OWN)
def test_allowed_hosts__names_of_this_machine_pass(host):
    assert status(host) == 200
    assert status(host, listening="0.0.0.0") == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_allowed_hosts__foreign_names_are_refused(host):
    answer = ask(host)

    assert answer[0]["status"] == 421
    assert dict(answer[0]["headers"])[b"content-type"] == b"application/problem+json"
    assert len(answer[1]["body"]) < 1000


@pytest.mark.parametrize("hosts", [(), ("localhost", "localhost"), ("localhost", "evil.example")])
def test_allowed_hosts__missing_or_double_header_is_refused(hosts):
    assert status(*hosts) == 421


def test_allowed_hosts__target_that_names_a_host_is_refused():
    assert status("localhost", path="http://evil.example/api/v1/collections") == 421
    assert status("localhost", path="*") == 200


@pytest.mark.parametrize(
    ("listening", "names", "host", "expected"),
    [
        ("192.168.1.5", (), "192.168.1.5:8050", 200),
        ("192.168.1.5", (), "192.168.1.6:8050", 421),
        ("Box.Example", (), "box.example", 200),
        ("::1", (), "[::1]", 200),
        ("2001:db8::1", (), "[2001:DB8:0::1]:8050", 200),
        ("0.0.0.0", (), "192.168.1.5:8050", 200),
        ("0.0.0.0", (), "[2001:db8::1]:8050", 200),
        ("::", (), "192.168.1.5", 200),
        ("0.0.0.0", (), "evil.example", 421),
        ("0.0.0.0", ("labels.example", "B.example."), "labels.example:8050", 200),
        ("0.0.0.0", ("labels.example", "B.example."), "b.example", 200),
        ("127.0.0.1", ("labels.example",), "a.labels.example", 421),
    ],
)
def test_allowed_hosts__what_it_listens_on_and_further_names(listening, names, host, expected):
    assert status(host, listening=listening, names=names) == expected


def test_allowed_hosts__websockets_are_judged_too():
    assert ask("localhost", kind="websocket") == [{"type": "accepted"}]
    assert ask("evil.example", kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_allowed_hosts__lifespan_is_none_of_its_business():
    assert ask(kind="lifespan") == [{"type": "accepted"}]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "::1", "[::1]"])
def test_is_loopback__only_this_machine(host):
    assert is_loopback(host)
    assert not is_everywhere(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "box.example", ""])
def test_is_loopback__others_reach_these(host):
    assert not is_loopback(host)
    assert is_everywhere(host) == (host in ("0.0.0.0", "::", ""))
