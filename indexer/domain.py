"""The nouns of Lookalike, as frozen dataclasses.

Glossary, in the order in which data flows:

source image
    One image of a source with the cheap facts that change detection compares.
source object
    One annotation of a source image: class, geometry, half-open box, tags.
instance
    One thing that becomes a point: the whole image or one object.
box
    Half-open pixel box ``left, top, right, bottom``; the origin is the image's top-left corner.
crop
    Pixels of an instance, uint8 RGB (H, W, 3).
embedding
    One float32 vector of an instance; a batch is (N, D).
point
    An instance in the store: id, payload and, unless it only records an image, an embedding.
collection spec
    What must be equal for two embeddings to be comparable.
stamp
    A short text that changes whenever the thing it stands for may have changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from indexer.errors import InvalidOptionsError

Embeddings = npt.NDArray[np.float32]
"""float32 (N, D)."""
Pixels = npt.NDArray[np.uint8]
"""uint8 RGB (H, W, 3)."""
Progress = Callable[[str, int, int | None], None]
"""``on_progress(stage, done, total)``; ``total`` is None while it is unknown."""


def ignore_progress(stage: str, done: int, total: int | None) -> None:
    """The progress callback that does nothing."""


class InstanceMode(StrEnum):
    """Which instances of a source image become points."""

    IMAGES = "images"
    OBJECTS = "objects"
    BOTH = "both"


class InstanceKind(StrEnum):
    """The thing that a point shows; the payload field ``instance``."""

    IMAGE = "image"
    OBJECT = "object"


class Box(NamedTuple):
    """Half-open pixel box: columns ``left <= x < right``, rows ``top <= y < bottom``."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Number of pixel columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Number of pixel rows."""
        return self.bottom - self.top

    @property
    def is_empty(self) -> bool:
        """Whether the box holds no pixel."""
        return self.right <= self.left or self.bottom <= self.top

    def clipped_to(self, size_hw: tuple[int, int]) -> Self:
        """The part of the box that lies in an image of ``size_hw``; may be empty."""
        height, width = size_hw
        return type(self)(
            min(max(self.left, 0), width),
            min(max(self.top, 0), height),
            min(max(self.right, 0), width),
            min(max(self.bottom, 0), height),
        )


