"""Points and collections of the tests of a Qdrant server."""

import numpy as np

from indexer.domain import CollectionSpec, Point

SPEC = CollectionSpec(embedder="fake:three", fingerprint="f1", dimension=3, crops="padding=0px min=1px")
OTHER = CollectionSpec(embedder="fake:three", fingerprint="f2", dimension=3, crops="padding=0px min=1px")
ABOUT_PATH = "/collections/animals/points"


def make_points(n_points, dimension=3, **payload):
    return [
        Point(
            f"00000000-0000-0000-0000-{number:012}",
            {"class_name": f"class {number}", "source_key": "s", **payload},
            np.eye(1, dimension, number % dimension, dtype=np.float32)[0],
        )
        for number in range(n_points)
    ]


def ids_of(collection, where=None):
    return [point.id for page in collection.scroll(where, fields=[]) for point in page]
