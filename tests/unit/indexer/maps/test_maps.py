from datetime import UTC, datetime

import numpy as np
import pytest

from indexer.collection.snapshot import Snapshot
from indexer.maps.archive import ProjectionHeader, StoredProjection
from indexer.maps.maps import find_changed, is_map_of

IDS = np.array(["a", "b", "c"])
BEFORE, MADE, AFTER = "2026-01-01T00:00:00+00:00", datetime(2026, 1, 2, tzinfo=UTC), "2026-01-03T00:00:00+00:00"


def make_map(embedded_at):
    header = ProjectionHeader("20260102T000000000000Z-pca", 3, "pca", "pca", "cosine", 0, "r", MADE)
    return StoredProjection(header, IDS, np.zeros((3, 2), np.float32), embedded_at=embedded_at)


def make_snapshot(**times):
    return Snapshot(
        collection=None,
        revision="r",
        ids=np.array(list(times), dtype=np.str_),
        fields={"embedded_at": np.array(list(times.values()), dtype=object)},
    )


@pytest.mark.parametrize(
    "embedded_at", [np.full(3, BEFORE.encode()), None], ids=["of today", "file of an older version"]
)
def test_find_changed__new_and_embedded_anew(embedded_at):
    snapshot = make_snapshot(a=BEFORE, b=AFTER, d=BEFORE)
    assert find_changed(make_map(embedded_at), snapshot).tolist() == [False, True, True]


def test_find_changed__embedded_anew_before_the_map_was_stored():
    stored = make_map(np.array([BEFORE.encode(), b"2025-12-31T00:00:00+00:00", BEFORE.encode()]))
    assert find_changed(stored, make_snapshot(a=BEFORE, b=BEFORE, c=BEFORE)).tolist() == [False, True, False]


@pytest.mark.parametrize("embedded_at", [np.full(3, BEFORE.encode()), None], ids=["of today", "older"])
@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"a": BEFORE, "b": BEFORE, "c": BEFORE}, True),
        ({"a": BEFORE, "b": BEFORE}, False),
        ({"a": BEFORE, "b": BEFORE, "d": BEFORE}, False),
        ({"a": BEFORE, "b": BEFORE, "c": AFTER}, False),
        ({"a": BEFORE, "b": BEFORE, "c": BEFORE, "d": BEFORE}, False),
    ],
    ids=["the same", "one gone", "another", "embedded anew", "one more"],
)
def test_is_map_of__exactly_its_points(embedded_at, times, expected):
    assert is_map_of(make_map(embedded_at), make_snapshot(**times)) is expected
