"""A Supervisely project folder, as the platform exports it and its SDK writes it.

    project/meta.json
    project/<dataset>/img/<name>            image
    project/<dataset>/ann/<name>.json       its annotation
    project/<dataset>/datasets/<child>/...  nested dataset, named "<dataset>/<child>"

Read without the SDK: its reader leaves a whole dataset out where one annotation is missing, and is 23 times slower.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from indexer.domain import DEFAULT_LIMITS, InstanceMode, SourceImage, SourceObject
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import (
    MISSING,
    UNREACHABLE,
    count_visit,
    identify_folder,
    is_file_at,
    is_folder,
    is_folder_at,
    is_image_name,
    list_folder,
    list_images,
    list_subfolders,
    peek,
    read_image_file,
    read_json,
    stamp_entry,
    walk_images,
)
from indexer.sources.notes import NoteKind, SourceNotes
from indexer.sources.supervisely_labels import (
    make_objects,
    parse_class_colors,
    parse_size_hw,
    parse_tags,
    show_value,
)

META_NAME: Final = "meta.json"
IMAGES_FOLDER: Final = "img"
ANNOTATIONS_FOLDER: Final = "ann"
NESTED_FOLDER: Final = "datasets"
_PEEK_BYTES: Final = 1 << 16
_NO_FILE: Final = (MISSING, UNREACHABLE)


class SuperviselyFilesSource:
    """Images and objects of a Supervisely project folder.

    An image without an annotation file is an image without objects; an annotation without an image is noted.

    Args:
        root: The folder with ``meta.json``.
        key: Identity of the source.
        meta: Contents of ``meta.json``.
    """

    expects: ClassVar[str] = f"a Supervisely project folder with {META_NAME}"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("supervisely")
    limits = DEFAULT_LIMITS

    def __init__(self, root: Path, key: str, meta: Mapping[str, Any]) -> None:
        self.root, self.key, self.project = root, key, root.name
        self.notes = SourceNotes()
        self._class_shapes = {entry["title"]: entry.get("shape") for entry in meta["classes"]}
        self.class_colors = parse_class_colors(meta["classes"])

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A folder with the ``meta.json`` of a project: it lists classes, or datasets lie beside it."""
        meta = path / META_NAME
        if not is_file_at(meta):
            return None
        datasets = [entry.name for entry in list_subfolders(path) if _is_dataset(Path(entry.path))]
        if datasets and not _is_foreign(meta):
            return f"{META_NAME} beside {', '.join(datasets[:3])}{', ...' if len(datasets) > 3 else ''}"
        is_empty = '"classes"' in peek(meta, _PEEK_BYTES) and next(walk_images(path), None) is None
        return f"{META_NAME} with classes" if is_empty else None

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open a project folder; one without datasets is an empty source.

        Raises:
            SourceUnavailableError: There is no ``meta.json``.
            AnnotationFormatError: ``meta.json`` is broken.
        """
        meta_path = path / META_NAME
        if not is_file_at(meta_path):
            raise SourceUnavailableError(f"{path} is no Supervisely project: it has no {META_NAME}")
        root, meta = path.resolve(), read_json(meta_path)
        try:
            return cls(root, source_key or str(root), meta)
        except (KeyError, TypeError) as error:
            message = f"{meta_path} is no project description: expected {{'classes': [{{'title': ...}}], ...}}"
            raise AnnotationFormatError(f"{message}; export the project again") from error

    def dataset_names(self) -> Sequence[str]:
        """Full paths of all datasets, sorted."""
        return list(self._find_datasets())

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images dataset by dataset, sorted by name; costs one ``stat`` an image and one an annotation.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        folders = self._find_datasets()
        for name in select_datasets(datasets, list(folders)):
            annotations = {
                entry.name: stamp_entry(entry)
                for entry in list_folder(folders[name] / ANNOTATIONS_FOLDER)
                if entry.name.endswith(".json")
            }
            without = MISSING if annotations else UNREACHABLE
            unlabelled = []
            for entry in self._list_files(name, folders[name], has_annotations=bool(annotations)):
                annotation_stamp = annotations.pop(f"{entry.name}.json", without)
                if annotation_stamp == MISSING:
                    unlabelled.append(entry.path)
                yield SourceImage(
                    key=image_key(name, entry.name),
                    name=entry.name,
                    dataset=name,
                    locator=entry.path,
                    pixels_stamp=stamp_entry(entry),
                    annotation_stamp=annotation_stamp,
                )
            self._note_odd_files(folders[name], unlabelled, annotations)

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """Count the images; lists folders, but no file's facts."""
        folders = self._find_datasets()
        selected = select_datasets(datasets, list(folders))
        return sum(len(list_images(folders[name] / IMAGES_FOLDER)) for name in selected)

    def describe(self, image: SourceImage) -> SourceImage:
        """The image with the size and the tags that its annotation states.

        Raises:
            AnnotationFormatError: The annotation is broken.
        """
        annotation = self._read_annotation(image)
        if not annotation:
            return image
        path = self._annotation_path(image)
        size_hw = parse_size_hw(annotation.get("size"))
        if size_hw is None:
            self._note_broken(path, f"its size is {show_value(annotation.get('size'))}, so that the image tells it")
        return replace(image, size_hw=size_hw, tags=parse_tags(annotation, partial(self._note_broken, path)))

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the labels of one image; an object's key is its id on the server, or its box where it has none.

        Raises:
            AnnotationFormatError: The annotation is broken.
        """
        path = self._annotation_path(image)
        labels = self._read_annotation(image).get("objects") or ()
        return make_objects(labels, self._class_shapes, partial(self._note_broken, path))

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file.

        Raises:
            ImageReadError: The file is missing or cannot be read.
        """
        return read_image_file(image.locator, max_bytes=self.limits.max_bytes)

    def _find_datasets(self) -> dict[str, Path]:
        """Folders of all datasets by full path, sorted by it; links never lead back into a dataset above."""
        found: dict[str, Path] = {}
        waiting, visits = [("", self.root, identify_folder(self.root))], Counter[tuple[int, int]]()
        while waiting:
            parent, folder, above = waiting.pop()
            for entry in list_subfolders(folder):
                dataset, identity = Path(entry.path), identify_folder(entry.path)
                if _is_dataset(dataset) and not identity <= above:
                    count_visit(entry.path, visits, identity)
                    name = image_key(parent, entry.name)
                    found[name] = dataset
                    waiting.append((name, dataset / NESTED_FOLDER, above | identity))
        return dict(sorted(found.items()))

    def _list_files(self, name: str, folder: Path, *, has_annotations: bool) -> list[os.DirEntry[str]]:
        """The image files of a dataset; notes a folder that is not there, and what is passed over."""
        images, annotations = folder / IMAGES_FOLDER, folder / ANNOTATIONS_FOLDER
        entries = list_folder(images)
        files = [entry for entry in entries if is_image_name(entry.name) and not is_folder(entry)]
        for entry in entries:
            if is_folder(entry) and next(walk_images(entry.path), None) is not None:
                self.notes.add(NoteKind.IGNORED_FILE, f"{entry.path}: images in folders below {images} are not read")
        if not files and (has_annotations or not is_folder_at(images)) and _holds_images(folder):
            self.notes.add_missing_part(name, f"{images} holds no images; is its disk mounted?")
        elif files and not has_annotations:
            self.notes.add(NoteKind.NO_LABEL_FOLDER, f"{annotations} holds no annotations; is its disk mounted?")
        return files

    def _note_odd_files(self, folder: Path, unlabelled: Sequence[str], annotations: Mapping[str, str]) -> None:
        for image in unlabelled:
            self.notes.add(NoteKind.NO_LABEL_FILE, image)
        for file_name in annotations:
            path = folder / ANNOTATIONS_FOLDER / file_name
            self.notes.add(NoteKind.UNKNOWN_IMAGE, f"{path}: {folder / IMAGES_FOLDER} has no such image")

    def _annotation_path(self, image: SourceImage) -> Path:
        return Path(image.locator).parent.parent / ANNOTATIONS_FOLDER / f"{image.name}.json"

    def _read_annotation(self, image: SourceImage) -> Mapping[str, Any]:
        path = self._annotation_path(image)
        if image.annotation_stamp in _NO_FILE:
            return {}
        annotation = read_json(path)
        if not isinstance(annotation, dict) or not isinstance(annotation.get("objects", 0), list | None):
            raise AnnotationFormatError(f"{path} is no annotation: expected an object with 'objects'; export it again")
        return annotation

    def _note_broken(self, path: Path, reason: str) -> None:
        self.notes.add(NoteKind.BROKEN_ANNOTATION, f"{path}: {reason}")


def _is_dataset(folder: Path) -> bool:
    return any(is_folder_at(folder / part) for part in (IMAGES_FOLDER, ANNOTATIONS_FOLDER, NESTED_FOLDER))


def _holds_images(dataset: Path) -> bool:
    """Whether a dataset is meant to hold images: it is no mere parent of other ones."""
    return any(is_folder_at(dataset / part) for part in (IMAGES_FOLDER, ANNOTATIONS_FOLDER))


def _is_foreign(meta: Path) -> bool:
    """Whether a ``meta.json`` is sound and describes something else; a broken one is to be told, not passed over."""
    head = peek(meta, _PEEK_BYTES)
    if '"classes"' in head:
        return False
    try:
        json.loads(head)
    except (ValueError, RecursionError):
        return len(head) >= _PEEK_BYTES  # a long one that names no classes is another's
    return True
