import numpy as np

from indexer.neighbors import copies
from indexer.neighbors.copies import find_copies

A, B, C = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]


def test_find_copies__groups_by_the_lowest_row():
    found = find_copies(np.array([B, A, B, C, A, B], np.float32))
    assert found.originals.tolist() == [0, 1, 3]
    assert found.group.tolist() == [0, 1, 0, 2, 1, 0]


def test_find_copies__minus_zero_is_zero():
    assert find_copies(np.array([[0.0, 1.0], [-0.0, 1.0]], np.float32)).group.tolist() == [0, 0]


def test_find_copies__all_different__is_none():
    assert find_copies(np.array([A, B, C], np.float32)) is None
    assert find_copies(np.empty((0, 3), np.float32)) is None


def test_find_copies__other_rows_of_the_same_hash__stay_alone(monkeypatch):
    monkeypatch.setattr(copies, "_hash_rows", lambda vectors: np.zeros(len(vectors), np.uint64))
    found = find_copies(np.array([A, B, A, B], np.float32))
    assert found.group[0] == found.group[2]
    assert len({found.group[0], found.group[1]}) == 2


def test_spread__members_of_near_groups_in_the_order_of_rows():
    found = find_copies(np.array([B, A, B, C, A, B], np.float32))  # groups 0: rows 0 2 5; 1: rows 1 4; 2: row 3
    near = np.array([[1, 2], [0, 2], [0, 1]], np.int32)
    similarities = np.array([[0.5, 0.5], [0.5, 0.25], [0.5, 0.25]], np.float32)

    indices, strength = found.spread(near, similarities, own=np.ones(3, np.float32), n_neighbors=3)

    assert indices.tolist() == [[2, 5, 1], [4, 0, 2], [0, 5, 1], [0, 2, 5], [1, 0, 2], [0, 2, 1]]
    assert strength.tolist() == [[1, 1, 0.5], [1, 0.5, 0.5], [1, 1, 0.5], [0.5, 0.5, 0.5], [1, 0.5, 0.5], [1, 1, 0.5]]
