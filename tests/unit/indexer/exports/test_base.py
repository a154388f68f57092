import numpy as np

from indexer.exports.base import ExportedMap, tabulate_map


def test_of_points__some_on_the_map__the_others_are_nan():
    exported = ExportedMap.of_points(
        np.array(["a", "b", "c"]),
        method="umap",
        metric="cosine",
        map_ids=np.array(["c", "gone", "a"]),
        map_coordinates=np.array([[3, 3], [9, 9], [1, 1]], np.float32),
        map_trust=np.array([0.25, 0.5, 1], np.float32),
    )
    np.testing.assert_array_equal(exported.coordinates, [[1, 1], [np.nan, np.nan], [3, 3]])
    np.testing.assert_array_equal(exported.trust, [1, np.nan, 0.25])
    np.testing.assert_array_equal(tabulate_map(exported, 3)[1:], [[np.nan] * 3, [3, 3, 0.25]])


def test_of_points__trust_was_not_measured__is_nan():
    exported = ExportedMap.of_points(
        np.array(["a"]),
        method="pca",
        metric="cosine",
        map_ids=np.array(["a"]),
        map_coordinates=np.array([[1, 2]], np.float32),
    )
    np.testing.assert_array_equal(tabulate_map(exported, 1), [[1, 2, np.nan]])
