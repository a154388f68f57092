"""YOLO labels: one text file per image, coordinates as fractions of the image's size.

Three layouts are read. ``data.yaml`` or darknet's ``obj.data`` describes the data set, ``images/`` stands with
``labels/``, per split or not, or label files lie beside the images. See ``yolo_labels`` for the kinds of lines and
``yolo_keys`` for image keys. Format: https://docs.ultralytics.com/datasets/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Final, Self

from indexer.domain import DEFAULT_LIMITS, ImageLimits, InstanceMode, SkipReason, SourceImage, SourceObject
from indexer.errors import ImageReadError, SourceError, SourceUnavailableError
from indexer.images.headers import read_header
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import MISSING, UNREACHABLE, is_file_at, read_image_file, read_text, stamp_file
from indexer.sources.geometry import Geometry, box_key
from indexer.sources.named_files import NamedFiles
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.yolo_description import YAML_SUFFIXES, find_description, read_description
from indexer.sources.yolo_folders import find_folders
from indexer.sources.yolo_label_files import LabelFiles, LabelPaths
from indexer.sources.yolo_labels import parse_line
from indexer.sources.yolo_layout import YoloLayout
from indexer.sources.yolo_listing import YoloListing
from lookalike.counting import count_text

_MAX_LABEL_BYTES: Final = 256 << 20
_BROKEN: Final = Geometry("unknown", None, {}, SkipReason.BROKEN)


class YoloSource:
    """Images and objects of a YOLO data set. Label files hold no ids: an object's key is its box.

    Args:
        root: The folder or file that was asked for.
        key: Identity of the source.
        layout: Where images are, and the names of the classes.
        files: Finds images that list files name.
        notes: Collects what the data set lacks.
    """

    expects: ClassVar[str] = (
        "a data.yaml with train, val or test, an obj.data, images/ and labels/, or label files beside the images"
    )
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("yolo")
    limits = DEFAULT_LIMITS

    def __init__(self, root: Path, key: str, layout: YoloLayout, files: NamedFiles, notes: SourceNotes) -> None:
        folder = _folder_of(root)
        self.key, self.project, self.notes = key, folder.name, notes
        self._layout, self._stamp = layout, layout.stamp
        self._listing = YoloListing(layout, files, notes)
        self._label_paths = LabelPaths(str(folder), is_beside=layout.is_beside)
        if not layout.names.by_index:
            self.notes.add(NoteKind.NO_CLASS_NAMES, f"{folder} names no classes; write their names into a classes.txt")

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A description, or a folder of one of the known layouts."""
        try:
            found = find_description(path) or find_folders(path)
        except (SourceError, OSError):
            return None
        return found.reason if found else None

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None, allow_outside: bool = False) -> Self:
        """Open a data set.

        Args:
            path: A description, or a folder.
            source_key: Identity of the source; its resolved path if None.
            allow_outside: Whether folders and images that are named may lie outside the description's folder.

        Raises:
            SourceUnavailableError: There is none.
            AnnotationFormatError: The description or the file of class names is broken.
        """
        root, notes = path.resolve(), SourceNotes()
        files = NamedFiles(_folder_of(root), notes, allow_outside=allow_outside)
        found = find_description(root) or find_folders(root)
        if found is not None:
            layout = found.read(files, notes)
        elif root.suffix.lower() in YAML_SUFFIXES and is_file_at(root):
            layout = read_description(root, files, notes)
        else:
            raise SourceUnavailableError(f"{path} is no YOLO data set; expected {cls.expects}")
        return cls(root, source_key or str(root), layout, files, notes)

    def dataset_names(self) -> Sequence[str]:
        """The splits that are declared, for example ``train`` and ``val``, sorted."""
        return sorted(self._layout.splits)

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images split by split; costs one ``stat`` per image and one per label file.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        labels = LabelFiles(self._label_paths, self.notes)
        for dataset in select_datasets(datasets, self.dataset_names()):
            for path, locator, folder, name, stamp, problem in self._listing.list(dataset):
                label_stamp = MISSING if problem else labels.stamp(folder, name)
                has_labels = label_stamp not in (MISSING, UNREACHABLE)
                yield SourceImage(
                    key=image_key(dataset, path),
                    name=name,
                    dataset=dataset,
                    locator=locator,
                    pixels_stamp=stamp or stamp_file(locator),
                    annotation_stamp=f"{label_stamp}-{self._stamp}" if has_labels else label_stamp,
                    problem=problem,
                )
            self._look_below(dataset, labels)
        labels.finish()

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """Count the images; looks at no facts of files but of those that list files name."""
        return sum(self._listing.count(dataset) for dataset in select_datasets(datasets, self.dataset_names()))

    def describe(self, image: SourceImage) -> SourceImage:
        """The image as it is: labels tell nothing else about it."""
        return image

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the label file of one image, and the image's size from its header if there is a label.

        A line that cannot be used becomes an object with a reason, and is noted.

        Raises:
            AnnotationFormatError: The label file cannot be read.
            ImageReadError: The image's size cannot be read.
        """
        if image.annotation_stamp in (MISSING, UNREACHABLE):
            return ()
        path = self._label_paths.of_image(image.locator)
        lines = read_text(path, max_bytes=_MAX_LABEL_BYTES).splitlines()
        if not any(line.strip() for line in lines):
            return ()
        size_hw = _read_size_hw(image.locator, self.limits)
        numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
        return [self._make_object(line, size_hw, f"{path}, line {number}") for number, line in numbered]

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file.

        Raises:
            ImageReadError: The file is missing or cannot be read.
        """
        return read_image_file(image.locator, max_bytes=self.limits.max_bytes)

    def _look_below(self, dataset: str, labels: LabelFiles) -> None:
        """Look for labels without images; a folder that lost all its images may be a disk that is not mounted."""
        with_labels = {tree for tree in self._listing.trees(dataset) if labels.look_below(tree)}
        for path in self._listing.find_empty(dataset):
            self.notes.add(NoteKind.MISSING_PART, f"{path} holds no images")
            if path in with_labels:
                self.notes.mark_incomplete(dataset)
        for lost in sorted({folder for tree in with_labels for folder in labels.find_lost(tree)}):
            self.notes.add_missing_part(dataset, f"{lost} holds no images, but its labels are there")

    def _make_object(self, line: str, size_hw: tuple[int, int], where: str) -> SourceObject:
        try:
            index, parsed = parse_line(line, size_hw=size_hw, n_pose_values=self._layout.n_pose_values)
        except (ValueError, OverflowError) as error:
            self.notes.add(NoteKind.BROKEN_ANNOTATION, f"{where}: {error}")
            return _make_object("", _BROKEN)
        name = self._layout.names.find(index)
        if name is None:
            n_names = len(self._layout.names)
            self.notes.add(
                NoteKind.BROKEN_ANNOTATION,
                f"{where}: class {index} is not among the {count_text(n_names, 'class name')}",
            )
            return _make_object(str(index), parsed, SkipReason.UNKNOWN_CLASS)
        return _make_object(name, parsed)


def _make_object(class_name: str, parsed: Geometry, skip_reason: SkipReason | None = None) -> SourceObject:
    """An object; the key of one that is skipped is that of its box all the same, as it may be mended."""
    return SourceObject(
        key=box_key(parsed.box),
        class_name=class_name,
        geometry=parsed.name,
        box=None if skip_reason else parsed.box,
        shape=parsed.shape,
        skip_reason=skip_reason or parsed.skip_reason,
    )


def _folder_of(root: Path) -> Path:
    """The folder of a data set; names may not lead outside."""
    return root.parent if is_file_at(root) else root


def _read_size_hw(locator: str, limits: ImageLimits) -> tuple[int, int]:
    try:
        return read_header(locator, limits).size_hw
    except ImageReadError as error:
        raise ImageReadError(f"{locator}: {error}") from error
