import numpy as np

from indexer.exports.base import ExportedMap


def test_of_points__some_on_the_map__the_others_are_nan():
    exported = ExportedMap.of_points(
        np.array(["a", "b", "c"]),
        method="umap",
        metric="cosine",
        map_ids=np.array(["c", "gone", "a"]),
        map_coordinates=np.array([[3, 3], [9, 9], [1, 1]], np.float32),
    )
    np.testing.assert_array_equal(exported.coordinates, [[1, 1], [np.nan, np.nan], [3, 3]])
