"""COCO instances JSON: images, categories and annotations, for training tools.

Format: https://cocodataset.org/#format-data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from indexer.domain import Box, CollectionSpec, PointColumns, Progress, ignore_progress
from indexer.exports.base import ExportedMap
from indexer.exports.coco_shapes import Segmentation, measure_area, segment
from indexer.exports.files import write_json
from indexer.payload import INSIGHT_FIELDS, PayloadField

FILE_NAME: Final = "instances.json"
_REPORT_EVERY: Final = 10_000
_ATTRIBUTES: Final = (PayloadField.DATASET, PayloadField.OBJECT_KEY, PayloadField.TAGS, *sorted(INSIGHT_FIELDS))


def write_coco(
    folder: Path,
    points: PointColumns,
    *,
    newest_map: ExportedMap | None = None,
    spec: CollectionSpec | None = None,
    on_progress: Progress = ignore_progress,
) -> Path:
    """Write ``instances.json``; see ``Export``.

    Every point with a class and a box is an annotation, a whole image one as large as itself. What COCO has no word for
    (point id, dataset, tags, insights) is in ``attributes``. Embeddings, map and spec have no place in the format.
    """
    del newest_map, spec
    payloads = [_payload(points, row) for row in range(len(points))]
    image_numbers = _numbered(map(_image_identity, payloads))
    category_numbers = _numbered(payload[PayloadField.CLASS_NAME] for payload in payloads if _is_annotation(payload))
    images: dict[int, dict[str, Any]] = {}
    annotations: list[dict[str, Any]] = []
    for row, payload in enumerate(payloads):
        if row % _REPORT_EVERY == 0:
            on_progress("export", row, len(points))
        image_number = image_numbers[_image_identity(payload)]
        images.setdefault(image_number, _image(payload, image_number))
        if _is_annotation(payload):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_number,
                    "category_id": category_numbers[payload[PayloadField.CLASS_NAME]],
                    **_geometry(payload),
                    "attributes": {"point_id": str(points.ids[row]), **_attributes(payload)},
                }
            )
    categories = [{"id": number, "name": name} for name, number in category_numbers.items()]
    content = {"images": [images[key] for key in sorted(images)], "categories": categories, "annotations": annotations}
    write_json(folder / FILE_NAME, content)
    on_progress("export", len(points), len(points))
    return folder / FILE_NAME


def _payload(points: PointColumns, row: int) -> dict[str, Any]:
    return {name: values[row] for name, values in points.fields.items() if values[row] is not None}


def _image_identity(payload: Mapping[str, Any]) -> tuple[str, str]:
    return payload.get(PayloadField.SOURCE_KEY, ""), payload.get(PayloadField.IMAGE_KEY, "")


def _numbered(names: Iterable[Any]) -> dict[Any, int]:
    """Numbers from 1 in sorted order."""
    return {name: number for number, name in enumerate(sorted(set(names)), start=1)}


def _is_annotation(payload: Mapping[str, Any]) -> bool:
    return PayloadField.CLASS_NAME in payload and PayloadField.BOX in payload


def _image(payload: Mapping[str, Any], number: int) -> dict[str, Any]:
    height, width = payload.get(PayloadField.IMAGE_SIZE_HW) or (None, None)
    name = payload.get(PayloadField.IMAGE_KEY, "")
    return {"id": number, "file_name": name, "height": height, "width": width}


def _geometry(payload: Mapping[str, Any]) -> dict[str, Any]:
    box = Box(*payload[PayloadField.BOX])
    size_hw = payload.get(PayloadField.IMAGE_SIZE_HW) or (box.bottom, box.right)
    segmentation: Segmentation = segment(payload.get(PayloadField.SHAPE) or {}, size_hw=tuple(size_hw))
    return {
        "bbox": [box.left, box.top, box.width, box.height],
        "segmentation": segmentation,
        "area": measure_area(segmentation) if segmentation else box.width * box.height,
        "iscrowd": 0,
    }


def _attributes(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {field.value: payload[field] for field in _ATTRIBUTES if field in payload}
