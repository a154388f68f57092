import numpy as np
import pytest

from indexer.errors import ProjectionError
from indexer.maps.placement import place_points, update_map

IDS = np.array(["a", "b", "c"])
PLACES = np.array([[0, 0], [10, 0], [0, 10]], np.float32)
AXES = np.eye(3, dtype=np.float32)


def place_one(coordinates, similarities):
    indices = np.arange(len(coordinates), dtype=np.int32)[None]
    similarities = np.array([similarities], np.float32)
    placed = place_points(
        np.array(coordinates, np.float32), neighbor_indices=indices, neighbor_similarities=similarities
    )
    return placed[0].tolist()


def test_place_points__two_neighbors__lands_between_them_by_similarity():
    assert place_one([[0, 0], [4, 0]], [0.75, 0.25]) == [1, 0]


def test_place_points__neighbor_far_from_the_others__does_not_count():
    assert place_one([[0, 0], [2, 0], [0, 2], [2, 2], [900, 900]], [0.5] * 5) == [1, 1]


def test_place_points__neighbors_all_at_one_place__lands_there():
    assert place_one([[3, 4], [3, 4], [3, 4]], [0.9, 0.8, 0.7]) == pytest.approx([3, 4])


def test_place_points__no_similar_neighbor__lands_in_their_middle():
    assert place_one([[0, 0], [4, 0]], [-0.5, 0]) == pytest.approx([2, 0])


def test_update_map__new_point__old_points_move_by_nothing():
    updated = update_map(
        IDS,
        PLACES,
        ids=np.array(["a", "b", "c", "new"]),
        embeddings=np.array([*AXES, [0, 5, 0]], np.float32),
        changed_ids=np.array([], str),
    )
    np.testing.assert_array_equal(updated[:3], PLACES)
    np.testing.assert_allclose(updated[3], PLACES[1], atol=1e-3)


def test_update_map__changed_point__is_placed_anew_among_the_others():
    updated = update_map(IDS, PLACES, ids=IDS, embeddings=AXES[[1, 1, 2]], changed_ids=np.array(["a"]))
    np.testing.assert_array_equal(updated[1:], PLACES[1:])
    np.testing.assert_allclose(updated[0], PLACES[1], atol=1e-3)


def test_update_map__other_order_and_a_point_gone__rows_follow_the_ids():
    updated = update_map(IDS, PLACES, ids=np.array(["c", "a"]), embeddings=AXES[[2, 0]], changed_ids=np.array([], str))
    np.testing.assert_array_equal(updated, PLACES[[2, 0]])


def test_update_map__nothing_kept__asks_for_a_refit():
    with pytest.raises(ProjectionError, match="--refit"):
        update_map(IDS, PLACES, ids=np.array(["z"]), embeddings=AXES[:1], changed_ids=np.array([], str))
