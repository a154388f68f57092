import io

import numpy as np
import pytest

from indexer.collection.embedded_points import EmbeddedPoints
from indexer.neighbors.archive import GraphOfPoints, load_graph, save_graph, search_points
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph

TIMES = np.full(3, b"2026-01-01T00:00:00+00:00")
POINTS = EmbeddedPoints(np.array([b"a", b"b", b"c"]), TIMES)
GRAPH = NeighborGraph(np.array([[1], [0], [1]], np.int32), np.array([[0.9], [0.9], [0.5]], np.float32))
ARRAYS = {
    "version": np.array(1),
    "ids": POINTS.ids,
    "embedded_at": TIMES,
    "indices": GRAPH.indices,
    "similarities": GRAPH.similarities,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "insights" / "test" / "neighbor_graph.npz"


def assert_same_graph(found, expected):
    np.testing.assert_array_equal(found.indices, expected.indices)
    np.testing.assert_array_equal(found.similarities, expected.similarities)


def test_load_graph__after_save__gives_everything_back(path):
    save_graph(path, GraphOfPoints(POINTS, GRAPH))

    known = load_graph(path)

    assert known.points.is_same(POINTS)
    assert_same_graph(known.graph, GRAPH)
    assert (known.graph.indices.dtype, known.graph.similarities.dtype) == (np.int32, np.float32)
    assert [file.name for file in path.parent.iterdir()] == ["neighbor_graph.npz"]


def test_load_graph__of_nothing__gives_nothing_back(path):
    none = EmbeddedPoints(np.array([], "S1"), np.array([], "S1"))
    save_graph(path, GraphOfPoints(none, NeighborGraph(np.zeros((0, 0), np.int32), np.zeros((0, 0), np.float32))))

    assert load_graph(path).is_of(none, n_neighbors=20)


def test_load_graph__no_file__is_none(path):
    assert load_graph(path) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"version": np.array(99)},
        {"version": np.array(["1", "1"])},
        {"embedded_at": TIMES[:2]},
        {"ids": np.array([1, 2, 3])},
        {"ids": np.array([b"a", None, b"c"], dtype=object)},
        {"indices": np.array([[1], [0], [3]], np.int32)},
        {"indices": np.array([[1], [0], [-1]], np.int32)},
        {"indices": GRAPH.indices.astype(np.int64)},
        {"similarities": GRAPH.similarities[:2]},
        {"similarities": np.full((3, 1), np.nan, np.float32)},
        {"similarities": GRAPH.similarities.astype(np.complex64)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_load_graph__foreign_contents__is_none(path, changes):
    path.parent.mkdir(parents=True)
    np.savez(path, **ARRAYS)
    assert load_graph(path) is not None

    np.savez(path, **(ARRAYS | changes))

    assert load_graph(path) is None


@pytest.mark.parametrize("missing", list(ARRAYS))
def test_load_graph__column_missing__is_none(path, missing):
    path.parent.mkdir(parents=True)
    np.savez(path, **{name: array for name, array in ARRAYS.items() if name != missing})

    assert load_graph(path) is None


def test_load_graph__any_byte_damaged__is_what_was_saved_or_none(path):
    save_graph(path, GraphOfPoints(POINTS, GRAPH))
    data = path.read_bytes()
    for position in range(0, len(data), 7):
        path.write_bytes(data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :])
        known = load_graph(path)
        if known is not None:
            assert_same_graph(known.graph, GRAPH)
        path.write_bytes(data[:position])
        assert load_graph(path) is None


@pytest.mark.parametrize("position", range(0, 1200, 41))
def test_load_graph__compressed_and_damaged__is_what_was_saved_or_none(path, position):
    path.parent.mkdir(parents=True)
    np.savez_compressed(path, **ARRAYS)
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 0xFF
    path.write_bytes(data)
    known = load_graph(path)
    if known is not None:
        assert_same_graph(known.graph, GRAPH)


def test_graph__folder_in_its_place__is_none_and_stays(path):
    path.mkdir(parents=True)
    save_graph(path, GraphOfPoints(POINTS, GRAPH))

    assert load_graph(path) is None
    assert [found.name for found in path.parent.iterdir()] == ["neighbor_graph.npz"]


def test_load_graph__one_array_instead_of_many__is_none(path):
    path.parent.mkdir(parents=True)
    array = io.BytesIO()
    np.save(array, GRAPH.indices)
    path.write_bytes(array.getvalue())

    assert load_graph(path) is None


def test_save_graph__folder_cannot_be_made__leaves_it(tmp_path):
    (tmp_path / "insights").write_text("a file in the way")

    save_graph(tmp_path / "insights" / "neighbor_graph.npz", GraphOfPoints(POINTS, GRAPH))

    assert load_graph(tmp_path / "insights" / "neighbor_graph.npz") is None


@pytest.mark.parametrize(
    ("points", "n_neighbors", "is_of"),
    [
        (POINTS, 1, True),
        (POINTS, 2, False),
        (EmbeddedPoints(POINTS.ids[:2], TIMES[:2]), 1, False),
        (EmbeddedPoints(POINTS.ids, np.full(3, b"2026-01-02T00:00:00+00:00")), 1, False),
    ],
    ids=["the same", "longer lists", "a point gone", "embedded anew"],
)
def test_is_of__points_and_length_of_lists(points, n_neighbors, is_of):
    assert GraphOfPoints(POINTS, GRAPH).is_of(points, n_neighbors=n_neighbors) is is_of


def test_search_points__changed_added_and_gone__equals_a_search_of_all():
    random = np.random.default_rng(0)
    embeddings = random.normal(size=(200, 8)).astype(np.float32)
    ids = np.array([b"%03d" % number for number in range(200)])
    times = np.full(200, b"2026-01-01T00:00:00+00:00")
    searched = []

    def note(stage, done, total):
        searched.append(total)

    is_there = np.arange(200) != 77  # comes later
    first = search_points(
        EmbeddedPoints(ids[is_there], times[is_there]), embeddings[is_there], known=None, n_neighbors=5
    )
    is_left = np.arange(200) != 11  # goes
    embeddings[42], times[42] = random.normal(size=8), b"2026-01-02T00:00:00+00:00"
    points = EmbeddedPoints(ids[is_left], times[is_left])

    found = search_points(points, embeddings[is_left], known=first, n_neighbors=5, on_progress=note)

    expected = build_neighbor_graph(embeddings[is_left], n_neighbors=5)
    np.testing.assert_array_equal(found.graph.indices, expected.indices)
    np.testing.assert_allclose(found.graph.similarities, expected.similarities, atol=1e-6)
    assert found.points is points
    assert max(searched) < 60
