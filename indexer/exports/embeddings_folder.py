"""The folder in which Supervisely's app "Explore data with embeddings" keeps its results.

``embeddings.pt`` holds the embeddings, ``cfg.json`` says how they were made and ``projections_{method}_{metric}.pt`` is
the map. ``info.json`` holds lists and nothing else, each as long as the rows, since the app zips them; ids in it are
numbers. Tensors are saved without any pickled code, so that ``torch.load(weights_only=True)`` reads them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import CollectionSpec, InstanceKind, PointColumns
from indexer.exports.base import WantedExport, Written
from indexer.exports.files import replaced_files, to_json
from indexer.maps.projectors import spell_method
from indexer.payload import PayloadField

_MAKER: Final = "lookalike"
_MAX_DIGITS: Final = 15  # what JavaScript's numbers hold


def write_embeddings_folder(wanted: WantedExport) -> Written:
    """Write the lists and tensors of Supervisely's embeddings app.

    Points outside the map are (NaN, NaN) in the projections file. Besides the app's own lists, ``info.json`` carries
    our point ids, keys and image names. Boxes are the app's: top, left, bottom, right, inclusive for objects, and 0, 0,
    height, width for whole images.
    """
    points = wanted.points
    wanted.on_progress("export", 0, len(points))
    tensors = {"embeddings.pt": points.embeddings}
    if wanted.newest_map is not None:
        method = spell_method(wanted.newest_map.method)
        tensors[f"projections_{method}_{wanted.newest_map.metric}.pt"] = wanted.newest_map.coordinates
    names = "cfg.json", *tensors, "info.json"
    with replaced_files(wanted.folder, *names, is_earlier=_is_earlier, obsolete="projections_*.pt") as partials:
        partials["cfg.json"].write_bytes(to_json(_describe(points, wanted.spec)))
        for name, values in tensors.items():
            _write_tensor(partials[name], values)
        partials["info.json"].write_bytes(to_json(_info(points)))
    wanted.on_progress("export", len(points), len(points))
    return Written(wanted.folder)


def _is_earlier(path: Path) -> bool:
    """Whether the folder of a file says that an export made it; what the app computed there is not overwritten."""
    try:
        content = json.loads((path.parent / "cfg.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("made_by") == _MAKER


def _write_tensor(path: Path, values: npt.NDArray[np.float32]) -> None:
    import torch

    with _Remembering(path, "w") as file:
        try:
            # Given a path, torch would write its name into the file.
            torch.save(torch.from_numpy(np.ascontiguousarray(values, np.float32)), file)
        except RuntimeError:
            if file.failure is not None:  # torch says only that it could not write
                raise file.failure from None
            raise


class _Remembering(io.FileIO):
    """A file that is written at once, and remembers why it could not be.

    Attributes:
        failure: The first error, or None.
    """

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write all of ``data``; returns its length.

        Raises:
            OSError: The disk does not take it.
        """
        left = memoryview(data).cast("B")
        n_bytes = len(left)
        try:
            while left:
                left = left[super().write(left) :]
        except OSError as error:
            self.failure = self.failure or error
            raise
        return n_bytes


def _info(points: PointColumns) -> dict[str, list[Any]]:
    sources = _column(points, PayloadField.SOURCE_KEY)
    datasets = _column(points, PayloadField.DATASET)
    image_keys = _column(points, PayloadField.IMAGE_KEY)
    object_keys = _column(points, PayloadField.OBJECT_KEY)
    boxes = _column(points, PayloadField.BOX)
    is_image = _are_images(points)
    images = list(zip(sources, image_keys, strict=True))
    return {
        "dataset_id": _to_numbers(datasets, list(zip(sources, datasets, strict=True))),
        "image_id": _to_numbers(image_keys, images),
        "object_id": _to_numbers(object_keys, list(zip(images, object_keys, strict=True))),
        "object_cls": _column(points, PayloadField.CLASS_NAME),
        "crop_yxyx": [_app_box(box, is_whole) for box, is_whole in zip(boxes, is_image, strict=True)],
        "updated_at": _column(points, PayloadField.IMAGE_UPDATED_AT),
        "point_id": points.ids.tolist(),
        "image_name": _column(points, PayloadField.IMAGE_NAME),
        "dataset": datasets,
        "image_key": image_keys,
        "object_key": object_keys,
    }


def _column(points: PointColumns, field: PayloadField) -> list[Any]:
    values = points.fields.get(field)
    return [None] * len(points) if values is None else values.tolist()


def _to_numbers(keys: Sequence[str | None], identities: Sequence[Hashable]) -> list[int | None]:
    """A number for each thing that has a key: the platform's own where the key is one, else one that is free.

    Args:
        keys: Key of each row; None where the row has no such thing.
        identities: What tells the things of each row apart; keys alone may be equal in two sources.
    """
    numbers: dict[Hashable, int] = {}
    taken: set[int] = set()
    for key, identity in zip(keys, identities, strict=True):
        if key is not None and identity not in numbers and _is_number(key) and int(key) not in taken:
            numbers[identity] = int(key)
            taken.add(int(key))
    free = max(taken, default=0) + 1
    for key, identity in zip(keys, identities, strict=True):
        if key is not None and identity not in numbers:
            numbers[identity] = free
            free += 1
    return [None if key is None else numbers[identity] for key, identity in zip(keys, identities, strict=True)]


def _is_number(key: str) -> bool:
    """Whether a key is a number of the platform as it writes it, without zeros before it."""
    return key.isascii() and key.isdigit() and len(key) <= _MAX_DIGITS and str(int(key)) == key


def _app_box(box: Sequence[int] | None, is_whole: bool) -> list[int] | None:  # noqa: FBT001 - private, one caller
    if box is None:
        return None
    left, top, right, bottom = box
    return [top, left, bottom, right] if is_whole else [top, left, bottom - 1, right - 1]


def _are_images(points: PointColumns) -> list[bool]:
    return [kind == InstanceKind.IMAGE for kind in _column(points, PayloadField.INSTANCE)]


def _instance_mode(is_image: Sequence[bool]) -> str:
    if all(is_image):
        return "images"
    return "both" if any(is_image) else "objects"


def _describe(points: PointColumns, spec: CollectionSpec | None) -> dict[str, Any]:
    described: dict[str, Any] = {"made_by": _MAKER, "dimension": points.embeddings.shape[1]}
    described["instance_mode"] = _instance_mode(_are_images(points))
    if spec is not None:
        described |= {"model_name": spec.embedder, "fingerprint": spec.fingerprint, "crops": spec.crops}
        described |= {"distance": spec.distance}
    return described
