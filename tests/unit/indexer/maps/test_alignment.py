import numpy as np

from indexer.maps.alignment import align_map

OLD_IDS = np.array(["a", "b", "c", "d"])
OLD = np.array([[0, 0], [2, 0], [0, 1], [5, 5]], np.float32)


def test_align_map__turned_mirrored_and_moved__lies_over_the_old_map():
    turned = OLD @ np.array([[0, 1], [1, 0]], np.float32) + np.float32(7)
    np.testing.assert_allclose(align_map(turned, ids=OLD_IDS, onto=OLD, onto_ids=OLD_IDS), OLD, atol=1e-5)


def test_align_map__common_points__carry_the_new_one_along():
    moved = np.array([[105, 105], [100, 100], [102, 100], [103, 103]], np.float32)
    aligned = align_map(moved, ids=np.array(["d", "a", "b", "new"]), onto=OLD, onto_ids=OLD_IDS)
    np.testing.assert_allclose(aligned, [[5, 5], [0, 0], [2, 0], [3, 3]], atol=1e-4)


def test_align_map__wider_map__keeps_its_scale():
    aligned = align_map(OLD * 3, ids=OLD_IDS, onto=OLD, onto_ids=OLD_IDS)
    np.testing.assert_allclose(np.ptp(aligned, axis=0), np.ptp(OLD, axis=0) * 3, rtol=1e-5)


def test_align_map__nothing_in_common__is_left_alone():
    aligned = align_map(OLD, ids=np.array(["w", "x", "y", "z"]), onto=OLD + 9, onto_ids=OLD_IDS)
    np.testing.assert_array_equal(aligned, OLD)
