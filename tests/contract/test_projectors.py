"""Every registered projector keeps the promises of ``indexer.maps.projectors.base.Projector``."""

import numpy as np
import pytest

from indexer.domain import ignore_progress
from indexer.maps.projectors import PROJECTORS

CLUSTERED = np.random.default_rng(0).normal(scale=0.1, size=(60, 10)) + np.repeat(np.eye(3, 10), 20, axis=0)
CASES = {
    "clusters": CLUSTERED,
    "all alike": np.ones((40, 5)),
    "all zero": np.zeros((20, 5)),
    "one dimension": np.linspace(0, 1, 25)[:, None],
    "copies": np.repeat(np.eye(4), 8, axis=0),
}


@pytest.fixture(params=list(PROJECTORS))
def projector(request):
    return PROJECTORS.load(request.param)()


def project(projector, points, seed=0, on_progress=ignore_progress):
    vectors = np.asarray(points, np.float32)
    return projector.project(vectors, neighborhoods=None, seed=seed, on_progress=on_progress)


def test_project__name__is_that_of_the_registry(projector):
    assert PROJECTORS[projector.name].endswith(type(projector).__name__)


@pytest.mark.parametrize("case", CASES)
def test_project__any_points__gives_finite_float32_centred_on_the_origin(projector, case):
    coordinates = project(projector, CASES[case])
    assert coordinates.dtype == np.float32
    assert coordinates.shape == (len(CASES[case]), 2)
    assert np.isfinite(coordinates).all()
    np.testing.assert_allclose(coordinates.mean(axis=0), 0, atol=1e-3)


def test_project__fewest_points__is_a_map(projector):
    coordinates = project(projector, CLUSTERED[:: 60 // projector.min_points][: projector.min_points])
    assert np.isfinite(coordinates).all()
    assert np.ptp(coordinates, axis=0).max() > 0


def test_project__same_points_and_seed__same_bits(projector):
    np.testing.assert_array_equal(project(projector, CLUSTERED, seed=5), project(projector, CLUSTERED, seed=5))


def test_project__points__are_left_as_they_are(projector):
    points = CLUSTERED.astype(np.float32)
    project(projector, points)
    np.testing.assert_array_equal(points, CLUSTERED.astype(np.float32))


def test_project__clusters__stay_together(projector):
    clusters = project(projector, CLUSTERED).reshape(3, 20, 2)
    middles = clusters.mean(axis=1)
    nearest_middle = np.linalg.norm(clusters[:, :, None] - middles, axis=3).argmin(axis=2)
    np.testing.assert_array_equal(nearest_middle, np.repeat([[0], [1], [2]], 20, axis=1))


def test_project__progress__ends_complete(projector):
    seen = []
    project(projector, CLUSTERED, on_progress=lambda stage, done, total: seen.append((stage, done, total)))
    stages = {stage: (done, total) for stage, done, total in seen}
    assert stages
    assert all(done == total for done, total in stages.values())
