import numpy as np
import pytest
from sklearn.decomposition import PCA

from indexer.domain import ignore_progress
from indexer.errors import CancelledError
from indexer.maps.projectors import pca
from indexer.maps.projectors.pca import PcaProjector, lay_out_components, principal_components


def test_principal_components__line__is_the_distance_from_the_middle():
    points = np.array([[0, 0], [3, 4], [6, 8]], np.float32)
    components = principal_components(points, n_components=2, on_progress=ignore_progress)
    np.testing.assert_allclose(components, [[-5, 0], [0, 0], [5, 0]], atol=1e-5)


def test_principal_components__several_blocks__agree_with_scikit_learn(monkeypatch):
    monkeypatch.setattr(pca, "_BLOCK_ROWS", 7)
    points = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32) * np.arange(1, 7, dtype=np.float32)
    ours = principal_components(points, n_components=3, on_progress=ignore_progress)
    theirs = PCA(3, svd_solver="full").fit_transform(points)
    np.testing.assert_allclose(ours, theirs * np.sign((ours * theirs).sum(axis=0)), atol=1e-4)


def test_principal_components__mirrored_points__mirror_the_map():
    points = np.random.default_rng(1).normal(size=(30, 4)).astype(np.float32)
    there, back = (principal_components(x, n_components=2, on_progress=ignore_progress) for x in (points, -points))
    np.testing.assert_allclose(there, -back, atol=1e-5)


def test_principal_components__fewer_dimensions_than_components__gives_the_dimensions():
    points = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert principal_components(points, n_components=64, on_progress=ignore_progress).shape == (3, 2)


def test_project__one_dimension__leaves_the_second_at_zero():
    points = np.array([[1], [3]], np.float32)
    coordinates = PcaProjector().project(points, neighborhoods=None, seed=0, on_progress=ignore_progress)
    np.testing.assert_array_equal(coordinates, [[-1, 0], [1, 0]])


def test_project__progress_that_raises__cancels():
    def cancel(stage: str, done: int, total: int | None) -> None:
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        PcaProjector().project(np.eye(3, dtype=np.float32), neighborhoods=None, seed=0, on_progress=cancel)


def test_lay_out_components__line__is_as_wide_as_asked():
    start = lay_out_components(
        np.array([[0, 0], [3, 4], [6, 8]], np.float32), width=100, seed=0, on_progress=ignore_progress
    )
    np.testing.assert_allclose(start, [[-50, 0], [0, 0], [50, 0]], atol=0.1)


def test_lay_out_components__copies__are_parted():
    start = lay_out_components(np.ones((3, 2), np.float32), width=100, seed=0, on_progress=ignore_progress)
    assert len(np.unique(start, axis=0)) == 3
    assert np.abs(start).max() < 0.1
