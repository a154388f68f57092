"""The images of a COCO export: one for each file, with a number and a name of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from indexer.domain import InstanceKind
from indexer.payload import PayloadField

_WEB: Final = ("http://", "https://")


class ImageNames:
    """Images in the order of their names, numbered from 1.

    The same file is one image, whatever sources it was indexed from; images of equal names in two folders are two.

    Args:
        folder: Where the export goes; files below it are named by their path from there, others by their whole path.
            None names all by their keys in their sources.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder.resolve()
        self._images: dict[tuple[str, ...], dict[str, Any]] = {}

    def add(self, payload: Mapping[str, Any]) -> None:
        """Take the image of a point in."""
        image = self._images.setdefault(_identity(payload), {})
        height, width = _size_hw(payload)
        image.setdefault("file_name", self._name(payload))
        for name, value in (("height", height), ("width", width)):
            if image.get(name) is None:
                image[name] = value
        locator = str(payload.get(PayloadField.IMAGE_LOCATOR, ""))
        if locator.startswith(_WEB):
            image["coco_url"] = locator
        image.setdefault("dataset", payload.get(PayloadField.DATASET, ""))

    def number(self) -> None:
        """Give each image that was taken in its number, and a name of its own where two would share one."""
        is_file = {identity: self._folder is not None and len(identity) == 1 for identity in self._images}
        taken = {image["file_name"] for identity, image in self._images.items() if is_file[identity]}
        ordered = sorted(self._images.items(), key=lambda item: (item[1]["file_name"], item[0]))
        for number, (identity, image) in enumerate(ordered, start=1):
            image["id"] = number
            if not is_file[identity]:  # the name of a file stays what it is
                name = image["file_name"]
                while image["file_name"] in taken:
                    image["file_name"] = name = f"{number}/{name}"
                taken.add(name)
        self._images = dict(ordered)

    def number_of(self, payload: Mapping[str, Any]) -> int:
        """The number of a point's image."""
        number: int = self._images[_identity(payload)]["id"]
        return number

    def listed(self) -> list[dict[str, Any]]:
        """The images as COCO lists them."""
        return [{"id": image["id"], **image} for image in self._images.values()]

    def _name(self, payload: Mapping[str, Any]) -> str:
        locator = payload.get(PayloadField.IMAGE_LOCATOR, "")
        if self._folder is None or not os.path.isabs(locator):  # noqa: PTH117 - a Path would tidy an address up
            return str(payload.get(PayloadField.IMAGE_KEY, ""))
        path = Path(locator)
        return path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else str(locator)


def _identity(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The file; where the image is none on this machine, its source and its key there."""
    locator = payload.get(PayloadField.IMAGE_LOCATOR, "")
    if os.path.isabs(locator):  # noqa: PTH117
        return (str(locator),)
    return str(payload.get(PayloadField.SOURCE_KEY, "")), str(payload.get(PayloadField.IMAGE_KEY, ""))


def _size_hw(payload: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Height and width; the box of a whole image tells them where nothing else does."""
    if size_hw := payload.get(PayloadField.IMAGE_SIZE_HW):
        return size_hw[0], size_hw[1]
    box = payload.get(PayloadField.BOX)
    if box is not None and payload.get(PayloadField.INSTANCE) == InstanceKind.IMAGE:
        return box[3], box[2]
    return None, None
