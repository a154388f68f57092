"""YOLO labels: one text file an image, coordinates as fractions of the image's size.

Understood lines, by their number of values: detection (5, or 6 with a confidence), pose (5 + the ``kpt_shape`` of
``data.yaml``), segmentation (a class and at least three corners), oriented boxes (a class and four corners).
Format: https://docs.ultralytics.com/datasets/
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar, Self

from indexer.domain import InstanceMode, SourceImage, SourceObject
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.image_headers import read_header
from indexer.sources import geometry
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import MISSING, read_image_file, read_text, stamp_file
from indexer.sources.geometry import Geometry, box_key
from indexer.sources.notes import SourceNotes
from indexer.sources.yolo_layout import YoloLayout, find_layout


class YoloSource:
    """Images and objects of a YOLO data set. Label files hold no ids: an object's key is its box.

    Args:
        root: The folder or YAML file that was asked for.
        key: Identity of the source.
        layout: Where images are, and the names of the classes.
    """

    expects: ClassVar[str] = "a data.yaml, or a folder with one, or with images/ and labels/"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("yolo")

    def __init__(self, root: Path, key: str, layout: YoloLayout) -> None:
        self.key, self.project = key, root.parent.name if root.is_file() else root.name
        self.notes = SourceNotes()
        self._layout = layout
        self._names_stamp = blake2b(repr(sorted(layout.class_names.items())).encode(), digest_size=4).hexdigest()

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A YAML file or a folder of one of the known layouts."""
        return "a data.yaml, or images/ and labels/" if find_layout(path, peek=True) else None

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open a data set.

        Raises:
            SourceUnavailableError: There is none.
            AnnotationFormatError: The YAML file is broken.
        """
        root = path.resolve()
        layout = find_layout(root)
        if layout is None:
            raise SourceUnavailableError(f"{path} is no YOLO data set; expected {cls.expects}")
        return cls(root, source_key or str(root), layout)

    def dataset_names(self) -> Sequence[str]:
        """The splits that exist, for example ``train`` and ``val``, sorted."""
        return sorted(self._layout.splits)

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images split by split; costs one ``stat`` an image and one a label file.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        for dataset in select_datasets(datasets, self.dataset_names()):
            for path_in_dataset, locator in self._layout.list_images(dataset):
                label_stamp = stamp_file(_label_path(locator))
                yield SourceImage(
                    key=image_key(dataset, path_in_dataset),
                    name=path_in_dataset.rpartition("/")[2],
                    dataset=dataset,
                    locator=locator,
                    pixels_stamp=stamp_file(locator),
                    annotation_stamp=MISSING if label_stamp == MISSING else f"{label_stamp}-{self._names_stamp}",
                )

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """How many images there are; lists folders, but no file's facts."""
        selected = select_datasets(datasets, self.dataset_names())
        return sum(1 for dataset in selected for _ in self._layout.list_images(dataset))

    def describe(self, image: SourceImage) -> SourceImage:
        """The image as it is: labels tell nothing else about it."""
        return image

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the label file of one image, and the image's size from its header if there is a label.

        Raises:
            AnnotationFormatError: A line is broken; the message says which.
            ImageReadError: The image's size cannot be read.
        """
        if image.annotation_stamp == MISSING:
            return ()
        path = _label_path(image.locator)
        lines = [line.split() for line in read_text(path).splitlines()]
        if not any(lines):
            return ()
        height, width = _read_size_hw(image.locator)
        objects = []
        for number, line in enumerate(lines, 1):
            if line:
                try:
                    objects.append(self._make_object(line, width, height))
                except (ValueError, OverflowError) as error:
                    raise AnnotationFormatError(f"{path}, line {number}: {error}; correct the line") from error
        return objects

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file.

        Raises:
            ImageReadError: The file is missing or cannot be read.
        """
        return read_image_file(image.locator)

    def _make_object(self, line: Sequence[str], width: int, height: int) -> SourceObject:
        values = [float(value) for value in line]
        parsed = _parse_geometry(values[1:], width, height, n_pose_values=self._layout.n_pose_values)
        return SourceObject(
            key=box_key(parsed.box),
            class_name=self._class_name(values[0]),
            geometry=parsed.name,
            box=parsed.box,
            shape=parsed.shape,
            skip_reason=parsed.skip_reason,
        )

    def _class_name(self, index: float) -> str:
        if not index.is_integer() or index < 0:
            raise ValueError(f"class {index:g} is no index")
        names: Mapping[int, str] = self._layout.class_names
        if not names:
            return str(int(index))
        if int(index) not in names:
            raise ValueError(f"class {index:g} is not among the {len(names)} class names")
        return names[int(index)]


def _read_size_hw(locator: str) -> tuple[int, int]:
    try:
        return read_header(locator).size_hw
    except ImageReadError as error:
        raise ImageReadError(f"{locator}: {error}") from error


def _label_path(locator: str) -> str:
    """The label file of an image: the last folder ``images`` becomes ``labels``; else it lies beside the image."""
    stem = locator.rpartition(".")[0]
    before, found, after = stem.rpartition("/images/")
    return f"{before}/labels/{after}.txt" if found else f"{stem}.txt"


def _parse_geometry(values: Sequence[float], width: int, height: int, *, n_pose_values: int) -> Geometry:
    n_values = len(values)
    if n_values in (4, 5) or (n_pose_values and n_values == 4 + n_pose_values):
        middle_x, middle_y, box_width, box_height = (
            value * size for value, size in zip(values[:4], (width, height, width, height), strict=True)
        )
        left, top = middle_x - box_width / 2, middle_y - box_height / 2
        return geometry.rectangle(left, top, left + box_width, top + box_height)
    if n_values >= 6 and n_values % 2 == 0:
        corners = [[x * width, y * height] for x, y in zip(values[::2], values[1::2], strict=True)]
        return geometry.polygons([corners], name="oriented_box" if _is_rectangle(corners) else None)
    raise ValueError(f"{n_values + 1} values are no detection, segmentation, oriented box or pose")


def _is_rectangle(corners: Sequence[Sequence[float]]) -> bool:
    """Whether four corners in order span a rectangle: diagonals of one length that halve each other, within a pixel."""
    if len(corners) != 4:
        return False
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    is_parallelogram = math.hypot(ax + cx - bx - dx, ay + cy - by - dy) < 2
    return is_parallelogram and abs(math.hypot(cx - ax, cy - ay) - math.hypot(dx - bx, dy - by)) < 1
