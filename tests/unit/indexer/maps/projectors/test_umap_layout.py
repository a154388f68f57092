import os

import numpy as np
import pytest

from indexer.domain import ignore_progress
from indexer.maps.projectors.fuzzy_graph import FuzzyGraph, make_fuzzy_graph
from indexer.maps.projectors.nearest import find_neighborhoods
from indexer.maps.projectors.umap_layout import force_tables, optimise_layout
from tests.unit.indexer.maps.points import three_clusters

PAIR = FuzzyGraph(np.array([0, 1, 2]), np.array([1, 0], np.int32), np.ones(2, np.float32))


def layout(graph, start, *, n_epochs=50, seed=0):
    return optimise_layout(graph, start=start, n_epochs=n_epochs, seed=seed, on_progress=ignore_progress)


def test_optimise_layout__edge__pulls_its_ends_together():
    ends = layout(PAIR, np.array([[0, 0], [9, 0]], np.float32))
    assert np.linalg.norm(ends[0] - ends[1]) < 3


def test_optimise_layout__no_edges__leaves_points_where_they_are():
    lonely = FuzzyGraph(np.zeros(3, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
    start = np.array([[0, 0], [9, 0]], np.float32)
    np.testing.assert_array_equal(layout(lonely, start), start)


def test_optimise_layout__any_number_of_threads__same_bits(monkeypatch):
    graph = make_fuzzy_graph(find_neighborhoods(three_clusters(), n_neighbors=10))
    start = np.random.default_rng(0).normal(size=(90, 2)).astype(np.float32)
    maps = []
    for n_threads in (1, 2, 7):
        monkeypatch.setattr(os, "cpu_count", lambda n_threads=n_threads: n_threads)
        maps.append(layout(graph, start))
    np.testing.assert_array_equal(maps[0], maps[1])
    np.testing.assert_array_equal(maps[0], maps[2])


def test_optimise_layout__other_seed__is_another_map():
    graph = make_fuzzy_graph(find_neighborhoods(three_clusters(), n_neighbors=10))
    start = np.random.default_rng(0).normal(size=(90, 2)).astype(np.float32)
    assert not np.array_equal(layout(graph, start, seed=0), layout(graph, start, seed=1))


def test_optimise_layout__start__is_not_overwritten():
    start = np.array([[0, 0], [9, 0]], np.float32)
    layout(PAIR, start)
    assert start.tolist() == [[0, 0], [9, 0]]


@pytest.mark.parametrize("distance", [0.01, 0.3, 1, 20])
def test_force_tables__distance__is_within_a_percent_of_the_gradient(distance):
    """The gradients of McInnes, Healy, Melville (2018), with the curve that min_dist 0.05 gives."""
    a, b, square = 1.7502, 0.8421, distance**2
    pulls, pushes = force_tables()
    first_entry = int(np.float32(2**-24).view(np.int32)) >> 16
    entry = (int(np.float32(square).view(np.int32)) >> 16) - first_entry
    assert pulls[entry] == pytest.approx(2 * a * b * square ** (b - 1) / (1 + a * square**b), rel=0.01)
    assert pushes[entry] == pytest.approx(2 * b / ((0.001 + square) * (1 + a * square**b)), rel=0.01)
