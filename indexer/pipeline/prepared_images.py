"""One changed source image -> what has to be written for it, and the crops that have to be embedded first.

Runs in several threads at once: it reads and decodes files, and touches neither the store nor the network.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from indexer.domain import (
    CropOptions,
    Instance,
    InstanceKind,
    InstanceMode,
    Pixels,
    SkipReason,
    SourceImage,
    SourceObject,
)
from indexer.embedders.base import Embedder
from indexer.errors import AnnotationFormatError, ImageReadError, IndexerError
from indexer.images.crops import ImageScales, cut_as_embedded, read_size_hw
from indexer.payload import PayloadField
from indexer.pipeline.changes import ChangePlan, Verdict, is_older, plan_changes
from indexer.points import (
    SourceIdentity,
    make_image_payload,
    make_object_payload,
    make_point_id,
    make_record_fields,
)
from indexer.sources.base import ImageSource
from indexer.sources.files import MISSING, UNREACHABLE
from indexer.sources.instances import make_instances

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChangedImage:
    """A source image that differs from its record, with what the collection holds of it.

    Attributes:
        image: The image as the source lists it.
        record: Payload of the image's own point, None if the image is new.
        stored: Payloads of its objects' points by id.
    """

    image: SourceImage
    record: Mapping[str, Any] | None
    stored: Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class PreparedImage:
    """Everything known about one changed image before its crops are embedded.

    Attributes:
        image: The image.
        record_id: Id of the image's own point.
        record: Stored payload of that point, None if the image is new.
        record_payload: Its full new payload.
        plan: What happens to each point.
        payloads: New payload by wanted point.
        inputs: Network input by point to embed, uint8 RGB (*input_size_hw, 3).
        skipped: Objects that became no point, by reason.
        failure: Why the image could not be read; nothing is written for it then.
        is_stale: Whether the collection holds a newer state of the image; nothing is written for it then.
    """

    image: SourceImage
    record_id: str
    record: Mapping[str, Any] | None = None
    record_payload: dict[str, Any] = field(default_factory=dict)
    plan: ChangePlan = field(default_factory=ChangePlan)
    payloads: dict[str, dict[str, Any]] = field(default_factory=dict)
    inputs: dict[str, Pixels] = field(default_factory=dict)
    skipped: Counter[SkipReason] = field(default_factory=Counter)
    failure: str | None = None
    is_stale: bool = False

    @property
    def has_writes(self) -> bool:
        """Whether anything of the image goes to the collection."""
        return self.failure is None and not self.is_stale


class ImagePixels:
    """The pixels of one image, read at most once and only when needed.

    Attributes:
        known_hash: ``hash`` where it is known without reading.
        known_size_hw: ``size_hw`` where it is known without reading.

    Args:
        source: Where to read.
        image: Which image.
        record: Its stored record; while the pixels' stamp is unchanged, hash and size are taken from there.
        trust_record: Whether that is allowed.
    """

    def __init__(
        self, source: ImageSource, image: SourceImage, record: Mapping[str, Any] | None, *, trust_record: bool
    ) -> None:
        self._source, self._image = source, image
        self._data: bytes | None = None
        known = record or {}
        is_same_file = trust_record and known.get(PayloadField.PIXELS_STAMP) == image.pixels_stamp
        self.known_hash: str | None = known.get(PayloadField.PIXELS_HASH) if is_same_file else None
        size = known.get(PayloadField.IMAGE_SIZE_HW) if is_same_file else None
        self.known_size_hw = image.size_hw or (None if size is None else (int(size[0]), int(size[1])))

    def data(self) -> bytes:
        """The file's bytes."""
        if self._data is None:
            self._data = self._source.read_bytes(self._image)
        return self._data

    @property
    def hash(self) -> str:
        """blake2b-128 of the file's bytes; equal for exact copies."""
        if self.known_hash is None:
            self.known_hash = blake2b(self.data(), digest_size=16).hexdigest()
        return self.known_hash

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width that boxes refer to, from the file's header if nobody knows them."""
        if self.known_size_hw is None:
            self.known_size_hw = read_size_hw(self.data(), self._source.limits)
        return self.known_size_hw


