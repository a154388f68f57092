"""Points: deterministic ids, and payloads made from source images and instances."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from indexer.domain import Instance, InstanceKind, InstanceMode, SourceImage
from indexer.payload import PAYLOAD_VERSION, PayloadField

_NAMESPACE: Final = UUID("6f9a5a1e-3c7b-5d0e-9d55-0b6c1b2f7a11")


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """Facts that all points of one source have in common.

    Attributes:
        key: Identity of the source.
        project: Name shown to people.
    """

    key: str
    project: str


def make_point_id(source_key: str, image_key: str, object_key: str | None) -> str:
    """The id of an object's point, or of the image's own point where ``object_key`` is None.

    It depends on no model, so that the same object has the same id in every collection.
    """
    owner = "image" if object_key is None else ["object", object_key]
    return str(uuid5(_NAMESPACE, json.dumps([source_key, image_key, owner])))


def _time_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _without_none(payload: Mapping[PayloadField, Any]) -> dict[str, Any]:
    return {field.value: _to_unicode(value) for field, value in payload.items() if value is not None}


def _to_unicode(value: Any) -> Any:
    r"""A text, or the texts of a list, with halves of characters escaped: JSON may hold them, a store may not."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    return [_to_unicode(one) for one in value] if isinstance(value, list) else value


def _image_part(source: SourceIdentity, image: SourceImage) -> dict[PayloadField, Any]:
    return {
        PayloadField.VERSION: PAYLOAD_VERSION,
        PayloadField.SOURCE_KEY: source.key,
        PayloadField.PROJECT: source.project,
        PayloadField.DATASET: image.dataset,
        PayloadField.IMAGE_KEY: image.key,
        PayloadField.IMAGE_NAME: image.name,
        PayloadField.IMAGE_LOCATOR: image.locator,
    }


def make_object_payload(
    source: SourceIdentity, image: SourceImage, instance: Instance, *, size_hw: tuple[int, int], pixels_hash: str
) -> dict[str, Any]:
    """The payload of an object's point, without ``embedded_at`` and without what insights write."""
    return _without_none(
        {
            **_image_part(source, image),
            PayloadField.INSTANCE: InstanceKind.OBJECT.value,
            PayloadField.IMAGE_SIZE_HW: list(size_hw),
            PayloadField.OBJECT_KEY: instance.object_key,
            PayloadField.CLASS_NAME: instance.class_name,
            PayloadField.GEOMETRY: instance.geometry,
            PayloadField.BOX: list(instance.box),
            PayloadField.SHAPE: dict(instance.shape) or None,
            PayloadField.TAGS: list(instance.tags),
            PayloadField.ANNOTATED_BY: instance.annotated_by,
            PayloadField.OBJECT_UPDATED_AT: _time_text(instance.updated_at),
            PayloadField.PIXELS_HASH: pixels_hash,
        }
    )


def make_image_payload(
    source: SourceIdentity, image: SourceImage, *, size_hw: tuple[int, int] | None, pixels_hash: str | None
) -> dict[str, Any]:
    """The payload of an image's own point as far as it is an instance; ``make_record_fields`` adds the rest."""
    return _without_none(
        {
            **_image_part(source, image),
            PayloadField.INSTANCE: InstanceKind.IMAGE.value,
            PayloadField.IMAGE_UPDATED_AT: _time_text(image.updated_at),  # not its objects': another's edit moves it
            PayloadField.IMAGE_SIZE_HW: None if size_hw is None else list(size_hw),
            PayloadField.CLASS_NAME: image.class_name,
            PayloadField.GEOMETRY: "image",
            PayloadField.BOX: None if size_hw is None else [0, 0, size_hw[1], size_hw[0]],
            PayloadField.TAGS: list(image.tags),
            PayloadField.PIXELS_HASH: pixels_hash,
        }
    )


def make_record_fields(
    image: SourceImage, mode: InstanceMode, *, n_instances: int, skipped: Mapping[str, int]
) -> dict[str, Any]:
    """Facts that an image's own point adds, so that an unchanged image is recognised without being read.

    Args:
        image: The source image.
        mode: The instance mode of the run.
        n_instances: Points that the image has under this mode.
        skipped: Objects that became no point, by reason.
    """
    return {
        PayloadField.PIXELS_STAMP.value: image.pixels_stamp,
        PayloadField.ANNOTATION_STAMP.value: image.annotation_stamp,
        PayloadField.INSTANCE_MODE.value: mode.value,
        PayloadField.N_INSTANCES.value: n_instances,
        PayloadField.SKIPPED.value: dict(skipped),
    }
