"""An embeddings folder of Supervisely's app, or of our own export, into a collection without embedding anything."""

from __future__ import annotations

import json
import re
import reprlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from indexer.collection.collections import Collections
from indexer.domain import CollectionSpec, CropOptions, Point, PointFilter, Progress, ignore_progress
from indexer.errors import AnnotationFormatError
from indexer.imports.embeddings_folder import ImportedEmbeddings, read_embeddings_folder
from indexer.imports.info_lists import Column
from indexer.payload import PAYLOAD_VERSION, PayloadField
from indexer.points import make_point_id
from indexer.stores.leases import describe_owner, hold_collection
from lookalike.visible_text import escape_halves, show_controls

_ROWS_PER_WRITE: Final = 4096
_MAX_MODEL_CHARACTERS: Final = 200
_FINGERPRINT: Final = "imported"
"""Stands for weights that nobody here has seen, so that no run mixes its own embeddings with imported ones."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The points that an import wrote.

    Attributes:
        collection: Name of the collection.
        n_points: Points written.
        n_removed: Points of an earlier import of the folder that it no longer holds.
        maps: Methods of the maps that the folder holds; make a map here with ``lookalike project``.
        stale_files: Map files that belong to other points.
    """

    collection: str
    n_points: int
    n_removed: int
    maps: list[str]
    stale_files: list[str]


@dataclass(frozen=True, slots=True)
class Origin:
    """The project that an embeddings folder was made of, where that is known.

    Attributes:
        source_key: Identity of the source, so that points get the ids that a run gives them.
        project: Name shown to people.
        complete: Adds to the fields what the folder does not tell: payload field -> object array (N,).
    """

    source_key: str
    project: str
    complete: Callable[[Mapping[str, Column]], Mapping[str, Column]]


def import_embeddings(
    collections: Collections,
    mend: Callable[[str], object] | None,
    folder: Path,
    *,
    collection_name: str | None = None,
    origin: Origin | None = None,
    on_progress: Progress = ignore_progress,
) -> Imported:
    """Make a collection equal to the embeddings and labels of a folder, also if the folder was imported before.

    Points of other folders in the collection are left alone. The whole folder is read before anything is written.

    Args:
        collections: Where the collection is made.
        mend: Gives points of a collection back the verdicts and tags that were written over. None if another process
            owns the store: that one does it.
        folder: Folder with ``embeddings.pt``, ``info.json`` and, if there is one, ``cfg.json``.
        collection_name: Name of the collection; made of the model's name if None.
        origin: The project that it was made of; the folder itself is the source if None.
        on_progress: Told of the points written.

    Raises:
        SourceUnavailableError: A file is missing, or cannot be read without running code.
        AnnotationFormatError: The files contradict each other, or a row holds what cannot be; the message names it.
        CollectionMismatchError: The collection exists and was made otherwise.
        StoreLockedError: A run writes to the collection; the message says who and until when.
    """
    found = read_embeddings_folder(folder)
    source_key, project = _source_key(folder), escape_halves(folder.resolve().name)
    if origin is not None:
        source_key, project = origin.source_key, origin.project
        found = replace(found, fields=origin.complete(found.fields))
    ids = _make_ids(folder, found, source_key)
    model = _read_model(folder, found)
    spec = CollectionSpec(model, _FINGERPRINT, found.embeddings.shape[1], CropOptions().text)
    name = collection_name or re.sub(r"[^A-Za-z0-9_.-]+", "-", f"imported-{model}").strip("-.")[:100]
    collection = collections.create(name, spec)
    common = {
        PayloadField.VERSION.value: PAYLOAD_VERSION,
        PayloadField.SOURCE_KEY.value: source_key,
        PayloadField.PROJECT.value: project,
        PayloadField.EMBEDDED_AT.value: datetime.now(UTC).isoformat(),
    }
    with hold_collection(collection, describe_owner(f"lookalike import {folder.name}")) as require_lease:
        for start in range(0, len(found.embeddings), _ROWS_PER_WRITE):
            require_lease()
            on_progress("importing", start, len(found.embeddings))
            rows = range(start, min(start + _ROWS_PER_WRITE, len(found.embeddings)))
            collection.upsert([_make_point(found, row, point_id=ids[row], common=common) for row in rows])
        there = collection.read_columns([], where=PointFilter(equals_any={PayloadField.SOURCE_KEY: (source_key,)})).ids
        gone = sorted(set(there.tolist()) - set(ids))
        collection.delete(gone)
    on_progress("importing", len(found.embeddings), len(found.embeddings))
    collection.optimize()
    if mend is not None:
        mend(name)  # points that were there before have been written again
    return Imported(name, len(ids), len(gone), [one.method for one in found.maps], list(found.stale_files))


