"""From a crop of any shape to the pixels that a network takes: letterboxed, resized with OpenCV, still uint8.

Normalisation (subtracting the mean, dividing by the deviation) is left to the engine, which does it on the device and
within the network's graph. Batches travel as uint8, a quarter of the bytes of float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import cv2
import numpy as np

from indexer.domain import Pixels

_CV2_INTERPOLATION = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """The look that a network wants its input to have.

    A crop keeps its aspect ratio. It is scaled to fit the input and centred on a ground of the mean colour, which
    normalisation turns into zeros. Nothing is cut off, unlike the centre crop of classification benchmarks, whose
    ``crop_pct`` is therefore ignored: a box already says what belongs to the object.

    Attributes:
        input_size_hw: Height and width of the network's input.
        mean: Mean per channel, RGB, of pixels scaled to [0, 1].
        std: Standard deviation per channel, RGB, of pixels scaled to [0, 1].
        interpolation: ``nearest``, ``bilinear``, ``bicubic`` or ``lanczos``; used when a crop is enlarged. Shrinking
            averages areas, as it must not alias.
    """

    input_size_hw: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str

    @classmethod
    def from_values(
        cls, size_hw: Sequence[int], *, mean: Sequence[float], std: Sequence[float], interpolation: str
    ) -> Self:
        """Build from untyped values, as a library or a JSON file gives them.

        Args:
            size_hw: Height and width.
            mean: One value a channel; a single value stands for all three.
            std: As ``mean``.
            interpolation: A name that OpenCV does not know becomes ``bicubic``.
        """
        known = interpolation if interpolation in _CV2_INTERPOLATION else "bicubic"
        return cls((int(size_hw[0]), int(size_hw[1])), mean=_rgb(mean), std=_rgb(std), interpolation=known)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Inverse of ``dataclasses.asdict`` after a trip through JSON."""
        return cls.from_values(
            values["input_size_hw"],
            mean=values["mean"],
            std=values["std"],
            interpolation=values["interpolation"],
        )

    @property
    def text(self) -> str:
        """All that shapes the input, as one line; equal only for equal preprocessing."""
        values = " ".join(f"{name}={value}" for name, value in asdict(self).items())
        return f"letterbox/area/v1 {values}"

    def prepare(self, crop: Pixels) -> Pixels:
        """Letterbox a crop into the network's input size. Thread-safe; OpenCV releases the interpreter lock.

        Args:
            crop: uint8 RGB (H, W, 3), at least one pixel; a view is fine.

        Returns:
            uint8 RGB (*input_size_hw, 3), contiguous.
        """
        assert crop.dtype == np.uint8, crop.dtype
        assert crop.size > 0, crop.shape
        assert crop.shape[2:] == (3,), crop.shape
        height, width = self.input_size_hw
        scale = min(height / crop.shape[0], width / crop.shape[1])
        # An extreme strip keeps at least one row or column.
        inner_h = min(height, max(1, round(crop.shape[0] * scale)))
        inner_w = min(width, max(1, round(crop.shape[1] * scale)))
        method = cv2.INTER_AREA if scale < 1 else _CV2_INTERPOLATION[self.interpolation]
        inner = cv2.resize(np.ascontiguousarray(crop), (inner_w, inner_h), interpolation=method)
        if (inner_h, inner_w) == (height, width):
            return inner  # type: ignore[no-any-return]
        canvas = np.empty((height, width, 3), np.uint8)
        canvas[:] = np.rint(np.multiply(self.mean, 255))
        top, left = (height - inner_h) // 2, (width - inner_w) // 2
        canvas[top : top + inner_h, left : left + inner_w] = inner
        return canvas


def _rgb(values: Sequence[float]) -> tuple[float, float, float]:
    """Three floats, a single value repeated."""
    red, green, blue = values if len(values) == 3 else [values[0]] * 3
    return float(red), float(green), float(blue)
