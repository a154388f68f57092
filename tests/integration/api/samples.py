"""A small indexed data directory for the tests of the api: squares of two colours on scans, one mislabelled."""

import asyncio
import json
import struct
from dataclasses import replace
from pathlib import Path

import cv2
import httpx
import numpy as np

from api.settings import ServerIdentity
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.doubles import CountingEmbedder, MemoryImage, MemorySource, make_object

N_SQUARES = 12
SIDE = 10
NAME = "squares"
IDENTITY = ServerIdentity("server-of-the-tests", "token-of-the-tests")
BASE = f"/api/v1/collections/{NAME}"


def parse_column(body):
    """What a column of a map says of itself, and its values."""
    magic, n_points, width, n_words = struct.unpack_from("<4sIII", body)
    assert (magic, n_words % 4) == (b"LKC1", 0)
    values = np.frombuffer(body, f"<u{width}", offset=16 + n_words)
    assert len(values) == n_points
    return json.loads(body[16 : 16 + n_words]), values


class AppClient:
    """Asks an app without a network; what the app fails to handle is the 500 that a user would see."""

    def __init__(self, app, token=None):
        self.app = app
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def request(self, method, url, **request):
        async def ask():
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=self._headers) as http:
                return await http.request(method, url, **request)

        return asyncio.run(ask())

    def get(self, url, **request):
        return self.request("GET", url, **request)

    def post(self, url, **request):
        return self.request("POST", url, **request)

    def delete(self, url, **request):
        return self.request("DELETE", url, **request)


class FolderSource(MemorySource):
    """A memory source whose image files also lie in a folder, where the api finds them."""

    def __init__(self, images, folder, **options):
        super().__init__(images, **options)
        self.folder = Path(folder)
        for key, image in images.items():
            (self.folder / key).write_bytes(image.data)

    def list_images(self, datasets=None):
        for image in super().list_images(datasets):
            yield replace(image, locator=str(self.folder / image.key))


def make_scan(seed, flipped=()):
    """A black image with a row of squares, red and blue by turns; ``flipped`` squares carry the wrong class."""
    pixels = np.zeros((40, N_SQUARES * 20, 3), np.uint8)
    objects = []
    shades = np.random.default_rng(seed).integers(0, 40, (N_SQUARES, 3))
    for number in range(N_SQUARES):
        name, color = [("red", (215, 0, 0)), ("blue", (0, 0, 215))][number % 2]
        left = number * 20 + 5
        pixels[5 : 5 + SIDE, left : left + SIDE] = color + shades[number]
        given = {"red": "blue", "blue": "red"}[name] if number in flipped else name
        objects.append(make_object(str(number), given, (left, 5, left + SIDE, 5 + SIDE), tags=("small",)))
    data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()
    return data, objects


def make_source(folder):
    """Three scans in two datasets with one wrong class each, and an image without objects.

    Even squares are red. First 4 and third 6 are called blue, second 3 is blue and called red.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    scans = {
        "first.png": MemoryImage(*make_scan(1, flipped=[4]), dataset="train"),
        "second.png": MemoryImage(*make_scan(2, flipped=[3]), dataset="train"),
        "third.png": MemoryImage(*make_scan(3, flipped=[6]), dataset="val"),
        "empty.png": MemoryImage(make_scan(4)[0], [], dataset="val"),
    }
    return FolderSource(scans, folder, key="scans")


def open_indexed_workspace(folder, **settings):
    """A workspace over the embedded store with the sample in collection ``squares``, embedded by mean colours."""
    workspace = Workspace.open(IndexerSettings(data_dir=Path(folder) / "data", **settings))
    give_embedder(workspace, CountingEmbedder())
    workspace.index(make_source(Path(folder) / "images"), collection_name=NAME)
    return workspace


def give_embedder(workspace, embedder):
    """Let a workspace embed with ``embedder`` whatever its settings say."""
    workspace.embedders.open = lambda settings=None: embedder
    workspace.embedders.opened = lambda settings: embedder
    return embedder


def decode(response):
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/jpeg"
    return cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_COLOR_RGB)


def assert_problem(response, status, *words):
    """One sentence, as problem+json, that says what the words say."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == status
    assert "\n" not in problem["detail"]
    for word in words:
        assert word in problem["detail"]
