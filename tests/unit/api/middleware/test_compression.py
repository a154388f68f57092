"""Scripts are packed for who can unpack them; nothing else is touched."""

import asyncio
import copy
import gzip

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from api.middleware.compression import Compression

SCRIPT = "const answer = 42;\n" * 500


async def script(request):
    return Response(SCRIPT, media_type="text/javascript", headers={"etag": '"1"'})


async def picture(request):
    return Response(b"\x89PNG" * 1000, media_type="image/png")


async def short(request):
    return Response("1", media_type="text/javascript")


async def missing(request):
    return Response(SCRIPT, 404, media_type="text/javascript")


def sending_at_once(app):
    """An app whose headers are on their way when they are sent, as those of a server; httpx alone reads them later."""

    async def answer(scope, receive, send):
        await app(scope, receive, lambda message: send(copy.deepcopy(message)))

    return answer


@pytest.fixture
def ask():
    routes = [
        Route("/assets/script.js", script),
        Route("/assets/picture.png", picture),
        Route("/assets/short.js", short),
        Route("/assets/missing.js", missing),
        Route("/api/script.js", script),
    ]
    app = sending_at_once(Compression(Starlette(routes=routes), ("/assets/",)))

    async def get(path, encodings):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path, headers={"accept-encoding": encodings})

    return lambda path, encodings="gzip, br": asyncio.run(get(path, encodings))


def test_compression__packs_a_script_for_who_can_unpack_it(ask):
    for _ in range(2):  # the second one is the kept one
        answer = ask("/assets/script.js")
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), 6))
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["etag"] == 'W/"1"'
        assert answer.text == SCRIPT


@pytest.mark.parametrize(
    ("path", "encodings"),
    [
        ("/assets/script.js", "identity"),
        ("/assets/picture.png", "gzip"),
        ("/assets/short.js", "gzip"),
        ("/assets/missing.js", "gzip"),
        ("/api/script.js", "gzip"),
    ],
)
def test_compression__leaves_alone_what_is_not_worth_it(ask, path, encodings):
    assert "content-encoding" not in ask(path, encodings).headers


def test_compression__tells_the_packed_length_before_the_body():
    sent = []

    async def send(message):
        sent.append({**message, "headers": list(message.get("headers", []))})

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/assets/a.js", "headers": [(b"accept-encoding", b"gzip")]}
    app = Compression(Response(SCRIPT, media_type="text/javascript"), ("/assets/",))
    asyncio.run(app(scope, receive, send))
    start, body = sent
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert gzip.decompress(body["body"]).decode() == SCRIPT
