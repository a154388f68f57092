"""An embeddings folder of Supervisely's app, or of our own export, into a collection without embedding anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from indexer.domain import CollectionSpec, CropOptions, Point, Progress, ignore_progress
from indexer.imports.embeddings_folder import ImportedEmbeddings, read_embeddings_folder
from indexer.payload import PAYLOAD_VERSION, PayloadField
from indexer.points import make_point_id
from indexer.workspace import Workspace

_ROWS_PER_WRITE: Final = 4096
_FINGERPRINT: Final = "imported"
"""Stands for weights that nobody here has seen, so that no run mixes its own embeddings with imported ones."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote.

    Attributes:
        collection: Name of the collection.
        n_points: Points written.
        maps: Methods of the maps that the folder holds; make a map here with ``lookalike project``.
        stale_files: Map files that belong to other points.
    """

    collection: str
    n_points: int
    maps: list[str]
    stale_files: list[str]


def import_embeddings(
    workspace: Workspace, folder: Path, *, collection_name: str | None = None, on_progress: Progress = ignore_progress
) -> Imported:
    """Write the embeddings and labels of a folder into a collection of their own; running it again changes nothing.

    Args:
        workspace: Where the collection is made.
        folder: Folder with ``embeddings.pt``, ``info.json`` and, where there is one, ``cfg.json``.
        collection_name: Name of the collection; made of the model's name if None.
        on_progress: Told of the points written.

    Raises:
        SourceUnavailableError: A file is missing, or cannot be read without running code.
        AnnotationFormatError: The files contradict each other.
        CollectionMismatchError: The collection exists and was made otherwise.
    """
    found = read_embeddings_folder(folder)
    model = str(found.options.get("model_name") or found.options.get("embedder") or "unknown model")
    spec = CollectionSpec(model, _FINGERPRINT, found.embeddings.shape[1], CropOptions().text)
    name = collection_name or re.sub(r"[^A-Za-z0-9_.-]+", "-", f"imported-{model}").strip("-.")[:100]
    store = workspace.store
    is_there = name in store.collection_names()
    collection = store.open_collection(name, spec=spec) if is_there else store.create_collection(name, spec)
    now = datetime.now(UTC).isoformat()
    for start in range(0, len(found.embeddings), _ROWS_PER_WRITE):
        on_progress("importing", start, len(found.embeddings))
        rows = range(start, min(start + _ROWS_PER_WRITE, len(found.embeddings)))
        collection.upsert([_make_point(folder, found, row, now) for row in rows])
    on_progress("importing", len(found.embeddings), len(found.embeddings))
    collection.optimize()
    workspace.reviews.mend(name)  # points that were there before have been written again
    return Imported(name, len(found.embeddings), [one.method for one in found.maps], list(found.stale_files))


def _make_point(folder: Path, found: ImportedEmbeddings, row: int, now: str) -> Point:
    values: dict[str, Any] = {str(name): column[row] for name, column in found.fields.items()}
    source_key = f"embeddings-folder:{folder.resolve()}"
    image_key = str(values.get(PayloadField.IMAGE_KEY) or row)
    facts = {
        PayloadField.VERSION.value: PAYLOAD_VERSION,
        PayloadField.SOURCE_KEY.value: source_key,
        PayloadField.PROJECT.value: folder.name,
        PayloadField.IMAGE_KEY.value: image_key,
        PayloadField.IMAGE_NAME.value: values.get(PayloadField.IMAGE_NAME) or image_key,
        PayloadField.DATASET.value: values.get(PayloadField.DATASET) or "",
        PayloadField.EMBEDDED_AT.value: now,
    }
    payload = {name: value for name, value in {**values, **facts}.items() if value is not None}
    object_key = values.get(PayloadField.OBJECT_KEY)
    return Point(make_point_id(source_key, image_key, object_key), payload, found.embeddings[row])