class ImagePreparer:
    """Prepares changed images.

    Args:
        source: Where images and annotations are read.
        identity: Key and name of the source.
        embedder: Says what its network's input looks like.
        mode: Which instances become points.
        options: How crops are cut.
        force: Whether everything is embedded anew.
    """

    def __init__(
        self,
        source: ImageSource,
        identity: SourceIdentity,
        embedder: Embedder,
        *,
        mode: InstanceMode,
        options: CropOptions,
        force: bool,
    ) -> None:
        self._source, self._identity, self._embedder = source, identity, embedder
        self._mode, self._options, self._force = mode, options, force

    def __call__(self, changed: ChangedImage) -> PreparedImage:
        """Prepare one image; a broken file is an outcome, not an exception."""
        image, record = changed.image, changed.record
        prepared = PreparedImage(image, make_point_id(self._identity.key, image.key, None), record)
        if record is not None and is_older(image.updated_at, record.get(PayloadField.IMAGE_UPDATED_AT)):
            prepared.is_stale = True
            return prepared
        try:
            prepared.failure = _find_problem(changed)
            if prepared.failure is None:
                self._fill(prepared, changed)
        except (ImageReadError, AnnotationFormatError) as error:
            prepared.failure = str(error)
        except OSError as error:
            prepared.failure = f"{image.locator}: {error.strerror or error}"
        except MemoryError:
            prepared.failure = f"{image.locator} needs more memory than there is"
        except IndexerError:
            raise
        except Exception as error:  # noqa: BLE001 - one file that nobody thought of costs that file, not the run
            _log.debug("%s could not be prepared", image.key, exc_info=error)
            prepared.failure = f"{image.locator} cannot be used ({type(error).__name__}: {error}); export it again"
        return prepared

    def _fill(self, prepared: PreparedImage, changed: ChangedImage) -> None:
        image = prepared.image = self._source.describe(changed.image)
        objects = [] if self._mode is InstanceMode.IMAGES else self._source.read_objects(image)
        pixels = ImagePixels(self._source, image, changed.record, trust_record=not self._force)
        instances: dict[str, Instance] = {}
        if objects or self._mode is not InstanceMode.OBJECTS:
            instances, prepared.skipped = self._make_instances(image, objects, pixels)
        wants_image = prepared.record_id in instances
        for point_id, instance in instances.items():
            prepared.payloads[point_id] = self._make_payload(image, instance, pixels)
        stored = dict(changed.stored)
        if wants_image and changed.record is not None:
            stored[prepared.record_id] = changed.record
        crop_fields = (PayloadField.SHAPE,) if self._options.mask_background else ()
        prepared.plan = plan_changes(prepared.payloads, stored, crop_fields=crop_fields, force=self._force)
        self._cut(prepared, instances, pixels)
        self._describe_image(prepared, pixels)

    def _make_instances(
        self, image: SourceImage, objects: Sequence[SourceObject], pixels: ImagePixels
    ) -> tuple[dict[str, Instance], Counter[SkipReason]]:
        found, skipped = make_instances(image, objects, mode=self._mode, size_hw=pixels.size_hw, options=self._options)
        by_id = {make_point_id(self._identity.key, image.key, instance.object_key): instance for instance in found}
        return by_id, skipped

    def _make_payload(self, image: SourceImage, instance: Instance, pixels: ImagePixels) -> dict[str, Any]:
        if instance.kind is InstanceKind.IMAGE:
            return make_image_payload(self._identity, image, size_hw=pixels.size_hw, pixels_hash=pixels.hash)
        return make_object_payload(self._identity, image, instance, size_hw=pixels.size_hw, pixels_hash=pixels.hash)

    def _cut(self, prepared: PreparedImage, instances: Mapping[str, Instance], pixels: ImagePixels) -> None:
        wanted = prepared.plan.ids(Verdict.EMBED)
        if not wanted:
            return
        scales = ImageScales(pixels.data(), size_hw=pixels.size_hw, limits=self._source.limits)
        input_size_hw = self._embedder.spec.input_size_hw
        for point_id in wanted:
            instance = instances[point_id]
            box = instance.box if instance.kind is InstanceKind.OBJECT else None
            crop = cut_as_embedded(scales, box, self._options, input_size_hw=input_size_hw, shape=instance.shape)
            prepared.inputs[point_id] = self._embedder.prepare(crop)

    def _describe_image(self, prepared: PreparedImage, pixels: ImagePixels) -> None:
        """Make the payload of the image's own point; an image without instances is not read for it."""
        described = make_image_payload(
            self._identity, prepared.image, size_hw=pixels.known_size_hw, pixels_hash=pixels.known_hash
        )
        skipped = {reason.value: count for reason, count in prepared.skipped.items()}
        counted = make_record_fields(prepared.image, self._mode, n_instances=len(prepared.payloads), skipped=skipped)
        prepared.record_payload = described | counted
        if prepared.record_id in prepared.payloads:
            prepared.payloads[prepared.record_id] = prepared.record_payload


def _find_problem(changed: ChangedImage) -> str | None:
    """Why an image cannot be used, as far as its listing tells."""
    image = changed.image
    if image.problem is not None:
        return f"{image.locator}: {image.problem}"
    if image.pixels_stamp == MISSING:
        return _describe_absence(image.locator)
    if image.annotation_stamp == UNREACHABLE and changed.stored:
        gone = "the folder of its annotation is gone or empty, or its annotation file tells of no objects at all"
        return f"{image.locator}: {gone}; its known objects are kept"
    return None


def _describe_absence(locator: str) -> str:
    """Why an image is not there: its link leads nowhere, or a list names what was removed."""
    path = Path(locator)
    if path.is_symlink():
        return f"image {locator} is a link to {path.readlink()}, which is not there; restore that, or remove the link"
    return f"image {locator} is not there; restore it, or take it out of the list that names it"
