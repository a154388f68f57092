"""From a source image and its objects to instances: the things that become points. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from indexer.domain import (
    Box,
    CropOptions,
    Instance,
    InstanceKind,
    InstanceMode,
    SkipReason,
    SourceImage,
    SourceObject,
)
from indexer.sources.geometry import round_places

IMAGE_GEOMETRY = "image"
"""The geometry of an instance that is a whole image."""


def make_instances(
    image: SourceImage,
    objects: Iterable[SourceObject],
    *,
    mode: InstanceMode,
    size_hw: tuple[int, int],
    options: CropOptions,
) -> tuple[list[Instance], Counter[SkipReason]]:
    """Decide what of an image becomes a point.

    Skipped objects are numbered too, so that an option that skips one does not rename another.

    Args:
        image: The source image.
        objects: Its objects, in the source's order.
        mode: Whether the image, its objects or both become points.
        size_hw: Height and width of the upright image that the boxes refer to.
        options: ``min_size_px`` is what matters here.

    Returns:
        The instances, the image first, with boxes clipped to the image; and how many objects were skipped why.
    """
    instances: list[Instance] = []
    skipped: Counter[SkipReason] = Counter()
    if mode is not InstanceMode.OBJECTS:
        instances.append(_image_instance(image, size_hw))
    if mode is InstanceMode.IMAGES:
        return instances, skipped
    for key, obj in number_keys(objects):
        fitted = _fit(obj, size_hw, options.min_size_px)
        if isinstance(fitted, SkipReason):
            skipped[fitted] += 1
        else:
            instances.append(_object_instance(obj, key, fitted))
    return instances, skipped


def number_keys(objects: Iterable[SourceObject]) -> Iterator[tuple[str, SourceObject]]:
    """Yield objects with keys that tell them apart.

    Where a source gives several the same key (two boxes in the same place, in a format without ids), their order does:
    the second gets ``#2``, the third ``#3``.
    """
    seen: Counter[str] = Counter()
    given: set[str] = set()
    for obj in objects:
        key = obj.key
        while key in given:  # a server's id may look like a numbered key
            seen[obj.key] += 1
            key = f"{obj.key}#{seen[obj.key] + 1}"
        given.add(key)
        yield key, obj


def _fit(obj: SourceObject, size_hw: tuple[int, int], min_size_px: int) -> Box | SkipReason:
    """The object's box within the image, or why it has none."""
    if obj.skip_reason is not None:
        return obj.skip_reason
    if obj.box is None:
        return SkipReason.UNKNOWN_GEOMETRY
    if obj.box.is_empty:
        return SkipReason.TOO_SMALL
    box = obj.box.clipped_to(size_hw)
    if box.is_empty:
        return SkipReason.OUTSIDE
    if min(box.width, box.height) < min_size_px:
        return SkipReason.TOO_SMALL
    return box


def _image_instance(image: SourceImage, size_hw: tuple[int, int]) -> Instance:
    return Instance(
        kind=InstanceKind.IMAGE,
        object_key=None,
        class_name=image.class_name,
        geometry=IMAGE_GEOMETRY,
        box=Box(0, 0, size_hw[1], size_hw[0]),
        tags=image.tags,
        updated_at=image.updated_at,
    )


def _object_instance(obj: SourceObject, key: str, box: Box) -> Instance:
    return Instance(
        kind=InstanceKind.OBJECT,
        object_key=key,
        class_name=obj.class_name,
        geometry=obj.geometry,
        box=box,
        tags=obj.tags,
        updated_at=obj.updated_at,
        annotated_by=obj.annotated_by,
        shape=round_places(obj.shape),
    )
