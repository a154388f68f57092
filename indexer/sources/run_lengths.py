"""COCO's run lengths: how many pixels outside, inside, outside... a mask, going down its columns.

Own code, as ``pycocotools`` reads a damaged mask as whatever lies in memory. The packed form is that of its
``maskApi.c`` (``rleToString``), against which the tests compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
"""bool (H, W), True on the object."""

_BITS = 5
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
        ValueError, OverflowError: They do not fill a mask of that size, or are no run lengths.
    """
    runs: npt.NDArray[Any] = np.asarray(unpack_runs(counts) if isinstance(counts, str) else counts, dtype=np.int64)
    height, width = size_hw
    if runs.ndim != 1 or (runs < 0).any() or runs.sum() != height * width:
        raise ValueError(f"the runs do not fill a mask of {width}x{height} pixels")
    inside = np.arange(len(runs)) % 2 == 1
    return np.repeat(inside, runs).reshape((height, width), order="F")


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
