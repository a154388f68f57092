"""Reads the folder in which Supervisely's app "Explore data with embeddings" keeps its results, or our export of it.

The app pickles NumPy arrays. A pickle can run any code and claim any size. So it is only read as a description (see
``plain_pickles``), and everything but a plain array of numbers is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.imports.files import read_json_object
from indexer.imports.info_lists import check_lists, read_fields, read_point_ids
from indexer.imports.plain_arrays import read_matrix
from indexer.maps.projectors import PROJECTORS, spell_method

_VALUES_PER_ROW: Final = 64  # the lists have 13 commas a row; names may hold some too
_MAX_OPTIONS_BYTES: Final = 2**20


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
    """The content of an embeddings folder, as columns.

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
    _check_is_there(folder)
    embeddings = read_matrix(folder / "embeddings.pt")
    _check_embeddings(embeddings, folder / "embeddings.pt")
    info = read_json_object(folder / "info.json", max_values=_VALUES_PER_ROW * (len(embeddings) + 16))
    check_lists(info, len(embeddings), folder / "info.json")
    options = _read_options(folder / "cfg.json")
    coordinates = {path: read_matrix(path) for path in sorted(folder.glob("projections_*_*.pt"))}
    fitting = {path: places for path, places in coordinates.items() if places.shape == (len(embeddings), 2)}
    return ImportedEmbeddings(
        embeddings,
        read_fields(info, folder / "info.json"),
        read_point_ids(info, folder / "info.json"),
        options,
        maps=tuple(_imported_map(path, places) for path, places in fitting.items()),
        stale_files=tuple(path.name for path in coordinates if path not in fitting),
    )


def _check_is_there(folder: Path) -> None:
    try:
        os.lstat(folder / "embeddings.pt")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceUnavailableError(
            f"'{folder}' has no embeddings.pt; give a folder that 'lookalike export --format embeddings-folder' wrote"
        ) from error
    except (OSError, ValueError):  # told when it is read
        return


def _read_options(path: Path) -> dict[str, Any]:
    if not os.path.lexists(path):
        return {}
    return read_json_object(path, max_values=_MAX_OPTIONS_BYTES, max_bytes=_MAX_OPTIONS_BYTES)


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


def _imported_map(path: Path, coordinates: npt.NDArray[np.float32]) -> ImportedMap:
    _, method, metric = path.stem.split("_", 2)
    methods = {spell_method(name): name for name in PROJECTORS}
    return ImportedMap(methods.get(method, method), metric, coordinates)
