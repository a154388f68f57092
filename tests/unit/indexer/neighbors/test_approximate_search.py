import numpy as np
import pytest

from indexer.neighbors import approximate_search
from indexer.neighbors.approximate_search import approximate_candidates, measure_recall, reduce_dimensions


def clouds(n_points, dimension, seed=0):
    """Points around 20 centers."""
    generator = np.random.default_rng(seed)
    centers = generator.normal(size=(20, dimension))[generator.integers(0, 20, n_points)]
    return (centers + 0.5 * generator.normal(size=(n_points, dimension))).astype(np.float32)


def test_measure_recall__counts_by_hand():
    line = np.array([[0.0], [1.0], [3.0], [7.0]], np.float32)
    assert measure_recall(line, np.array([0, 3]), np.array([[1, 3], [0, 1]]), 2) == 0.5


def test_measure_recall__over_blocks__is_the_same(monkeypatch):
    points, rows = clouds(300, 4), np.arange(0, 300, 7)
    found = np.random.default_rng(1).integers(0, 300, (len(rows), 60))
    whole = measure_recall(points, rows, found)
    monkeypatch.setattr(approximate_search, "BLOCK_ROWS", 17)
    assert measure_recall(points, rows, found) == whole
    assert 0.1 < whole < 0.3  # 60 of 300 at random


def test_measure_recall__nothing_to_find__is_one():
    assert measure_recall(np.ones((1, 2), np.float32), np.array([0]), np.array([[0]])) == 1


def test_reduce_dimensions__a_plane_in_200_dimensions__keeps_all_distances():
    plane = np.random.default_rng(0).normal(size=(50, 2))
    points = (plane @ np.linalg.qr(np.random.default_rng(1).normal(size=(200, 2)))[0].T + 3).astype(np.float32)
    reduced = reduce_dimensions(points, 12)
    assert reduced.shape == (50, 12)
    distances = np.linalg.norm(plane[:, None] - plane[None], axis=2)
    np.testing.assert_allclose(np.linalg.norm(reduced[:, None] - reduced[None], axis=2), distances, atol=1e-4)


def test_approximate_candidates__too_few_to_recall__are_doubled():
    points, rows = clouds(2000, 300), np.arange(0, 2000, 9)
    found = approximate_candidates(points, n_candidates=21)(rows)
    assert found.shape[1] > 21
    assert measure_recall(points, rows, found) >= 0.98


def test_approximate_candidates__little_recall_is_enough__proposes_as_many_as_asked():
    points, rows = clouds(2000, 300), np.arange(0, 2000, 9)
    found = approximate_candidates(points, n_candidates=21, n_components=16, least_recall=0.1)(rows)
    assert found.shape[1] == 21
    assert 0.1 <= measure_recall(points, rows, found) < 0.98


def test_approximate_candidates__asked_for_more_than_there_are__proposes_all():
    points = clouds(30, 3)
    assert np.sort(approximate_candidates(points, n_candidates=500)(np.array([4])))[0].tolist() == list(range(30))


def test_approximate_candidates__tells_how_far_it_is():
    seen = []
    approximate_candidates(clouds(100, 3), n_candidates=5, on_progress=lambda *step: seen.append(step))
    assert seen == [("neighbor index", 100, 100)]


@pytest.mark.parametrize("dimension", [3, 200])
def test_approximate_candidates__again__proposes_the_same(dimension):
    points, rows = clouds(2000, dimension), np.arange(500)
    once, again = (approximate_candidates(points, n_candidates=10)(rows) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_approximate_candidates__more_needed_than_a_search_of_all_costs__is_left_to_it():
    points = np.random.default_rng(0).normal(size=(1000, 600)).astype(np.float32)
    assert approximate_candidates(points, n_candidates=21) is None


def test_approximate_candidates__too_few_linked__gives_different_points_all_the_same():
    # Nine directions and the middle, 300 points each: hnswlib's graph falls apart, and it refuses 300 candidates.
    points = np.random.default_rng(0).integers(-1, 2, size=(3000, 2)).astype(np.float32)
    found = approximate_candidates(points, n_candidates=300)(np.arange(0, 3000, 3))
    assert all(len(set(candidates)) == 300 for candidates in found.tolist())
    assert measure_recall(points, np.arange(0, 3000, 3), found) >= 0.98


def test_approximate_candidates__near_copies__are_not_told_apart_by_rounding():
    random = np.random.default_rng(0)
    points = (random.normal(size=(1, 300)) + 1e-7 * random.normal(size=(1500, 300))).astype(np.float32)
    assert approximate_candidates(points, n_candidates=60)(np.array([0])).shape == (1, 60)
