"""Bodies are judged by the length that they declare, and must declare it."""

import asyncio
import json

import pytest
from starlette.responses import PlainTextResponse

from api.middleware.body_limit import BodyLimit


def ask(method, *headers):
    sent = []

    async def send(message):
        sent.append(message)

    async def no_body():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "path": "/", "headers": [(k.encode(), v.encode()) for k, v in headers]}
    asyncio.run(BodyLimit(PlainTextResponse("done"), 1000)(scope, no_body, send))
    return sent[0]["status"], sent[1]["body"]


def length(text):
    return ("content-length", text)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
def test_body_limit__up_to_the_limit(method):
    assert ask(method, length("1000"))[0] == 200
    assert ask(method, length("0"))[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("declared", ["1001", "9" * 18, "9" * 19, "9" * 5000])
def test_body_limit__longer_ones_are_refused(method, declared):
    status, body = ask(method, length(declared))

    assert status == 413
    assert "larger than 1000 bytes" in json.loads(body)["detail"]


@pytest.mark.parametrize(
    "headers",
    [(), (length(""),), (length("x"),), (length("-1"),), (length("1e3"),), (length("+5"),),
     (("transfer-encoding", "chunked"),), (length("5"), ("transfer-encoding", "chunked")), (length("5"), length("5"))],
)  # fmt: skip
def test_body_limit__length_must_be_declared_once_and_hold(headers):
    assert ask("POST", *headers)[0] == 411


def test_body_limit__what_has_no_body_needs_no_length():
    assert ask("GET")[0] == ask("DELETE")[0] == 200
    assert ask("GET", ("transfer-encoding", "chunked"))[0] == 411
