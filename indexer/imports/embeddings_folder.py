"""Reads the folder in which Supervisely's app "Explore data with embeddings" keeps its results, or our export of it.

The app pickles NumPy arrays. A pickle can run any code, so that files are only read with
``torch.load(weights_only=True)`` and the few names that a plain array of numbers needs; everything else is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Box, Embeddings, InstanceKind
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.payload import PayloadField

_METHODS: Final = {"UMAP": "umap", "t-SNE": "tsne", "PCA": "pca", "PCA-UMAP": "pca-umap", "PCA-t-SNE": "pca-tsne"}
_LISTS: Final = ("dataset_id", "image_id", "object_id", "object_cls", "crop_yxyx", "updated_at")
_TEXT_FIELDS: Final = {
    "dataset_id": PayloadField.DATASET,
    "image_id": PayloadField.IMAGE_KEY,
    "object_id": PayloadField.OBJECT_KEY,
    "object_cls": PayloadField.CLASS_NAME,
    "updated_at": PayloadField.IMAGE_UPDATED_AT,
    "image_name": PayloadField.IMAGE_NAME,
}


@dataclass(frozen=True, slots=True)
class ImportedMap:
    """A map found in the folder.

    Attributes:
        method: Method in our words, for example ``umap``.
        metric: ``cosine`` or ``euclidean``.
        coordinates: float32 (N, 2), row by row the embeddings.
    """

    method: str
    metric: str
    coordinates: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ImportedEmbeddings:
    """What an embeddings folder holds, as columns.

    Attributes:
        embeddings: float32 (N, D), as they were saved.
        fields: Payload field -> object array (N,); None where a row has no such field.
        options: ``cfg.json`` as it is, for example the model's name.
        maps: The projections that fit the embeddings.
        stale_files: Names of projection files with another number of rows, made of other points.
    """

    embeddings: Embeddings
    fields: Mapping[str, npt.NDArray[np.object_]]
    options: Mapping[str, Any]
    maps: tuple[ImportedMap, ...]
    stale_files: tuple[str, ...]


def read_embeddings_folder(folder: Path) -> ImportedEmbeddings:
    """Read an embeddings folder without running anything that is in it.

    Raises:
        SourceUnavailableError: A file is missing, or cannot be read without running code.
        AnnotationFormatError: The files contradict each other.
    """
    embeddings = _read_matrix(folder / "embeddings.pt")
    info = _read_object(folder / "info.json")
    _check_lists(info, len(embeddings), folder / "info.json")
    options = _read_object(folder / "cfg.json") if (folder / "cfg.json").exists() else {}
    coordinates = {path: _read_matrix(path) for path in sorted(folder.glob("projections_*_*.pt"))}
    fitting = {path: places for path, places in coordinates.items() if places.shape == (len(embeddings), 2)}
    return ImportedEmbeddings(
        embeddings,
        _fields(info),
        options,
        maps=tuple(_imported_map(path, places) for path, places in fitting.items()),
        stale_files=tuple(path.name for path in coordinates.keys() - fitting.keys()),
    )


def _read_matrix(path: Path) -> npt.NDArray[np.float32]:
    """Read a two-dimensional array or tensor of numbers.

    Raises:
        SourceUnavailableError: The file is missing, or holds anything but plain numbers.
        AnnotationFormatError: The numbers are no finite matrix.
    """
    import torch

    try:
        with torch.serialization.safe_globals(_plain_array_names()):
            saved = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise SourceUnavailableError(f"cannot read '{path}': {error.strerror or error}") from error
    except Exception as error:  # a foreign pickle fails in any way, and none of it is run
        message = f"'{path}' is no plain array of numbers and may carry code, so it is not opened; save it as a tensor"
        raise SourceUnavailableError(message) from error
    values = saved.numpy() if isinstance(saved, torch.Tensor) else np.asarray(saved)
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise AnnotationFormatError(f"'{path}' holds {values.dtype} of shape {values.shape}, not a matrix of numbers")
    return np.asarray(values, np.float32)


def _plain_array_names() -> list[Any]:
    """What the pickle of a NumPy array calls, under the names of NumPy 1 and 2."""
    from numpy._core.multiarray import _reconstruct

    dtypes = [type(np.dtype(code)) for code in ("f2", "f4", "f8", "i4", "i8")]
    return [_reconstruct, (_reconstruct, "numpy.core.multiarray._reconstruct"), np.ndarray, np.dtype, *dtypes]


def _read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceUnavailableError(f"cannot read '{path}': {error.strerror or error}") from error
    except ValueError as error:
        raise AnnotationFormatError(f"'{path}' is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise AnnotationFormatError(f"'{path}' holds a {type(content).__name__} instead of a JSON object")
    return content


def _check_lists(info: Mapping[str, Any], n_rows: int, path: Path) -> None:
    for name in _LISTS:
        values = info.get(name)
        if not isinstance(values, list) or len(values) != n_rows:
            found = f"{len(values)} values" if isinstance(values, list) else "no list"
            raise AnnotationFormatError(f"'{path}' has {found} in '{name}' for {n_rows} embeddings")


def _fields(info: Mapping[str, Any]) -> dict[str, npt.NDArray[np.object_]]:
    is_image = [object_id is None for object_id in info["object_id"]]
    kinds = [InstanceKind.IMAGE.value if whole else InstanceKind.OBJECT.value for whole in is_image]
    boxes = [_half_open(*pair) for pair in zip(info["crop_yxyx"], is_image, strict=True)]
    fields = {field.value: _texts(info[name]) for name, field in _TEXT_FIELDS.items() if name in info}
    return fields | {PayloadField.INSTANCE.value: _objects(kinds), PayloadField.BOX.value: _objects(boxes)}


def _half_open(box_yxyx: Sequence[int] | None, is_image: bool) -> list[int] | None:  # noqa: FBT001 - a pair of columns
    """The app's box, whose last row and column belong to an object's box and lie beyond a whole image's."""
    if box_yxyx is None:
        return None
    top, left, bottom, right = box_yxyx
    return list(Box(left, top, right, bottom) if is_image else Box(left, top, right + 1, bottom + 1))


def _texts(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    return _objects([None if value is None else str(value) for value in values])


def _objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    return np.fromiter(values, dtype=object, count=len(values))


def _imported_map(path: Path, coordinates: npt.NDArray[np.float32]) -> ImportedMap:
    _, method, metric = path.stem.split("_", 2)
    return ImportedMap(_METHODS.get(method, method), metric, coordinates)
