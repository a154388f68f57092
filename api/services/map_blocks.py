"""Points of a projection as the binary map that ``lookalike.wire`` documents (pure)."""

from __future__ import annotations

import hashlib
import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from lookalike.wire.maps import MapColumnInfo

MAGIC: Final = b"LKM1"
COLUMN_MAGIC: Final = b"LKC1"
POSITIONS_MAGIC: Final = b"LKP1"
BLOCK_ROWS: Final = 65536
GONE: Final = 65535
"""Class number of a point deleted since the projection was made."""
NO_SCORE: Final = 255
NOWHERE: Final = 65535
"""Both coordinates of a point that a map does not show; no point of a map lies there, for the sake of its margin."""
_MAX_SCORE: Final = 254
_MARGIN: Final = 1024  # so that points at the rim are not drawn half outside: 1.6 % of the side

UInt8s = npt.NDArray[np.uint8]
UInt16s = npt.NDArray[np.uint16]


def shuffle_rows(n_points: int, projection_id: str) -> npt.NDArray[np.int64]:
    """The order in which a projection's points are sent: random, but always the same for one projection.

    Returns:
        int64 (n_points,), a permutation.
    """
    seed = int.from_bytes(hashlib.blake2b(projection_id.encode(), digest_size=8).digest())
    return np.random.default_rng(seed).permutation(n_points)


def scale_to_square(coordinates: npt.NDArray[np.float32]) -> UInt16s:
    """Fit positions into a square of 65536 steps a side, centred, aspect kept, with a small margin.

    Args:
        coordinates: float32 (N, 2), finite.

    Returns:
        uint16 (N, 2).
    """
    if not len(coordinates):
        return np.empty((0, 2), np.uint16)
    positions = coordinates.astype(np.float64)
    least, greatest = positions.min(axis=0), positions.max(axis=0)
    extent = float((greatest - least).max())
    step = (65535 - 2 * _MARGIN) / extent if extent > 0 else 0.0
    centred = (positions - (least + greatest) / 2) * step + 65535 / 2
    places: UInt16s = np.rint(centred).astype(np.uint16)
    return places


def quantise_scores(scores: npt.NDArray[np.float32]) -> UInt8s:
    """Bring scores from 0..1 to 0..254; 255 for none (NaN)."""
    quantised = np.rint(np.clip(np.nan_to_num(scores), 0, 1) * _MAX_SCORE)
    return np.where(np.isnan(scores), NO_SCORE, quantised).astype(np.uint8)


def pack_map(positions: UInt16s, classes: UInt16s, scores: UInt8s, *, n_classes: int) -> bytes:
    """Write the binary map.

    Args:
        positions: uint16 (N, 2), x and y, in row order.
        classes: uint16 (N,), class numbers, ``GONE`` for deleted points.
        scores: uint8 (N,), ``NO_SCORE`` for none.
        n_classes: How many class numbers there are.
    """
    n_points = len(positions)
    assert positions.shape == (n_points, 2)
    assert classes.shape == scores.shape == (n_points,)
    x, y, numbers = (np.ascontiguousarray(column, "<u2") for column in (positions[:, 0], positions[:, 1], classes))
    parts = [struct.pack("<4sIII", MAGIC, n_points, BLOCK_ROWS, n_classes)]
    for start in range(0, n_points, BLOCK_ROWS):
        rows = slice(start, min(start + BLOCK_ROWS, n_points))
        block = b"".join(column[rows].tobytes() for column in (x, y, numbers, scores))
        parts += [block, bytes(-len(block) % 4)]
    return b"".join(parts)


def pack_column(info: MapColumnInfo, values: UInt8s | UInt16s) -> bytes:
    """Write one column of a map.

    Args:
        info: What the values mean.
        values: uint8 or uint16 (N,), in row order.
    """
    words = info.model_dump_json().encode()
    words += b" " * (-len(words) % 4)  # so that the values are aligned
    width = values.dtype.itemsize
    head = struct.pack("<4sIII", COLUMN_MAGIC, len(values), width, len(words))
    return head + words + np.ascontiguousarray(values, f"<u{width}").tobytes()


def pack_positions(positions: UInt16s, n_more: int) -> bytes:
    """Write where a map has the points of another one.

    Args:
        positions: uint16 (N, 2), x and y, in the row order of the other map; ``NOWHERE`` twice for none.
        n_more: Points that this map has and the other one lacks.
    """
    x, y = (np.ascontiguousarray(positions[:, axis], "<u2") for axis in (0, 1))
    n_missing = int((positions == NOWHERE).all(axis=1).sum())
    head = struct.pack("<4sIII", POSITIONS_MAGIC, len(positions), n_missing, n_more)
    return head + x.tobytes() + y.tobytes()
