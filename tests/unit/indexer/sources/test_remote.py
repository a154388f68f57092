"""Images behind a URL: only images, only HTTP, and never more than was asked for."""

import gzip

import httpx
import pytest

from indexer.domain import ImageLimits
from indexer.errors import ImageReadError
from indexer.sources import remote
from indexer.sources.remote import fetch

URL = "http://images.example/a.png"
PNG = b"\x89PNG of some kind"


def serve(*answers):
    """A transport that gives the answers one after the other, and notes what was asked."""
    rest = list(answers)

    def answer(request):
        transport.asked.append(request)
        return rest.pop(0)

    transport = httpx.MockTransport(answer)
    transport.asked = []
    return transport


def image(content=PNG, kind="image/png", **headers):
    return httpx.Response(200, content=iter([content]), headers={"content-type": kind, **headers})


def moved(place):
    return httpx.Response(302, headers={"location": place})


@pytest.mark.parametrize("kind", ["image/png", "IMAGE/JPEG; q=1", "application/octet-stream", "binary/octet-stream"])
def test_fetch__gives_the_bytes_of_an_image(kind):
    assert fetch(URL, transport=serve(image(kind=kind))) == PNG


def test_fetch__asks_for_an_unpacked_image():
    transport = serve(image())
    fetch(URL, transport=transport)

    assert transport.asked[0].headers["accept-encoding"] == "identity"


def test_fetch__follows_redirects_within_http():
    transport = serve(moved("https://other.example/b.png"), image())

    assert fetch(URL, transport=transport) == PNG
    assert [str(request.url) for request in transport.asked] == [URL, "https://other.example/b.png"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([moved("file:///etc/passwd")], "file://"),
        ([moved("ftp://images.example/a.png")], "ftp://"),
        ([moved("data:image/png;base64,AAAA")], "absolute URLs"),
        ([moved(URL)] * 10, "redirects"),
        ([httpx.Response(404)], "404"),
        ([image(kind="text/html; charset=utf-8")], "the server answers text/html, which is no image"),
        ([image(gzip.compress(bytes(10**7)), **{"content-encoding": "gzip"})], "packs the image"),
        ([image(bytes(1001))], "more than 1,000 bytes"),
    ],
)
def test_fetch__what_is_no_image_is_refused_in_a_line(answers, reason):
    with pytest.raises(ImageReadError, match=f"^cannot read image http://images.example/a.png: .*({reason})") as caught:
        fetch(URL, ImageLimits(max_bytes=1000), transport=serve(*answers))
    assert "\n" not in str(caught.value)


def test_fetch__stops_in_the_middle_of_an_endless_answer():
    sent = []

    def drip():
        while True:
            sent.append(1)
            yield bytes(100)

    with pytest.raises(ImageReadError, match="more than 1,000 bytes"):
        fetch(URL, ImageLimits(max_bytes=1000), transport=serve(httpx.Response(200, content=drip())))
    assert len(sent) <= 12


def test_fetch__stops_waiting_for_an_answer_that_drips(monkeypatch):
    monkeypatch.setattr(remote, "_DEADLINE_S", -1.0)
    with pytest.raises(ImageReadError, match="not complete after"):
        fetch(URL, transport=serve(image()))


@pytest.mark.parametrize(
    "url",
    ["", "a.png", "file:///etc/passwd", "ftp://a/b.png", "http://", "http://[", "http://a:99999/", "http://\ud800/",
     "http://" + "a" * 10_000, "http://" + "a" * 100 + ".example/", "http://x\0y/", "http://a b/", 5, None, ["http://a"]],
)  # fmt: skip
def test_fetch__what_is_no_address_is_refused_in_a_line(url):
    def refuse(request):
        raise httpx.ConnectError("no such host")

    with pytest.raises(ImageReadError, match="cannot read image") as caught:
        fetch(url, transport=httpx.MockTransport(refuse) if "http" in str(url)[:4] else None)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)
