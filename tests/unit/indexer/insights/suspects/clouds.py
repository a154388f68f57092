"""Embeddings with known neighborhoods."""

from __future__ import annotations

import numpy as np

NAMES = ("cat", "dog", "fox")


def make_points(*sizes: int, seed: int = 0, spread: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian clouds of the given sizes, with class names."""
    rng = np.random.default_rng(seed)
    classes = np.repeat(np.arange(len(sizes)), sizes)
    centres = rng.normal(size=(max(10, len(sizes)), 16))
    embeddings = centres[classes] + spread * rng.normal(size=(len(classes), 16))
    names = [NAMES[c] if c < len(NAMES) else f"rare {c}" for c in classes]
    return embeddings.astype(np.float32), np.array(names, dtype=object)


def make_breeds(n_points: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Cats, dogs and foxes that differ among themselves in three ways only, as breeds do, without gaps."""
    rng = np.random.default_rng(seed)
    classes = np.repeat(np.arange(3), n_points)
    looks = rng.uniform(-1.5, 1.5, size=(len(classes), 3)) @ rng.normal(size=(3, 32)) / 3
    embeddings = rng.normal(size=(3, 32))[classes] + looks + 0.05 * rng.normal(size=(len(classes), 32))
    return embeddings.astype(np.float32), np.array(NAMES, dtype=object)[classes]


def find_breed(embeddings: np.ndarray, point: int, size: int) -> np.ndarray:
    """The point and those of its class that look most like it, ascending."""
    members = np.arange(120) + point // 120 * 120
    return np.sort(members[np.argsort(np.linalg.norm(embeddings[members] - embeddings[point], axis=1))[:size]])