class SkipReason(StrEnum):
    """Why an object of a source became no point."""

    TOO_SMALL = "too small"
    OUTSIDE = "outside the image"
    UNKNOWN_GEOMETRY = "unknown geometry"
    UNREADABLE_MASK = "unreadable mask"
    CROWD = "crowd annotation"
    BROKEN = "broken annotation"
    UNKNOWN_CLASS = "unknown class"


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One annotation of a source image, in one form for every format.

    Attributes:
        key: Identity of the object within its image, stable while the object is only edited. Two objects in the same
            place may share one until ``make_instances`` tells them apart.
        class_name: Category of the object.
        geometry: Geometry type in Lookalike's words: ``rectangle``, ``polygon``, ``multipolygon``, ``bitmap``,
            ``alpha_mask``, ``polyline``, ``point``, ``keypoints``, ``oriented_box``, ``cuboid``, or the
            source's own word where it is unknown.
        box: Tight half-open box, not yet clipped to the image; None when ``skip_reason`` is set.
        tags: Tag texts, ``name`` or ``name=value``, sorted.
        updated_at: When the source says it was last edited (aware UTC), if it says.
        annotated_by: Who made it, if the source says.
        shape: Source-neutral geometry for masking and drawing, in continuous image coordinates: ``{"polygons":
            [[[x, y], ...], ...], "holes": [...]}``, ``{"rle": {"size": [h, w], "counts": [...], "origin": [x, y]}}``
            (COCO's uncompressed run lengths), ``{"points": [[x, y], ...]}``, ``{"lines": [[[x, y], ...]]}``, or empty
            for a box.
        skip_reason: Set where the object cannot become a point.
    """

    key: str
    class_name: str
    geometry: str
    box: Box | None
    tags: tuple[str, ...] = ()
    updated_at: datetime | None = None
    annotated_by: str | None = None
    shape: Mapping[str, Any] = field(default_factory=dict)
    skip_reason: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of a source, described without opening the image file.

    Attributes:
        key: Identity of the image within its source, for example its path below the root.
        name: File name shown to people.
        dataset: Full path of the (nested) dataset, ``""`` where the source has none.
        locator: Where the pixels are: an absolute path or a URL. Display and reading only, never identity.
        pixels_stamp: Changes whenever the pixels may have changed (modification time and size).
        annotation_stamp: Changes whenever the annotation may have changed; a hash or time and size.
        size_hw: Height and width that the annotations refer to, where the source states it.
        class_name: Class of the whole image, where the source labels whole images.
        tags: Tags of the whole image, sorted.
        updated_at: When the source says the image was last edited (aware UTC), if it says.
        problem: Why its file cannot be used, if listing tells already; the image is then counted as failed.
    """

    key: str
    name: str
    dataset: str
    locator: str
    pixels_stamp: str
    annotation_stamp: str
    size_hw: tuple[int, int] | None = None
    class_name: str | None = None
    tags: tuple[str, ...] = ()
    updated_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One thing that becomes a point: a whole image or one object of it, with the box it is cropped by.

    Attributes:
        kind: Whole image or object.
        object_key: Key of the object within its image; None for a whole image.
        class_name: Category, or None for an unlabelled image.
        geometry: Geometry type; ``image`` for a whole image.
        box: Half-open box, clipped to the image, without padding.
        tags: Sorted tag texts.
        updated_at: Last edit as the source states it.
        annotated_by: Who made it, if known.
        shape: Geometry for masking and drawing (see ``SourceObject.shape``).
    """

    kind: InstanceKind
    object_key: str | None
    class_name: str | None
    geometry: str
    box: Box
    tags: tuple[str, ...] = ()
    updated_at: datetime | None = None
    annotated_by: str | None = None
    shape: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CropOptions:
    """Options that say how an instance is cut from its image.

    Attributes:
        padding: Pixels added on every side (negative shrinks), or with ``padding_is_fraction`` a fraction of
            the box's longer side.
        padding_is_fraction: Unit of ``padding``.
        min_size_px: Objects whose clipped box is narrower or lower than this are skipped.
        mask_background: Whether pixels outside the object's shape are replaced by the crop's mean colour.
    """

    padding: float = 0.0
    padding_is_fraction: bool = False
    min_size_px: int = 1
    mask_background: bool = False

    @property
    def text(self) -> str:
        """The options as one short text, equal only for equal options, e.g. ``padding=8px``."""
        unit = f"{self.padding:g}" if self.padding_is_fraction else f"{self.padding:g}px"
        masked = " masked" if self.mask_background else ""
        return f"padding={unit} min={self.min_size_px}px{masked}"

    @classmethod
    def read(cls, padding: str, *, min_size_px: int = 1, mask_background: bool = False) -> Self:
        """The options as a person says them.

        Args:
            padding: Pixels (``8``, ``-4``, ``8px``) or a share of the longer side (``0.1``, ``10%``).
            min_size_px: See ``CropOptions``.
            mask_background: See ``CropOptions``.

        Raises:
            InvalidOptionsError: The padding is neither, or more than any image is large.
        """
        text = padding.strip()
        try:
            value = float(text[:-1]) / 100 if text.endswith("%") else float(text.removesuffix("px"))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InvalidOptionsError(f"padding '{padding}' is neither pixels (8, -4) nor a fraction (0.1, 10%)")
        is_share = text.endswith("%") or not value.is_integer()
        if abs(value) > (_MOST_PADDING_SHARE if is_share else _MOST_PADDING_PX):
            most = f"{_MOST_PADDING_PX:,} pixels or {_MOST_PADDING_SHARE:.0%}"
            raise InvalidOptionsError(f"padding '{padding}' is too large; use at most {most}")
        return cls(value, is_share, min_size_px, mask_background)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The options that ``text`` describes."""
        padding, least, *masked = text.split(" ")
        value = padding.removeprefix("padding=")
        return cls(
            padding=float(value.removesuffix("px")),
            padding_is_fraction=not value.endswith("px"),
            min_size_px=int(least.removeprefix("min=").removesuffix("px")),
            mask_background=bool(masked),
        )


_MOST_PADDING_PX: Final = 10_000
_MOST_PADDING_SHARE: Final = 10.0
DEFAULT_MAX_PIXELS: Final = 200_000_000
DEFAULT_MAX_BYTES: Final = 2**30


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """The largest image file that is read, checked before anything is decoded; one rule for sources and uploads.

    Attributes:
        max_pixels: Width times height, as the file's header tells them.
        max_bytes: Length of the file.
    """

    max_pixels: int = DEFAULT_MAX_PIXELS
    max_bytes: int = DEFAULT_MAX_BYTES


DEFAULT_LIMITS: Final = ImageLimits()


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """Facts that must be equal for embeddings to be comparable; stored with the collection and compared on open.

    Attributes:
        embedder: Public name of the embedder and its model, for example ``timm:tf_efficientnet_lite0``.
        fingerprint: Hash over weights and preprocessing.
        dimension: Length of an embedding.
        crops: ``CropOptions.text``.
        distance: Always ``cosine`` today.
    """

    embedder: str
    fingerprint: str
    dimension: int
    crops: str
    distance: str = "cosine"


@dataclass(frozen=True, slots=True)
class Point:
    """One point as it is written to or read from a collection.

    Attributes:
        id: uuid5 text, see ``indexer.points``.
        payload: Values by ``PayloadField``; JSON types only.
        embedding: float32 (D,), or None for a point without a vector (a known image that is no instance).
    """

    id: str
    payload: dict[str, Any]
    embedding: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Neighbor:
    """One result of a neighbor query.

    Attributes:
        id: The point's id.
        score: Cosine similarity, higher is nearer.
        payload: The point's payload.
    """

    id: str
    score: float
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PointFilter:
    """Conditions that all must hold.

    Attributes:
        equals_any: Payload field -> accepted values; an empty text accepts points without the field, too.
        none_of: Payload field -> refused values; an empty text refuses points without the field, too.
        ranges: Payload field -> (least, greatest), both inclusive, None for open; numbers or aware datetimes.
        ids: Only these points.
        without_ids: All but these points.
        has_embedding: Only points with (True) or without (False) a vector; None for both.
    """

    equals_any: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    none_of: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    ids: tuple[str, ...] | None = None
    without_ids: tuple[str, ...] = ()
    has_embedding: bool | None = None


@dataclass(frozen=True, slots=True)
class PointColumns:
    """Points as columns, the form in which insights take them.

    Attributes:
        ids: Unicode array (N,), in ascending order.
        embeddings: float32 (N, D), L2-normalised by the store (cosine distance); (0, D) if not asked for.
        fields: Payload field -> object array (N,); None where a point has no such field.
    """

    ids: npt.NDArray[np.str_]
    embeddings: npt.NDArray[np.float32]
    fields: Mapping[str, npt.NDArray[np.object_]]

    def __len__(self) -> int:
        return len(self.ids)
