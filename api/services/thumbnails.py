"""Pictures of points: crops and annotated images, cut from the image files on demand and kept in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from api.services.byte_cache import ByteCache
from api.services.drawing import Mark, draw_marks, encode_jpeg, enlarge_to_fit, shrink_to_fit
from api.settings import ApiSettings
from indexer.domain import Box, CropOptions, ImageLimits, InstanceKind, Pixels, Point, PointFilter
from indexer.errors import ImageReadError
from indexer.images.crops import choose_reduction, clip_box, cut_scaled, decode_image, pad_box
from indexer.payload import PayloadField
from indexer.sources.files import read_image_file
from indexer.sources.supervisely_images import SuperviselyImages, is_locator
from indexer.stores.base import Collection
from lookalike.class_colors import OTHER_COLOR
from lookalike.wire.names import Annotation

_VERSION_FIELDS: Final = (
    PayloadField.IMAGE_LOCATOR,
    PayloadField.PIXELS_HASH,
    PayloadField.BOX,
    PayloadField.EMBEDDED_AT,  # changes with the shape, where that masks the background
)
_MARK_FIELDS: Final = (PayloadField.INSTANCE, PayloadField.BOX, PayloadField.SHAPE, PayloadField.CLASS_NAME)
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class Thumbnails:
    """Makes pictures of points.

    Args:
        settings: How much is kept in memory.
        limits: The largest image that is decoded.
    """

    def __init__(self, settings: ApiSettings, limits: ImageLimits) -> None:
        self._limits, self._on_server = limits, SuperviselyImages()
        self._images: ByteCache[Pixels] = ByteCache(settings.image_cache_bytes, lambda pixels: pixels.nbytes)
        self._crops: ByteCache[bytes] = ByteCache(settings.thumbnail_cache_bytes, len)

    def crop(self, collection: Collection, point: Point, size_px: int) -> bytes:
        """Return what a point was embedded from, as JPEG, its longer side at most ``size_px``.

        Raises:
            ImageReadError: The image file is gone, damaged, or of another size than when it was indexed.
        """
        key = (crop_version(collection, point), size_px)
        return self._crops.get_or_make(key, lambda: self._make_crop(collection, point.payload, size_px))

    def image(
        self,
        collection: Collection,
        point: Point,
        *,
        annotation: Annotation,
        size_px: int,
        colors: Mapping[str, str],
        region: Box | None = None,
    ) -> bytes:
        """The image of a point as JPEG, its longer side at most ``size_px``, with annotations drawn.

        Args:
            collection: Where the other objects of the image are.
            point: Whose image it is.
            annotation: Draw the point's own object, all objects of the image, or none.
            size_px: Longest side.
            colors: Class name -> ``#rrggbb``.
            region: The part of the image to show, enlarged to ``size_px``; None for all of it.

        Raises:
            ImageReadError: The image file is gone, damaged, or of another size than when it was indexed.
            InvalidOptionsError: The region lies beside the image.
        """
        marks = _marks(collection, point, annotation, colors)
        if region is None:
            pixels, _, size_hw = self._cut(point.payload, size_px, _whole)
            return encode_jpeg(draw_marks(shrink_to_fit(pixels, size_px), marks, image_size_hw=size_hw))
        find_part = partial(clip_box, region, name="region")
        pixels, shown, size_hw = self._cut(point.payload, size_px, find_part)
        part = enlarge_to_fit(pixels, size_px)
        return encode_jpeg(draw_marks(part, marks, image_size_hw=size_hw, region=shown))

    def read_image_of(self, point: Point) -> tuple[bytes, str]:
        """The file of a point's image, and its name.

        Raises:
            ImageReadError: The image file is gone or too large, or not within reach.
        """
        return self._read_file(point.payload[PayloadField.IMAGE_LOCATOR]), str(point.payload[PayloadField.IMAGE_NAME])

    def _make_crop(self, collection: Collection, payload: Mapping[str, Any], size_px: int) -> bytes:
        options = CropOptions.from_text(collection.spec.crops)
        shape = payload.get(PayloadField.SHAPE) if options.mask_background else None

        def find_part(size_hw: tuple[int, int]) -> Box:
            if payload.get(PayloadField.BOX) is None:
                return _whole(size_hw)
            box = Box(*payload[PayloadField.BOX])
            if box.clipped_to(size_hw).is_empty:  # a box that was imported need not be one of the image
                raise ImageReadError(f"box {box[:]} holds no pixel of image {payload[PayloadField.IMAGE_LOCATOR]}")
            return pad_box(box, options, size_hw=size_hw)

        return encode_jpeg(shrink_to_fit(self._cut(payload, size_px, find_part, shape=shape)[0], size_px))

    def _cut(
        self,
        payload: Mapping[str, Any],
        size_px: int,
        find_part: Callable[[tuple[int, int]], Box],
        *,
        shape: Mapping[str, Any] | None = None,
    ) -> tuple[Pixels, Box, tuple[int, int]]:
        """Cut a part of an image, at the scale at which the part still fills ``size_px``.

        Args:
            payload: Of a point of the image.
            size_px: Longest side that is shown.
            find_part: Gives the part, a box inside the image, for the image's height and width.
            shape: ``SourceObject.shape`` if everything outside it is painted over.

        Returns:
            uint8 RGB (H, W, 3), the part in the full-size image, and that image's height and width.
        """
        stored_hw = payload.get(PayloadField.IMAGE_SIZE_HW)
        if stored_hw is None:  # an image that no run could read has no known size
            pixels, reduce = self._decode(payload, None, 1), 1
            size_hw = (pixels.shape[0], pixels.shape[1])
            part = find_part(size_hw)
        else:
            size_hw = (int(stored_hw[0]), int(stored_hw[1]))
            part = find_part(size_hw)
            reduce = choose_reduction(part, (size_px, size_px))
            pixels = self._decode(payload, size_hw, reduce)
        return cut_scaled(pixels, part, reduce=reduce, shape=shape), part, size_hw

    def _decode(self, payload: Mapping[str, Any], size_hw: tuple[int, int] | None, reduce: int) -> Pixels:
        """The pixels of an image at 1/``reduce`` of its size, uint8 RGB (H, W, 3)."""
        locator = payload[PayloadField.IMAGE_LOCATOR]
        key = (locator, payload.get(PayloadField.PIXELS_HASH), size_hw, reduce)
        return self._images.get_or_make(key, lambda: self._read_image(locator, size_hw, reduce))

    def _read_image(self, locator: str, size_hw: tuple[int, int] | None, reduce: int) -> Pixels:
        data = self._read_file(locator)
        try:
            return decode_image(data, size_hw=size_hw, reduce=reduce, limits=self._limits)
        except ImageReadError as error:
            raise ImageReadError(f"image {locator} cannot be shown: {error}") from error

    def _read_file(self, locator: str) -> bytes:
        """The file of an image, from this machine or from the Supervisely server."""
        if is_locator(locator):
            return self._on_server.read(locator, self._limits)
        if _ADDRESS.match(locator):
            raise ImageReadError(f"image {locator} is not on this machine; only local files are shown")
        try:
            return read_image_file(locator, max_bytes=self._limits.max_bytes)
        except ImageReadError as error:
            raise ImageReadError(f"{error}; restore it or index again") from error


def crop_version(collection: Collection, point: Point) -> str:
    """Describe what a crop depends on besides its size, as text; equal only for equal pixels."""
    return repr((collection.spec.crops, *(point.payload.get(field) for field in _VERSION_FIELDS)))


def _whole(size_hw: tuple[int, int]) -> Box:
    return Box(0, 0, size_hw[1], size_hw[0])


def _marks(collection: Collection, point: Point, annotation: Annotation, colors: Mapping[str, str]) -> list[Mark]:
    """Choose what to draw on a point's image; a point that is the whole image has no object of its own."""
    if annotation == "none":
        return []
    points = [point]
    if annotation == "all":
        where = PointFilter(
            equals_any={
                PayloadField.SOURCE_KEY: (point.payload[PayloadField.SOURCE_KEY],),
                PayloadField.IMAGE_KEY: (point.payload[PayloadField.IMAGE_KEY],),
                PayloadField.INSTANCE: (InstanceKind.OBJECT.value,),
            }
        )
        points = [other for page in collection.scroll(where, fields=_MARK_FIELDS) for other in page]
    return [
        Mark(
            Box(*other.payload[PayloadField.BOX]),
            other.payload.get(PayloadField.SHAPE) or {},
            is_highlighted=other.id == point.id,
            color=colors.get(other.payload.get(PayloadField.CLASS_NAME) or "", OTHER_COLOR),
        )
        for other in points
        if other.payload.get(PayloadField.INSTANCE) == InstanceKind.OBJECT
    ]
