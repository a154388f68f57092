"""The sample project: scans of handwritten digits, some of them labelled wrongly on purpose.

scikit-learn's 1,797 digits of 8 x 8 pixels (UCI ML, test set of Alpaydin and Kaynak, 1998) are inked onto sheets of
paper, 30 per sheet. They are written as a Supervisely project with two datasets, one nested in the other. Three in a
hundred labels are flipped; ``flipped.json`` beside the project lists them. The same call writes the same bytes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from indexer.domain import Box, Pixels, Progress, ignore_progress
from indexer.errors import SourceUnavailableError

PROJECT_NAME: Final = "digits"
FLIPPED_NAME: Final = "flipped.json"
DATASETS: Final = ("scans", "scans/archive")
DIGITS_PER_SCAN: Final = 30
FLIPPED_SHARE: Final = 0.03

_SEED: Final = 20260101
_COLUMNS, _ROWS = 6, 5
_CELL_PX, _DIGIT_PX, _MARGIN_PX = 72, 48, 24
_PAPER: Final = np.array([250, 246, 236], dtype=np.float32)
_INK: Final = np.array([28, 36, 84], dtype=np.float32)
_UPDATED_AT: Final = "2026-01-01T09:00:00.000Z"
_COLOURS: Final = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#332288", "#117733", "#882255",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Digit:
    """One digit on a scan: its box, the label it is given and the true one."""

    key: int
    box: Box
    given: str
    true: str


def write_sample_project(folder: Path, *, on_progress: Progress = ignore_progress) -> Path:
    """Write the sample project into ``folder``, unless it is there already.

    Args:
        folder: Where the project folder and ``flipped.json`` are written.
        on_progress: Told after every scan.

    Returns:
        The project folder.

    Raises:
        SourceUnavailableError: The folder cannot be written.
    """
    project, flipped_file = folder / PROJECT_NAME, folder / FLIPPED_NAME
    if project.exists() and flipped_file.exists():
        return project
    try:
        partial = folder / f"{PROJECT_NAME}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        flipped = _write_scans(partial, on_progress)
        _write_json(partial / "meta.json", _make_meta())
        _write_json(flipped_file, flipped)
        shutil.rmtree(project, ignore_errors=True)
        partial.rename(project)  # last, so that a project that is there is complete
    except OSError as error:
        raise SourceUnavailableError(f"cannot write the sample project into {folder}: {error.strerror}") from error
    return project


def _write_scans(project: Path, on_progress: Progress) -> list[dict[str, str]]:
    """Draw and write all scans; gives the list of flipped labels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    rng = np.random.default_rng(_SEED)
    given = _flip_labels(digits.target, rng)
    n_scans = -(-len(given) // DIGITS_PER_SCAN)
    flipped: list[dict[str, str]] = []
    for scan in range(n_scans):
        rows = range(scan * DIGITS_PER_SCAN, min((scan + 1) * DIGITS_PER_SCAN, len(given)))
        pixels, boxes = _draw_scan(digits.images[rows.start : rows.stop], rng)
        labelled = [
            _Digit(row + 1, box, str(given[row]), str(digits.target[row])) for row, box in zip(rows, boxes, strict=True)
        ]
        dataset, name = DATASETS[int(scan >= n_scans * 2 // 3)], f"scan_{scan + 1:02}.png"
        _write_scan(project, dataset, name, pixels, labelled)
        flipped += [_describe_flip(dataset, name, digit) for digit in labelled if digit.given != digit.true]
        on_progress("writing the sample project", scan + 1, n_scans)
    return flipped


def _flip_labels(true: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Labels of which ``FLIPPED_SHARE`` are changed to another digit."""
    given = true.copy()
    chosen = rng.choice(len(true), round(FLIPPED_SHARE * len(true)), replace=False)
    given[chosen] = (true[chosen] + rng.integers(1, 10, len(chosen))) % 10
    return given


def _draw_scan(images: npt.NDArray[np.float64], rng: np.random.Generator) -> tuple[Pixels, list[Box]]:
    """Ink digits, float (K, 8, 8) in 0..16, onto a sheet; gives uint8 RGB (H, W, 3) and a box for each."""
    height, width = _ROWS * _CELL_PX + 2 * _MARGIN_PX, _COLUMNS * _CELL_PX + 2 * _MARGIN_PX
    ink = np.zeros((height, width), dtype=np.float32)
    boxes = []
    for number, image in enumerate(images):
        row, column = divmod(number, _COLUMNS)
        shift_y, shift_x = rng.integers(0, _CELL_PX - _DIGIT_PX + 1, 2)
        top, left = int(_MARGIN_PX + row * _CELL_PX + shift_y), int(_MARGIN_PX + column * _CELL_PX + shift_x)
        enlarged = cv2.resize((image / 16).astype(np.float32), (_DIGIT_PX, _DIGIT_PX), interpolation=cv2.INTER_CUBIC)
        ink[top : top + _DIGIT_PX, left : left + _DIGIT_PX] = enlarged.clip(0, 1)
        boxes.append(Box(left, top, left + _DIGIT_PX, top + _DIGIT_PX))
    grain = rng.normal(0, 2, (height, width, 1)).astype(np.float32)
    pixels = _PAPER + (_INK - _PAPER) * ink[:, :, None] + grain
    return pixels.clip(0, 255).astype(np.uint8), boxes


def _write_scan(project: Path, dataset: str, name: str, pixels: Pixels, digits: list[_Digit]) -> None:
    parent, _, child = dataset.partition("/")
    folder = project / parent / "datasets" / child if child else project / parent
    (folder / "img").mkdir(parents=True, exist_ok=True)
    (folder / "ann").mkdir(exist_ok=True)
    (folder / "img" / name).write_bytes(cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes())
    height, width = pixels.shape[:2]
    annotation = {
        "description": "",
        "tags": [],
        "size": {"height": height, "width": width},
        "objects": [_make_object(digit) for digit in digits],
    }
    _write_json(folder / "ann" / f"{name}.json", annotation)


def _make_object(digit: _Digit) -> dict[str, Any]:
    box = digit.box
    return {
        "id": digit.key,
        "classTitle": digit.given,
        "geometryType": "rectangle",
        "labelerLogin": "sample",
        "createdAt": _UPDATED_AT,
        "updatedAt": _UPDATED_AT,
        "tags": [],
        # The platform's corners are inclusive, ours are half-open.
        "points": {"exterior": [[box.left, box.top], [box.right - 1, box.bottom - 1]], "interior": []},
    }


def _describe_flip(dataset: str, name: str, digit: _Digit) -> dict[str, str]:
    return {
        "dataset": dataset,
        "image_name": name,
        "object_key": str(digit.key),
        "given": digit.given,
        "true": digit.true,
    }


def _make_meta() -> dict[str, Any]:
    classes = [
        {"title": str(digit), "shape": "rectangle", "color": colour, "id": digit + 1}
        for digit, colour in enumerate(_COLOURS)
    ]
    return {"classes": classes, "tags": [], "projectType": "images"}


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
