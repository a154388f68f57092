"""COCO instances JSON: images, categories and annotations, for training tools.

Format: https://cocodataset.org/#format-data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

from indexer.domain import Box, InstanceKind, PointColumns
from indexer.exports.base import InsightColumn, WantedExport, Written
from indexer.exports.coco_names import ImageNames
from indexer.exports.coco_shapes import measure_area, segment
from indexer.exports.files import read_head, replaced_file, to_json
from indexer.payload import PayloadField
from indexer.reviews.review import ReviewVerdict

FILE_NAME: Final = "instances.json"
_REPORT_EVERY: Final = 10_000
_MAKER: Final = "Lookalike"
_ATTRIBUTES: Final = (
    PayloadField.DATASET,
    PayloadField.OBJECT_KEY,
    PayloadField.GEOMETRY,
    PayloadField.TAGS,
    *sorted([*InsightColumn, PayloadField.REVIEW]),
)
_Payload = Mapping[str, Any]


def write_coco(wanted: WantedExport) -> Written:
    """Write an annotation in COCO's form for each point that has a class and a box.

    The class is the one that a person accepted, else that of the source. Where they differ, the latter is the attribute
    ``given_class``.

    The file is ``instances.json``. A whole image is an annotation as large as itself. An image is named by its path
    below ``folder``, or by its absolute path where it lies elsewhere, so that it opens from any root. In a file for
    another machine, it is named by its key in its source. What COCO has no word for (point id, dataset, tags,
    insights, review) is in ``attributes``. Embeddings, map and spec have no place in the format.
    """
    points = wanted.points
    payloads = list(_payloads(points))
    folder = None if wanted.is_portable else wanted.folder
    images = _number_images(folder, chain(payloads, _payloads(wanted.empty_images)))
    category_numbers = _numbered(_class_of(payload) for payload in payloads if _is_annotation(payload))
    annotations: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    for row, payload in enumerate(payloads):
        if row % _REPORT_EVERY == 0:
            wanted.on_progress("export", row, len(points))
        if not _is_annotation(payload):
            left_out.update(_why_left_out(payload))
            continue
        annotations.append(
            {
                "id": len(annotations) + 1,
                "image_id": images.number_of(payload),
                "category_id": category_numbers[_class_of(payload)],
                **_geometry(payload),
                "iscrowd": 0,
                "attributes": {"point_id": str(points.ids[row]), **_attributes(payload)},
            }
        )
    content = {
        "info": _info(),
        "licenses": [],
        "images": images.listed(),
        "categories": [{"id": number, "name": name, "supercategory": ""} for name, number in category_numbers.items()],
        "annotations": annotations,
    }
    with replaced_file(wanted.folder / FILE_NAME, is_earlier=_is_earlier) as partial:
        partial.write_bytes(to_json(content))
    wanted.on_progress("export", len(points), len(points))
    return Written(wanted.folder / FILE_NAME, dict(left_out))


def _info() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "contributor": _MAKER,
        "description": f"export of {_MAKER}",
        "version": "1.0",
        "year": now.year,
        "date_created": now.isoformat(timespec="seconds"),
    }


def _is_earlier(path: Path) -> bool:
    return read_head(path).startswith(to_json({"info": {"contributor": _MAKER}}).rstrip(b"}"))


def _payloads(points: PointColumns | None) -> Iterator[_Payload]:
    fields = {} if points is None else points.fields
    for row in range(0 if points is None else len(points)):
        yield {name: values[row] for name, values in fields.items() if values[row] is not None}


def _number_images(folder: Path | None, payloads: Iterable[_Payload]) -> ImageNames:
    images = ImageNames(folder)
    for payload in payloads:
        images.add(payload)
    images.number()
    return images


def _numbered(names: Iterable[Any]) -> dict[Any, int]:
    """Numbers from 1 in sorted order."""
    return {name: number for number, name in enumerate(sorted(set(names)), start=1)}


def _class_of(payload: _Payload) -> str | None:
    review = payload.get(PayloadField.REVIEW) or {}
    is_accepted = review.get("verdict") == ReviewVerdict.ACCEPT
    return review["class_name"] if is_accepted else payload.get(PayloadField.CLASS_NAME)


def _is_annotation(payload: _Payload) -> bool:
    return _class_of(payload) is not None and PayloadField.BOX in payload


def _why_left_out(payload: _Payload) -> list[str]:
    """Why a point is no annotation; nothing for an image without a class, which stands among the images."""
    if payload.get(PayloadField.INSTANCE) == InstanceKind.IMAGE and _class_of(payload) is None:
        return []
    return ["no class" if _class_of(payload) is None else "no box"]


def _geometry(payload: _Payload) -> dict[str, Any]:
    box = Box(*payload[PayloadField.BOX])
    size_hw = payload.get(PayloadField.IMAGE_SIZE_HW) or (box.bottom, box.right)
    segmentation = segment(payload.get(PayloadField.SHAPE) or {}, box=box, size_hw=tuple(size_hw))
    return {
        "bbox": [box.left, box.top, box.width, box.height],
        "segmentation": segmentation,
        "area": measure_area(segmentation),
    }


def _attributes(payload: _Payload) -> dict[str, Any]:
    attributes = {field.value: payload[field] for field in _ATTRIBUTES if field in payload}
    given = payload.get(PayloadField.CLASS_NAME)
    return attributes if given == _class_of(payload) else attributes | {"given_class": given}