def _source_key(folder: Path) -> str:
    """Identity of the folder; bytes of its name that are not UTF-8 are escaped, as no store can hold them."""
    return f"embeddings-folder:{escape_halves(str(folder.resolve()))}"


def _read_model(folder: Path, found: ImportedEmbeddings) -> str:
    """The name of the model.

    Raises:
        AnnotationFormatError: It is no text that can name one.
    """
    model = found.options.get("model_name") or found.options.get("embedder") or "unknown model"
    if not isinstance(model, str) or len(model) > _MAX_MODEL_CHARACTERS or show_controls(model) != model:
        message = f"'{folder / 'cfg.json'}' has {reprlib.repr(model)} as 'model_name'"
        raise AnnotationFormatError(f"{message}; it must be a text of at most {_MAX_MODEL_CHARACTERS} characters")
    return model


def _make_ids(folder: Path, found: ImportedEmbeddings, source_key: str) -> list[str]:
    """The id of each row's point.

    An image and an object of it are one point. A collection may hold keys that several data sets or sources share. They
    are told apart by the dataset and, in our own export, by the id that the point had.

    Raises:
        AnnotationFormatError: Two rows are the same object or the same whole image.
    """
    image_keys, object_keys = _image_keys(found), found.fields[PayloadField.OBJECT_KEY]
    ids = [make_point_id(source_key, *keys) for keys in zip(image_keys, object_keys, strict=True)]
    n_rows = Counter(ids)
    known = found.point_ids if found.point_ids is not None else [None] * len(ids)
    places = zip(found.fields[PayloadField.DATASET], known, strict=True)
    ids = [
        point_id if n_rows[point_id] == 1 else make_point_id(json.dumps([source_key, *place]), image_key, object_key)
        for point_id, place, image_key, object_key in zip(ids, places, image_keys, object_keys, strict=True)
    ]
    rows: dict[str, int] = {}
    for row, point_id in enumerate(ids):
        first = rows.setdefault(point_id, row)
        if first != row:
            thing = "whole" if object_keys[row] is None else f"object '{object_keys[row]}' of"
            raise AnnotationFormatError(
                f"rows {first} and {row} of '{folder / 'info.json'}' are both {thing} image '{image_keys[row]}'; "
                "leave one out, or give each an object_id of its own"
            )
    return ids


def _image_keys(found: ImportedEmbeddings) -> list[str]:
    """The image of each row; a row that names none is an image of its own."""
    return [key or f"row {row}" for row, key in enumerate(found.fields[PayloadField.IMAGE_KEY])]


def _make_point(found: ImportedEmbeddings, row: int, *, point_id: str, common: Mapping[str, Any]) -> Point:
    """The point of a row; ``common`` is what all points of the folder have in their payload."""
    values: dict[str, Any] = {str(name): column[row] for name, column in found.fields.items()}
    image_key = values.get(PayloadField.IMAGE_KEY) or f"row {row}"
    facts = {
        PayloadField.IMAGE_KEY.value: image_key,
        PayloadField.IMAGE_NAME.value: values.get(PayloadField.IMAGE_NAME) or image_key,
        PayloadField.DATASET.value: values.get(PayloadField.DATASET) or "",
    }
    payload = {name: value for name, value in {**values, **facts, **common}.items() if value is not None}
    return Point(point_id, payload, found.embeddings[row])
