"""A collection of 1,000 classes with names of 40 letters and more, three points each; it has no images."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from indexer.domain import CollectionSpec, CropOptions, Point
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.stores.qdrant_embedded import EmbeddedStore
from indexer.workspace import Workspace
from tests.browser.serving import serve

N_CLASSES: Final = 1000
_PIXEL: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def many_server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server with the collection and a map of it."""
    data_dir = tmp_path_factory.mktemp("many")
    _write_points(data_dir)
    with Workspace.open(IndexerSettings(data_dir=data_dir)) as workspace:
        workspace.maps.make("many", method="pca")
    with serve(data_dir) as url:
        yield url


def show_a_pixel(context: BrowserContext) -> None:
    """Give a green pixel for every picture; the collection has no images."""
    for path in ("**/crop?*", "**/images/*"):
        context.route(path, lambda route: route.fulfill(body=_PIXEL, content_type="image/png"))


def _write_points(data_dir: Path) -> None:
    random = np.random.default_rng(0)
    store = EmbeddedStore(data_dir)
    collection = store.create_collection("many", CollectionSpec("fake:many", "f", 8, CropOptions().text))
    points = []
    for number in range(3 * N_CLASSES):
        payload = {
            "source_key": "many",
            "dataset": "",
            "image_key": f"{number}.png",
            "image_name": f"{number}.png",
            "instance": "object",
            "object_key": "1",
            "box": [0, 0, 9, 9],
            "pixels_hash": f"h{number}",
            "class_name": f"groceries/refrigerated-dairy-products/brand-{number % N_CLASSES:04d}",
            "embedded_at": "2026-01-01T00:00:00+00:00",
        }
        embedding = random.normal(size=8).astype(np.float32)
        points.append(Point(make_point_id("many", f"{number}.png", "1"), payload, embedding))
    collection.upsert(points)
    store.close()
