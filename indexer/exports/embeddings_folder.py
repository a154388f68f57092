"""The folder in which Supervisely's app "Explore data with embeddings" keeps its results.

``embeddings.pt`` holds the embeddings and ``info.json`` lists aligned with its rows; ``cfg.json`` says how they were
made and ``projections_{method}_{metric}.pt`` is the map. Tensors are saved without any pickled code, so that
``torch.load(weights_only=True)`` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import CollectionSpec, InstanceKind, PointColumns, Progress, ignore_progress
from indexer.exports.base import ExportedMap
from indexer.exports.files import replaced_file, write_json
from indexer.payload import PayloadField

METHOD_NAMES: Final = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA", "pca-umap": "PCA-UMAP", "pca-tsne": "PCA-t-SNE"}
"""Our methods -> the names that the app's files carry."""


def write_embeddings_folder(
    folder: Path,
    points: PointColumns,
    *,
    newest_map: ExportedMap | None = None,
    spec: CollectionSpec | None = None,
    on_progress: Progress = ignore_progress,
) -> Path:
    """Write the folder; see ``Export``.

    Points outside the map are (NaN, NaN) in the projections file. Besides the app's own lists, ``info.json`` carries
    our point ids and image names. Boxes are the app's: top, left, bottom, right, inclusive for objects, and 0, 0,
    height, width for whole images.
    """
    on_progress("export", 0, len(points))
    _write_tensor(folder / "embeddings.pt", points.embeddings)
    if newest_map is not None:
        name = f"projections_{METHOD_NAMES[newest_map.method]}_{newest_map.metric}.pt"
        _write_tensor(folder / name, newest_map.coordinates)
    write_json(folder / "cfg.json", _describe(points, spec))
    write_json(folder / "info.json", _info(points))
    on_progress("export", len(points), len(points))
    return folder


def _write_tensor(path: Path, values: npt.NDArray[np.float32]) -> None:
    import torch

    # Given a path, torch would write its name into the file.
    with replaced_file(path) as partial, partial.open("wb") as file:
        torch.save(torch.from_numpy(np.ascontiguousarray(values, np.float32)), file)


def _info(points: PointColumns) -> dict[str, list[Any] | str]:
    kinds = _column(points, PayloadField.INSTANCE)
    boxes = _column(points, PayloadField.BOX)
    is_image = [kind == InstanceKind.IMAGE for kind in kinds]
    updated_at = _column(points, PayloadField.IMAGE_UPDATED_AT)
    return {
        "dataset_id": [_platform_id(key) for key in _column(points, PayloadField.DATASET)],
        "image_id": [_platform_id(key) for key in _column(points, PayloadField.IMAGE_KEY)],
        "object_id": [_platform_id(key) for key in _column(points, PayloadField.OBJECT_KEY)],
        "object_cls": _column(points, PayloadField.CLASS_NAME),
        "crop_yxyx": [_app_box(box, is_whole) for box, is_whole in zip(boxes, is_image, strict=True)],
        "updated_at": updated_at,
        "point_id": points.ids.tolist(),
        "image_name": _column(points, PayloadField.IMAGE_NAME),
        "instance_mode": _instance_mode(is_image),
    }


def _column(points: PointColumns, field: PayloadField) -> list[Any]:
    values = points.fields.get(field)
    return [None] * len(points) if values is None else values.tolist()


def _platform_id(key: str | None) -> int | str | None:
    """The platform's numbers as numbers; keys of other sources as they are."""
    return int(key) if key is not None and key.isascii() and key.isdigit() else key


def _app_box(box: Sequence[int] | None, is_whole: bool) -> list[int] | None:  # noqa: FBT001 - private, one caller
    if box is None:
        return None
    left, top, right, bottom = box
    return [top, left, bottom, right] if is_whole else [top, left, bottom - 1, right - 1]


def _instance_mode(is_image: Sequence[bool]) -> str:
    if all(is_image):
        return "images"
    return "both" if any(is_image) else "objects"


def _describe(points: PointColumns, spec: CollectionSpec | None) -> dict[str, Any]:
    described: dict[str, Any] = {"made_by": "lookalike", "dimension": points.embeddings.shape[1]}
    if spec is not None:
        described |= {"model_name": spec.embedder, "fingerprint": spec.fingerprint, "crops": spec.crops}
        described |= {"distance": spec.distance}
    return described
