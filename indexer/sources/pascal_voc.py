"""Pascal VOC: one XML file per image, in ``Annotations/`` with the images in ``JPEGImages/``, or both side by side.

Folders may have the names that other tools give them, in any case: ``annotations/`` and ``images/``, ``xmls/``.
``ImageSets/`` is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from indexer.domain import DEFAULT_LIMITS, InstanceMode, SourceImage, SourceObject
from indexer.errors import SourceUnavailableError
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import MISSING, UNREACHABLE, read_image_file, stamp_entry
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.voc_layout import ANNOTATIONS_FOLDER, IMAGES_FOLDER, VocFolder, find_datasets, find_passed_over
from indexer.sources.voc_xml import read_objects, read_size_hw, read_xml

_NO_FILE = (MISSING, UNREACHABLE)


class PascalVocSource:
    """Images and objects of a Pascal VOC folder, or of a folder of such folders, which are then datasets.

    XML files hold no ids: an object's key is its box. An image's XML file is the one of the same path. If there is
    none, it is the only unused one that has its name or states it as ``<filename>``. An image without is one without
    objects.

    Args:
        root: The folder.
        key: Identity of the source.
        folders: Data set by name.
    """

    expects: ClassVar[str] = f"a folder with {ANNOTATIONS_FOLDER}/*.xml and {IMAGES_FOLDER}/, or .xml beside images"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("pascal_voc")
    limits = DEFAULT_LIMITS

    def __init__(self, root: Path, key: str, folders: dict[str, VocFolder]) -> None:
        self.root, self.key, self.project = root, key, root.name
        self.notes = SourceNotes()
        self._folders = folders
        self._unusual: dict[str, str] = {}  # image key -> XML file of another path than its image

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """Annotations in ``path`` or at most two folders below it."""
        found = find_datasets(path).values()
        whole = [one for one in found if None not in (one.images, one.annotations)]
        return _describe(path, next(iter([*whole, *found]))) if found else None

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open a folder.

        Raises:
            SourceUnavailableError: There are no annotations.
        """
        root = path.resolve()
        folders = find_datasets(root)
        if not folders:
            raise SourceUnavailableError(f"{path} is no Pascal VOC data set; expected {cls.expects}")
        source = cls(root, source_key or str(root), folders)
        for passed_over in find_passed_over(root, folders):
            source.notes.add(NoteKind.IGNORED_FILE, f"{passed_over}: its images have no XML files of Pascal VOC")
        return source

    def dataset_names(self) -> Sequence[str]:
        """Paths of the folders that hold annotations, sorted; ``[""]`` for the root itself."""
        return list(self._folders)

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images folder by folder, those without annotations last; costs one ``stat`` per file.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        for dataset in select_datasets(datasets, self.dataset_names()):
            folder = self._folders[dataset]
            for image in folder.list_images(dataset, self.notes):
                key = image_key(dataset, image.path)
                if image.annotation is not None and image.annotation != folder.annotation_path(image.path):
                    self._unusual[key] = image.annotation
                yield SourceImage(
                    key=key,
                    name=image.entry.name,
                    dataset=dataset,
                    locator=image.entry.path,
                    pixels_stamp=stamp_entry(image.entry),
                    annotation_stamp=image.annotation_stamp,
                )

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """Count the images; lists folders, but no file's facts."""
        selected = select_datasets(datasets, self.dataset_names())
        return sum(1 for dataset in selected for _ in self._folders[dataset].walk_images())

    def describe(self, image: SourceImage) -> SourceImage:
        """The image with the size that its annotation states, if it does.

        Raises:
            AnnotationFormatError: The annotation is broken.
        """
        if image.annotation_stamp in _NO_FILE:
            return image
        return replace(image, size_hw=read_size_hw(read_xml(self._path(image))))

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the XML file of one image.

        Raises:
            AnnotationFormatError: It is broken; the message says where.
        """
        if image.annotation_stamp in _NO_FILE:
            return ()
        path = self._path(image)
        return read_objects(
            read_xml(path), lambda reason: self.notes.add(NoteKind.BROKEN_ANNOTATION, f"{path}: {reason}")
        )

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file.

        Raises:
            ImageReadError: The file is missing or cannot be read.
        """
        return read_image_file(image.locator, max_bytes=self.limits.max_bytes)

    def _path(self, image: SourceImage) -> Path:
        path = image.key[len(image.dataset) :].lstrip("/")
        return Path(self._unusual.get(image.key) or self._folders[image.dataset].annotation_path(path))


def _describe(root: Path, folder: VocFolder) -> str:
    """By what a data set was recognised, in words."""
    below = [str(part.relative_to(root)) for part in (folder.annotations, folder.images) if part is not None]
    if folder.annotations is not None and folder.annotations == folder.images:
        return "XML files of Pascal VOC beside the images" + ("" if below[0] == "." else f" in {below[0]}")
    names = " and ".join(f"{name}/" for name in below if name != ".")
    return f"the folder {names}" if len(below) == 1 or "." in below else f"the folders {names}"
