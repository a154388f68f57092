"""A collection with planted clusters, copies, a leak, a stranger and a confused class."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from indexer.domain import CollectionSpec, CropOptions, Point
from indexer.points import make_point_id
from indexer.settings import IndexerSettings
from indexer.stores.opening import open_store

PLANTED = "planted"
N_EACH = 40
DIMENSION = 16


def make_point(number, embedding, class_name, dataset):
    payload = {
        "source_key": "planted",
        "dataset": dataset,
        "image_key": f"{number}.png",
        "image_name": f"{number}.png",
        "instance": "object",
        "object_key": "1",
        "class_name": class_name,
        "box": [0, 0, 10, 10],
        "annotated_by": "ann" if number < 60 else "bob",
        "object_updated_at": (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)).isoformat(),
        "pixels_hash": f"hash{number}",
        "embedded_at": "2026-01-01T00:00:00+00:00",
    }
    return Point(make_point_id("planted", f"{number}.png", "1"), payload, embedding.astype(np.float32))


def write_planted_collection(folder: Path) -> None:
    """Two tight clouds, cats and dogs; one copy across datasets, one copy with another class, one stranger.

    Point n was labelled n days after 2026-01-01, by ann up to 59, by bob from 60.
    """
    random = np.random.default_rng(0)
    centres = np.eye(DIMENSION)[:2]
    points = []
    for number in range(2 * N_EACH):
        kind = number // N_EACH
        embedding = centres[kind] + random.normal(0, 0.12, DIMENSION)
        points.append(make_point(number, embedding, ("cat", "dog")[kind], "train" if number % 2 else "val"))
    points.append(make_point(100, points[0].embedding, "cat", "train"))  # points[0] is in val: a leak
    points.append(make_point(101, points[1].embedding, "dog", "train"))  # points[1] is a cat of train: a conflict
    points.append(make_point(102, np.eye(DIMENSION)[5], "cat", "train"))
    store = open_store(IndexerSettings(data_dir=folder))
    spec = CollectionSpec("fake:planted", "f", DIMENSION, CropOptions().text)
    store.create_collection(PLANTED, spec).upsert(points)
    store.close()
