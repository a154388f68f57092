"""Reads the folder in which Supervisely's app "Explore data with embeddings" keeps its results, or our export of it.

The app pickles NumPy arrays. A pickle can run any code, so that files are only read with
``torch.load(weights_only=True)`` and the few names that a plain array of numbers needs; everything else is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.imports.info_lists import check_lists, read_fields, read_point_ids

_METHODS: Final = {"UMAP": "umap", "t-SNE": "tsne", "PCA": "pca", "PCA-UMAP": "pca-umap", "PCA-t-SNE": "pca-tsne"}


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
        embeddings: float32 (N, D), finite, D at least 1, as they were saved.
        fields: Payload field -> object array (N,); None where a row has no such field.
        point_ids: Object array (N,), the ids that the points had where our export wrote the folder, else None.
        options: ``cfg.json`` as it is, for example the model's name.
        maps: The projections that fit the embeddings.
        stale_files: Names of projection files with another number of rows, made of other points.
    """

    embeddings: Embeddings
    fields: Mapping[str, npt.NDArray[np.object_]]
    point_ids: npt.NDArray[np.object_] | None
    options: Mapping[str, Any]
    maps: tuple[ImportedMap, ...]
    stale_files: tuple[str, ...]


def read_embeddings_folder(folder: Path) -> ImportedEmbeddings:
    """Read an embeddings folder without running anything that is in it.

    Raises:
        SourceUnavailableError: A file is missing, or cannot be read without running code.
        AnnotationFormatError: The files contradict each other, or a row holds what cannot be; the message names it.
    """
    embeddings = _read_matrix(folder / "embeddings.pt")
    _check_embeddings(embeddings, folder / "embeddings.pt")
    info = _read_object(folder / "info.json")
    check_lists(info, len(embeddings), folder / "info.json")
    options = _read_object(folder / "cfg.json") if (folder / "cfg.json").exists() else {}
    coordinates = {path: _read_matrix(path) for path in sorted(folder.glob("projections_*_*.pt"))}
    fitting = {path: places for path, places in coordinates.items() if places.shape == (len(embeddings), 2)}
    return ImportedEmbeddings(
        embeddings,
        read_fields(info, folder / "info.json"),
        read_point_ids(info, folder / "info.json"),
        options,
        maps=tuple(_imported_map(path, places) for path, places in fitting.items()),
        stale_files=tuple(path.name for path in coordinates.keys() - fitting.keys()),
    )


def _read_matrix(path: Path) -> npt.NDArray[np.float32]:
    """Read a two-dimensional array or tensor of numbers of any width; they need not be finite.

    Raises:
        SourceUnavailableError: The file is missing, or holds anything but plain numbers.
        AnnotationFormatError: The numbers are no matrix.
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
    try:
        if isinstance(saved, torch.Tensor):
            # NumPy knows neither bfloat16 nor a tensor that asks for gradients.
            saved = saved.detach().to(torch.float32 if saved.is_floating_point() else saved.dtype).numpy()
        values = np.asarray(saved)
    except (TypeError, ValueError, RuntimeError) as error:
        message = f"'{path}' holds what is no matrix of numbers ({error}); save it as a float32 tensor"
        raise AnnotationFormatError(message) from error
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise AnnotationFormatError(f"'{path}' holds {values.dtype} of shape {values.shape}, not a matrix of numbers")
    with np.errstate(over="ignore"):  # becomes infinite, which is found where it matters
        return np.asarray(values, np.float32)


def _check_embeddings(embeddings: Embeddings, path: Path) -> None:
    if embeddings.shape[1] == 0:
        raise AnnotationFormatError(f"'{path}' holds {len(embeddings)} embeddings of no dimension; save them again")
    with np.errstate(invalid="ignore", over="ignore"):
        suspicious = np.flatnonzero(~np.isfinite(embeddings.sum(axis=1)))  # N numbers instead of N * D flags
    for row in suspicious:
        columns = np.flatnonzero(~np.isfinite(embeddings[row]))
        if len(columns):
            value = embeddings[row, columns[0]]
            raise AnnotationFormatError(
                f"'{path}' has {value} in row {row}, column {columns[0]}; embed its image again, or leave the row out"
            )


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


def _imported_map(path: Path, coordinates: npt.NDArray[np.float32]) -> ImportedMap:
    _, method, metric = path.stem.split("_", 2)
    return ImportedMap(_METHODS.get(method, method), metric, coordinates)
