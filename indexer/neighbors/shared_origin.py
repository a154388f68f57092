"""Which points must not speak for each other: objects of one image, and copies of the same pixels.

Ten objects of one photograph share its light, its annotator and its mistakes; a copy repeats its original. Neither is
a witness, so neither votes on the other's class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.collection.class_numbers import Names, number_names
from indexer.errors import InvalidOptionsError
from indexer.neighbors.graph import NeighborGraph

Rows = npt.NDArray[np.int64]

COPY_SIMILARITY = np.float32(1 - 1e-6)  # the cosine of equal embeddings, less float32's rounding
LARGEST_GROUP = 100  # more points than this are not left out together: the cost grows with the cube


@dataclass(frozen=True)
class SharedOrigin:
    """Origins of points, as far as they are known.

    Attributes:
        image: int64 (N,), equal for points of one source image; None where every point has its own.
        pixels: int64 (N,), equal for points with the same pixels and -1 where they are unknown; None where a cosine
            of 1 must do.
    """

    image: Rows | None = None
    pixels: Rows | None = None

    @classmethod
    def of(
        cls,
        n_points: int,
        *,
        image_index: npt.NDArray[np.integer] | None = None,
        pixels_hash: Names | None = None,
    ) -> SharedOrigin:
        """Number the images and pixels.

        Args:
            n_points: N.
            image_index: int (N,), which source image each point belongs to.
            pixels_hash: str or object (N,), None or empty where unknown.

        Raises:
            InvalidOptionsError: A column has another length than N.
        """
        for name, column in (("image_index", image_index), ("pixels_hash", pixels_hash)):
            if column is not None and len(column) != n_points:
                raise InvalidOptionsError(f"{name} has {len(column)} entries for {n_points} points")
        image = None if image_index is None else np.asarray(image_index, dtype=np.int64)
        return cls(image, None if pixels_hash is None else number_names(pixels_hash)[1])

    def is_shared(
        self, rows: Rows, others: npt.NDArray[np.integer], similarities: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.bool_]:
        """Tell which of ``others`` share an image or pixels with ``rows``.

        Args:
            rows: int64 (b,).
            others: int (b, m) row numbers.
            similarities: float32 (b, m), cosine.

        Returns:
            bool (b, m).
        """
        if self.pixels is None:
            shared = similarities >= COPY_SIMILARITY
        else:
            own = self.pixels[rows][:, None]
            shared = (self.pixels[others] == own) & (own >= 0)
        if self.image is not None:
            shared = shared | (self.image[others] == self.image[rows][:, None])
        return shared

    def group(self, graph: NeighborGraph) -> Rows:
        """Number the groups of points to leave out together: linked by a shared image or shared pixels.

        A chain of images and copies may link very many points. Such a group falls apart into its images, and an image
        of very many objects into its objects.

        Args:
            graph: Where copies are looked for when pixels are unknown.

        Returns:
            int64 (N,), equal within a group.
        """
        groups = np.arange(graph.n_points, dtype=np.int64)
        for column in (self.image, self._copies(graph)):
            if column is not None:
                groups = _break_up(_join(groups, column), finer=groups)
        return groups

    def _copies(self, graph: NeighborGraph) -> Rows | None:
        if self.pixels is not None:
            return np.where(
                self.pixels >= 0, self.pixels, self.pixels.max(initial=-1) + 1 + np.arange(len(self.pixels))
            )
        near, position = np.nonzero(graph.similarities >= COPY_SIMILARITY)
        return connect(near, graph.indices[near, position], graph.n_points) if len(near) else None


def connect(left: npt.NDArray[np.integer], right: npt.NDArray[np.integer], n_points: int) -> Rows:
    """Number the connected components of ``n_points`` points under the links ``left[e]`` - ``right[e]``.

    Every root hooks onto the lowest root that a link leads to, until links stay within a root. The method is that of
    Shiloach and Vishkin, "An O(log n) parallel connectivity algorithm". SciPy's ``connected_components`` does the same,
    but its import takes a quarter of a second, as long as the rest of a small collection's suspects.

    Returns:
        int64 (n_points,), component numbers in order of their lowest row.
    """
    roots = np.arange(n_points, dtype=np.int64)
    while True:
        one, other = roots[left], roots[right]
        lower, higher = np.minimum(one, other), np.maximum(one, other)
        if np.array_equal(lower, higher):
            return np.unique(roots, return_inverse=True)[1].astype(np.int64)
        np.minimum.at(roots, higher, lower)
        while not np.array_equal(roots, shorter := roots[roots]):
            roots = shorter


def _join(groups: Rows, column: Rows) -> Rows:
    """The components of "same group or same value of ``column``"."""
    n_points = len(groups)
    rows = np.arange(n_points)
    _, first_in_group, group = np.unique(groups, return_index=True, return_inverse=True)
    _, first_in_column, value = np.unique(column, return_index=True, return_inverse=True)
    left = np.concatenate([rows, rows])
    return connect(left, np.concatenate([first_in_group[group], first_in_column[value]]), n_points)


def _break_up(groups: Rows, finer: Rows) -> Rows:
    """Replace groups that are too large by the finer groups inside them."""
    _, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    is_large = sizes[numbers] > LARGEST_GROUP
    return np.where(is_large, groups.max(initial=0) + 1 + finer, groups)
