"""Pascal VOC: one XML file an image, in ``Annotations/`` with the images in ``JPEGImages/``, or both side by side.

Corners count pixels from one and include both ends (VOC development kit, section 4.2): ``xmin=1, xmax=10`` is our
``left=0, right=10``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final, Self
from xml.etree import ElementTree as ET

from indexer.domain import InstanceMode, SkipReason, SourceImage, SourceObject
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.sources import geometry
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import (
    MISSING,
    is_image_name,
    list_folder,
    list_subfolders,
    read_image_file,
    read_text,
    stamp_entry,
    stamp_file,
    walk_images,
)
from indexer.sources.geometry import Geometry, box_key
from indexer.sources.notes import SourceNotes

ANNOTATIONS_FOLDER: Final = "Annotations"
_IMAGE_FOLDERS: Final = ("JPEGImages", "images", "Images")
_FLAGS: Final = ("difficult", "truncated", "occluded")
_PEEK_BYTES: Final = 1024
_MAX_DEPTH: Final = 2  # VOCdevkit/VOC2007/Annotations


class PascalVocSource:
    """Images and objects of a Pascal VOC folder, or of a folder of such folders, which are then datasets.

    XML files hold no ids: an object's key is its box. An image without XML is an image without objects.

    Args:
        root: The folder.
        key: Identity of the source.
        folders: Folder by dataset name.
    """

    expects: ClassVar[str] = f"a folder with {ANNOTATIONS_FOLDER}/*.xml and {_IMAGE_FOLDERS[0]}/, or .xml beside images"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("pascal_voc")

    def __init__(self, root: Path, key: str, folders: dict[str, Path]) -> None:
        self.root, self.key, self.project = root, key, root.name
        self.notes = SourceNotes()
        self._folders = folders

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """Annotations in ``path`` or at most two folders below it."""
        return "XML annotations beside images" if _find_datasets(path) else None

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open a folder.

        Raises:
            SourceUnavailableError: There are no annotations.
        """
        root = path.resolve()
        folders = _find_datasets(root)
        if not folders:
            raise SourceUnavailableError(f"{path} is no Pascal VOC data set; expected {cls.expects}")
        return cls(root, source_key or str(root), folders)

    def dataset_names(self) -> Sequence[str]:
        """Paths of the folders that hold annotations, sorted; ``[""]`` for the root itself."""
        return list(self._folders)

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images folder by folder; costs one ``stat`` an image and one an annotation.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        for dataset in select_datasets(datasets, self.dataset_names()):
            folder = self._folders[dataset]
            for below, entry in walk_images(_image_folder(folder)):
                path = image_key(below, entry.name)
                yield SourceImage(
                    key=image_key(dataset, path),
                    name=entry.name,
                    dataset=dataset,
                    locator=entry.path,
                    pixels_stamp=stamp_entry(entry),
                    annotation_stamp=stamp_file(_annotation_path(folder, path)),
                )

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """How many images there are; lists folders, but no file's facts."""
        selected = select_datasets(datasets, self.dataset_names())
        return sum(1 for dataset in selected for _ in walk_images(_image_folder(self._folders[dataset])))

    def describe(self, image: SourceImage) -> SourceImage:
        """The image with the size that its annotation states, if it does.

        Raises:
            AnnotationFormatError: The annotation is broken.
        """
        if image.annotation_stamp == MISSING:
            return image
        path = self._path(image)
        size = _read_xml(path).find("size")
        try:
            height, width = (0, 0) if size is None else (_number(size, "height"), _number(size, "width"))
        except ValueError as error:
            raise AnnotationFormatError(f"{path}: {error}; correct it") from error
        return replace(image, size_hw=(int(height), int(width))) if height and width else image

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the XML file of one image.

        Raises:
            AnnotationFormatError: It is broken; the message says where.
        """
        if image.annotation_stamp == MISSING:
            return ()
        path = self._path(image)
        try:
            return [_make_object(element) for element in _read_xml(path).iterfind("object")]
        except (ValueError, OverflowError) as error:
            raise AnnotationFormatError(f"{path}: {error}; correct it") from error

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file.

        Raises:
            ImageReadError: The file is missing or cannot be read.
        """
        return read_image_file(image.locator)

    def _path(self, image: SourceImage) -> Path:
        folder = self._folders[image.dataset]
        return _annotation_path(folder, image.key[len(image.dataset) :].lstrip("/"))


def _find_datasets(root: Path, *, depth: int = _MAX_DEPTH) -> dict[str, Path]:
    """Folders with annotations by their path below ``root``, sorted."""
    if _has_annotations(root):
        return {"": root}
    found: dict[str, Path] = {}
    if depth:
        for entry in list_subfolders(root):
            below = _find_datasets(Path(entry.path), depth=depth - 1)
            found |= {image_key(entry.name, name).rstrip("/"): folder for name, folder in below.items()}
    return found


def _has_annotations(folder: Path) -> bool:
    if (folder / ANNOTATIONS_FOLDER).is_dir():
        return True
    entries = list_folder(folder)
    first = next((entry for entry in entries if entry.name.endswith(".xml")), None)
    return first is not None and _is_annotation(first.path) and any(is_image_name(entry.name) for entry in entries)


def _is_annotation(path: str) -> bool:
    """Whether an XML file begins like an annotation; others lie beside images too."""
    try:
        with Path(path).open("rb") as file:
            return b"<annotation" in file.read(_PEEK_BYTES)
    except OSError:
        return False


def _image_folder(folder: Path) -> Path:
    return next((folder / name for name in _IMAGE_FOLDERS if (folder / name).is_dir()), folder)


def _annotation_path(folder: Path, path: str) -> Path:
    annotations = folder / ANNOTATIONS_FOLDER
    return (annotations if annotations.is_dir() else folder) / f"{path.rpartition('.')[0]}.xml"


def _read_xml(path: Path) -> ET.Element:
    text = read_text(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise AnnotationFormatError(f"{path} declares a document type or entities, which are not read; remove them")
    try:
        return ET.fromstring(text)  # noqa: S314 - without entities there is nothing to expand
    except ET.ParseError as error:
        raise AnnotationFormatError(f"{path} is not valid XML: {error}; restore or export it again") from error


def _make_object(element: ET.Element) -> SourceObject:
    class_name = element.findtext("name", "").strip()
    if not class_name:
        raise ValueError("an object has no <name>")
    parsed = _parse_geometry(element)
    flags = [flag for flag in _FLAGS if element.findtext(flag, "0").strip() == "1"]
    return SourceObject(
        key=box_key(parsed.box),
        class_name=class_name,
        geometry=parsed.name,
        box=parsed.box,
        tags=tuple(sorted(flags)),
        shape=parsed.shape,
        skip_reason=parsed.skip_reason,
    )


def _parse_geometry(element: ET.Element) -> Geometry:
    box = element.find("bndbox")
    if box is None:
        return geometry.skipped("unknown", SkipReason.UNKNOWN_GEOMETRY)
    left, top, right, bottom = (_number(box, name) for name in ("xmin", "ymin", "xmax", "ymax"))
    return geometry.rectangle(left - 1, top - 1, right, bottom)


def _number(element: ET.Element, name: str) -> float:
    text = element.findtext(name)
    try:
        return float(text or "")
    except ValueError:
        raise ValueError(f"<{element.tag}> has no number <{name}>, but {text!r}") from None
