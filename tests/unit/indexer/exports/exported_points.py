"""Three points, one of each kind that an export meets."""

import numpy as np

from indexer.domain import CollectionSpec, PointColumns
from indexer.exports.base import ExportedMap

SPEC = CollectionSpec("timm:tiny", "abc123", 2, "padding=0px min=1px")


def column(*values):
    return np.fromiter(values, dtype=object, count=len(values))


def three_points() -> PointColumns:
    """A dog's polygon and an unlabelled rectangle in one image, and a whole image without size or time."""
    return PointColumns(
        ids=np.array(["id-1", "id-2", "id-3"]),
        embeddings=np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32),
        fields={
            "source_key": column("src", "src", "src"),
            "dataset": column("train", "train", "17"),
            "image_key": column("train/a.png", "train/a.png", "42"),
            "image_name": column("a.png", "a.png", "bü,ro.png"),
            "image_size_hw": column([20, 30], [20, 30], None),
            "instance": column("object", "object", "image"),
            "object_key": column("7", "second", None),
            "class_name": column("dog", None, "office"),
            "box": column([2, 3, 12, 9], [0, 0, 5, 5], [0, 0, 8, 6]),
            "shape": column({"polygons": [[[2, 3], [12, 3], [12, 9]]]}, None, None),
            "tags": column(["big", "size=3"], [], None),
            "image_updated_at": column("2026-01-02T03:04:05.000006+00:00", "2026-01-02T05:04:05+02:00", None),
            "suspect_score": column(0.75, None, None),
            "cluster": column(3, None, 0),
        },
    )


def map_of_two() -> ExportedMap:
    """A map that shows the first and the third point."""
    places = np.array([[1.5, -2], [np.nan, np.nan], [3, 4]], np.float32)
    return ExportedMap("umap", "cosine", places, trust=np.array([0.5, np.nan, 1], np.float32))
