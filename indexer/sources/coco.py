"""COCO: one JSON file a dataset, images found beside it.

A source is a JSON file, or a folder with JSON files of any name, also beside the images. Common layouts are
``annotations/instances_<dataset>.json`` (the original, CVAT, Datumaro), ``<dataset>/_annotations.coco.json``
(Roboflow), and ``labels.json`` or ``result.json`` with ``data/`` or ``images/`` (FiftyOne, Label Studio). See
``coco_layout`` for where they are looked for, ``coco_file`` for how they are read. Format:
https://cocodataset.org/#format-data
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from indexer.domain import DEFAULT_LIMITS, InstanceMode, SkipReason, SourceImage, SourceObject
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.sources.base import Recognised, select_datasets
from indexer.sources.coco_file import CocoFile, CocoImage, read_coco_file
from indexer.sources.coco_geometry import parse_geometry
from indexer.sources.coco_ids import show_value
from indexer.sources.coco_images import ImageFinder
from indexer.sources.coco_layout import ANNOTATION_FOLDERS, CocoLayout, dataset_name, find_layout
from indexer.sources.files import MISSING, is_file_at, is_folder_at, read_image_file
from indexer.sources.geometry import box_key
from indexer.sources.named_files import NamedFiles
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.remote import fetch

_MAX_SHOWN: Final = 6


class CocoSource:
    """Images and objects of COCO JSON files.

    Args:
        root: The JSON file or the folder it was found in.
        key: Identity of the source.
        layout: The JSON files.
        allow_remote: Whether an image that is not on disk is read from its ``coco_url`` or ``flickr_url``.
        include_crowd: Whether annotations with ``iscrowd`` are objects like all others.
        allow_outside: Whether images are read that the files name outside the root.

    Raises:
        AnnotationFormatError: No JSON file can be read.
    """

    expects: ClassVar[str] = "a COCO JSON file, or a folder with some: annotations/*.json, */_annotations.coco.json"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("coco")
    limits = DEFAULT_LIMITS

    def __init__(
        self,
        root: Path,
        key: str,
        layout: CocoLayout,
        *,
        allow_remote: bool = False,
        include_crowd: bool = False,
        allow_outside: bool = False,
    ) -> None:
        self.key, self.project = key, root.stem if is_file_at(root) else root.name
        self.notes = SourceNotes()
        self._allow_remote, self._include_crowd = allow_remote, include_crowd
        self._named_files = NamedFiles(_images_root(root), self.notes, allow_outside=allow_outside)
        for file, why in {**layout.passed_over, **layout.refused}.items():
            self.notes.add(NoteKind.IGNORED_FILE, f"{file.name} {why}")
        self._datasets = list(layout.files)
        self._files = _read_files(layout.files, self.notes)

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A COCO file, or a folder with such files; a relative of it that is not read is refused."""
        return _find_files(path).describe(path.resolve()) or None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        source_key: str | None = None,
        allow_remote: bool = False,
        include_crowd: bool = False,
        allow_outside: bool = False,
    ) -> Self:
        """Open and read all JSON files.

        Raises:
            SourceUnavailableError: There is no COCO file, or one of a kind that is not read.
            AnnotationFormatError: No JSON file can be read; one of several is noted.
        """
        root, layout = path.resolve(), _find_files(path)
        if not layout.files and is_file_at(root):  # reading it tells what is wrong with it
            layout = CocoLayout({dataset_name(root): root})
        if not layout.files:
            raise SourceUnavailableError(f"{path} is no COCO data set; expected {cls.expects}")
        return cls(
            root,
            source_key or str(root),
            layout,
            allow_remote=allow_remote,
            include_crowd=include_crowd,
            allow_outside=allow_outside,
        )

    def dataset_names(self) -> Sequence[str]:
        """Names of the JSON files without ``instances_``, or of their folders, sorted."""
        return self._datasets

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images in the order of the JSON files, also those whose file is missing.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        for dataset in select_datasets(datasets, self._datasets):
            if dataset not in self._files:
                continue
            file = self._files[dataset]
            finder = ImageFinder(self._named_files, file.path, dataset, [one.name for one in file.images.values()])
            for key, image in file.images.items():
                yield self._describe(image, key, dataset, finder)

    def _describe(self, image: CocoImage, key: str, dataset: str, finder: ImageFinder) -> SourceImage:
        file = self._files[dataset]
        problem = image.problem
        if problem is None:
            locator, pixels_stamp, problem = finder.find(image.name)
        else:
            locator, pixels_stamp = str(file.path), MISSING
        if pixels_stamp == MISSING and self._allow_remote and image.url and image.problem is None:
            locator = pixels_stamp = image.url
            problem = None
        return SourceImage(
            key=key,
            name=image.name.replace("\\", "/").rpartition("/")[2],
            dataset=dataset,
            locator=locator,
            pixels_stamp=pixels_stamp,
            annotation_stamp=file.stamp(image),
            size_hw=image.size_hw,
            problem=problem,
        )

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """Count the images that the JSON files list."""
        selected = select_datasets(datasets, self._datasets)
        return sum(len(self._files[name].images) for name in selected if name in self._files)

    def describe(self, image: SourceImage) -> SourceImage:
        """The image as it is: listing has told everything."""
        return image

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """The annotations of one image, those that cannot be used with the reason."""
        file = self._files[image.dataset]
        return [self._make_object(one, file, image) for one in file.images[image.key].annotations]

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file, or with ``allow_remote`` its URL.

        Raises:
            ImageReadError: The image is missing, or cannot or may not be read.
        """
        if image.problem is not None:
            raise ImageReadError(f"{image.locator}: {image.problem}")
        if image.pixels_stamp == image.locator:
            return fetch(image.locator, self.limits)
        try:
            return read_image_file(image.locator, max_bytes=self.limits.max_bytes)
        except ImageReadError as error:
            url = self._files[image.dataset].images[image.key].url
            if url is None or self._allow_remote:
                raise
            raise ImageReadError(f"{error}; it has a URL, which is read only with the option allow_remote") from error

    def _make_object(self, annotation: Mapping[str, Any], file: CocoFile, image: SourceImage) -> SourceObject:
        class_name = file.class_name(annotation)
        parsed = parse_geometry(annotation, image.size_hw)
        skip_reason = parsed.skip_reason
        if class_name is None:
            skip_reason = SkipReason.UNKNOWN_CLASS
        elif not self._include_crowd and _is_crowd(annotation.get("iscrowd")):
            skip_reason = SkipReason.CROWD
        if skip_reason in (SkipReason.UNKNOWN_CLASS, SkipReason.BROKEN, SkipReason.UNREADABLE_MASK):
            which = f"{file.label}: annotation {show_value(annotation.get('id'))} of {image.name}"
            self.notes.add(NoteKind.BROKEN_ANNOTATION, f"{which}: {_explain(skip_reason, annotation)}")
        return SourceObject(
            key=box_key(parsed.box),
            class_name=class_name or "",
            geometry=parsed.name,
            box=parsed.box,
            shape=parsed.shape,
            skip_reason=skip_reason,
        )


def _images_root(root: Path) -> Path:
    """The folder that images may not leave: the one given or of the file given, or that of such an ``annotations/``."""
    folder = root if is_folder_at(root) else root.parent
    return folder.parent if folder.name.lower() in ANNOTATION_FOLDERS else folder


def _read_files(paths: Mapping[str, Path], notes: SourceNotes) -> dict[str, CocoFile]:
    """The JSON files by dataset; one of several that cannot be read is noted, and its dataset is incomplete."""
    files: dict[str, CocoFile] = {}
    errors: list[AnnotationFormatError] = []
    for dataset, path in paths.items():
        try:
            files[dataset] = read_coco_file(path, dataset, [other for other in paths if other != dataset], notes)
        except AnnotationFormatError as error:
            errors.append(error)
            notes.add(NoteKind.BROKEN_FILE, str(error))
            notes.mark_incomplete(dataset)
    if errors and not files:
        raise errors[0]
    return files


def _find_files(path: Path) -> CocoLayout:
    """The JSON files at a path; none if there is no COCO data set.

    Raises:
        SourceUnavailableError: There are only files of a kind that is not read, or a folder may not be read.
    """
    layout = find_layout(path)
    if not layout.files and layout.refused:
        file, why = next(iter(layout.refused.items()))
        raise SourceUnavailableError(f"{file} {why}")
    return layout


def _is_crowd(value: Any) -> bool:
    """Whether ``iscrowd`` says so; a text as ``"0"`` means the number."""
    return bool(value) and value not in ("0", "0.0", "false", "False")


def _explain(reason: SkipReason, annotation: Mapping[str, Any]) -> str:
    if reason is SkipReason.UNKNOWN_CLASS:
        return f"its category {show_value(annotation.get('category_id'))} is not in 'categories', or twice"
    if reason is SkipReason.UNREADABLE_MASK:
        return "its mask is damaged or of another size than the image, and it has no sound bbox"
    return f"its bbox is {_show_bbox(annotation.get('bbox'))}, and no other part tells a box"


def _show_bbox(bbox: Any) -> str:
    """A ``bbox`` in a message: its numbers if it has any, cut off if they are many."""
    if not isinstance(bbox, list) or not all(isinstance(one, str | int | float | None) for one in bbox[:_MAX_SHOWN]):
        return show_value(bbox)
    shown = ", ".join(map(show_value, bbox[:_MAX_SHOWN]))
    return f"[{shown}, ...]" if len(bbox) > _MAX_SHOWN else f"[{shown}]"
