"""COCO's run lengths: how many pixels outside, inside, outside... a mask, going down its columns.

Own code, as ``pycocotools`` reads a damaged mask as whatever lies in memory. The packed form is that of its
``maskApi.c`` (``rleToString``), against which the tests compare.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from indexer.domain import DEFAULT_MAX_PIXELS, Box

Mask = npt.NDArray[np.bool_]
"""bool (H, W), True on the object."""

Runs = npt.NDArray[np.int64]
"""int64 (K,), pixels outside, inside, outside, ..."""

_BITS, _MAX_BITS = 5, 45
_MORE, _SIGN, _VALUE = 0x20, 0x10, 0x1F


def encode_runs(mask: Mask) -> list[int]:
    """The run lengths of a mask, outside first."""
    flat = mask.ravel(order="F")
    starts = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs: list[int] = np.diff([0, *starts, flat.size]).tolist()
    return [0, *runs] if flat[0] else runs


def decode_runs(counts: Sequence[int] | str, size_hw: Sequence[int]) -> Mask:
    """The mask that run lengths, packed or not, stand for.

    Raises:
        ValueError: They do not fill a mask of that size, are no run lengths, or the mask is too large.
    """
    runs, (height, width) = read_runs(counts, size_hw)
    inside = np.arange(len(runs)) % 2 == 1
    return np.repeat(inside, runs).reshape((height, width), order="F")


def read_runs(counts: Sequence[int] | str, size_hw: Sequence[int]) -> tuple[Runs, tuple[int, int]]:
    """Check run lengths, packed or not, without making the mask that they stand for.

    Returns:
        int64 (K,), outside first, which sum to the mask's pixels, and the mask's height and width.

    Raises:
        ValueError: They do not fill a mask of that size, are no run lengths, or the mask is too large.
    """
    height, width = _whole_numbers(size_hw)
    if height * width > DEFAULT_MAX_PIXELS:
        raise ValueError(f"a mask of {width}x{height} pixels is larger than any image")
    try:
        runs = np.asarray(unpack_runs(counts) if isinstance(counts, str) else counts)
    except OverflowError as error:
        raise ValueError("a run is longer than any mask") from error
    if len(counts) and (runs.dtype.kind not in "iu" or runs.ndim != 1):
        raise ValueError("the runs are no list of whole numbers")
    # Each run first: the sum of absurd ones may wrap around to the right number.
    if (runs < 0).any() or (runs > height * width).any() or runs.sum() != height * width:
        raise ValueError(f"the runs do not fill a mask of {width}x{height} pixels")
    return runs.astype(np.int64), (height, width)


def tighten_runs(runs: Runs, size_hw: tuple[int, int]) -> tuple[Box, list[int]] | None:
    """Cut a mask down to the box that its inside fills, at a cost that goes by its runs and not by its pixels.

    Args:
        runs: int64 (K,), outside first, as ``read_runs`` gives them.
        size_hw: Height and width of the mask.

    Returns:
        The box in the mask, and the run lengths of what lies in it; None if nothing is inside.
    """
    height = size_hw[0]
    edges = np.cumsum(runs)[: len(runs) // 2 * 2].reshape(-1, 2)
    starts, stops = edges[edges[:, 1] > edges[:, 0]].T
    if not len(starts):
        return None
    columns, last_columns = starts // height, (stops - 1) // height
    is_long = bool((columns != last_columns).any())  # a run into the next column goes to the bottom and to the top
    top, bottom = (0, height) if is_long else (int((starts % height).min()), int(((stops - 1) % height).max()) + 1)
    box = Box(int(columns[0]), top, int(last_columns[-1]) + 1, bottom)
    first = (columns - box.left) * box.height + starts % height - top
    last = first + stops - starts
    is_apart = first[1:] != last[:-1]  # in the box, what is inside may go on in the next column
    ends = np.stack([first[np.append(True, is_apart)], last[np.append(is_apart, True)]], axis=1).ravel()
    tight: list[int] = np.diff(ends, prepend=0).tolist()
    behind = box.width * box.height - int(ends[-1])
    return box, [*tight, behind] if behind else tight


def _whole_numbers(size_hw: Sequence[int]) -> tuple[int, int]:
    height, width = size_hw
    if not all(isinstance(side, (int, float)) and side >= 0 and side == side // 1 for side in (height, width)):
        raise ValueError("the size of the mask is no pair of whole numbers")
    return int(height), int(width)


def unpack_runs(text: str) -> list[int]:
    """Run lengths from their packed form: five bits a character, from the third on as differences to the last but one.

    Raises:
        ValueError: The text ends within a number, or holds a foreign character.
    """
    runs: list[int] = []
    value = n_bits = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64:
            raise ValueError(f"{character!r} occurs in no run lengths")
        if n_bits > _MAX_BITS:
            raise ValueError("a run is longer than any mask")
        value |= (code & _VALUE) << n_bits
        n_bits += _BITS
        if code & _MORE:
            continue
        if code & _SIGN:
            value -= 1 << n_bits
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = n_bits = 0
    if n_bits:
        raise ValueError("the run lengths end within a number")
    return runs
