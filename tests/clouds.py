"""Points that neighbors are hard to tell apart among: copies, near-copies, constant vectors, ties."""

import numpy as np
from hypothesis import strategies as st

SPREADS = (0.0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 1.0)


def near_copies(n_points, dimension, spread, *, n_groups=8, seed=0):
    """Points within ``spread`` of ``n_groups`` centres, float32 (n_points, dimension)."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(n_groups, dimension))
    points = centres[random.integers(n_groups, size=n_points)]
    return (points + spread * random.normal(size=points.shape)).astype(np.float32)


def make_cloud(kind, n_points, dimension, seed=0):
    """One of ``KINDS``, float32 (n_points, dimension)."""
    random = np.random.default_rng(seed)
    if isinstance(kind, float):
        return near_copies(n_points, dimension, kind, n_groups=1 + seed % 8, seed=seed)
    if kind == "half zeros":
        points = near_copies(n_points, dimension, 0.01, seed=seed)
        points[::2] = 0
        return points
    return {
        "constant": lambda: np.full((n_points, dimension), 0.3),
        "zeros": lambda: np.zeros((n_points, dimension)),
        "ties": lambda: random.integers(-1, 2, size=(n_points, dimension)),
        "opposites": lambda: np.ones((n_points, dimension)) * random.choice([-1, 1], size=(n_points, 1)),
        "lengths": lambda: np.ones((n_points, dimension)) * random.uniform(1e-20, 1e20, size=(n_points, 1)),
        "one apart": lambda: np.where(np.arange(n_points)[:, None] == n_points // 2, -0.5, 0.5) * np.ones(dimension),
    }[kind]().astype(np.float32)


KINDS = (*SPREADS, "constant", "zeros", "half zeros", "ties", "opposites", "lengths", "one apart")


@st.composite
def clouds(draw, *, most_points=120):
    """Any cloud of 1 to ``most_points`` points in 1 to 40 dimensions."""
    n_points, dimension = draw(st.integers(1, most_points)), draw(st.sampled_from([1, 2, 3, 8, 40]))
    return make_cloud(draw(st.sampled_from(KINDS)), n_points, dimension, draw(st.integers(0, 50)))
