import numpy as np

from indexer.domain import ignore_progress
from indexer.maps.projectors.densmap_projector import DensmapProjector
from indexer.maps.projectors.umap_projector import UmapProjector

WIDTHS = np.array([0.05, 0.1, 0.2, 0.4])
"""Of four clusters of 100 points each, far from each other."""


def widths_on_map(projector):
    noise = np.random.default_rng(0).normal(size=(4, 100, 8)) * WIDTHS[:, None, None]
    vectors = (noise + 10 * np.eye(4, 8)[:, None]).reshape(400, 8).astype(np.float32)
    places = projector.project(vectors, neighborhoods=None, seed=0, on_progress=ignore_progress).reshape(4, 100, 2)
    return np.sqrt(((places - places.mean(axis=1, keepdims=True)) ** 2).sum(axis=2).mean(axis=1))


def test_project__loose_clusters_are_wider_than_dense_ones():
    on_map = widths_on_map(DensmapProjector())

    assert (np.diff(on_map) > 0).all()
    assert on_map[3] > 3 * on_map[0]
    by_umap = widths_on_map(UmapProjector())
    assert by_umap.max() < 1.5 * by_umap.min()
