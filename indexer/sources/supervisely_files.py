"""A Supervisely project folder, as the platform exports it and its SDK writes it.

    project/meta.json
    project/<dataset>/img/<name>            image
    project/<dataset>/ann/<name>.json       its annotation
    project/<dataset>/datasets/<child>/...  nested dataset, named "<dataset>/<child>"

Read without the SDK: its reader leaves a whole dataset out where one annotation is missing, and is 23 times slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from indexer.domain import InstanceMode, SourceImage, SourceObject
from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.files import (
    MISSING,
    list_folder,
    list_images,
    list_subfolders,
    read_image_file,
    read_json,
    stamp_entry,
)
from indexer.sources.geometry import box_key
from indexer.sources.notes import SourceNotes
from indexer.sources.supervisely_geometry import parse_geometry

META_NAME: Final = "meta.json"
IMAGES_FOLDER: Final = "img"
ANNOTATIONS_FOLDER: Final = "ann"
NESTED_FOLDER: Final = "datasets"


class SuperviselyFilesSource:
    """Images and objects of a Supervisely project folder.

    An image without an annotation file is an image without objects; an annotation without an image is ignored.

    Args:
        root: The folder with ``meta.json``.
        key: Identity of the source.
        meta: Contents of ``meta.json``.
    """

    expects: ClassVar[str] = f"a Supervisely project folder with {META_NAME}"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("supervisely")

    def __init__(self, root: Path, key: str, meta: Mapping[str, Any]) -> None:
        self.root, self.key, self.project = root, key, root.name
        self.notes = SourceNotes()
        self._class_shapes = {entry["title"]: entry.get("shape") for entry in meta["classes"]}

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A folder with a ``meta.json``."""
        return META_NAME if (path / META_NAME).is_file() else None

    @classmethod
    def open(cls, path: Path, *, source_key: str | None = None) -> Self:
        """Open a project folder; one without datasets is an empty source.

        Raises:
            SourceUnavailableError: There is no ``meta.json``.
            AnnotationFormatError: ``meta.json`` is broken.
        """
        meta_path = path / META_NAME
        if not meta_path.is_file():
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
            annotations = {entry.name: stamp_entry(entry) for entry in list_folder(folders[name] / ANNOTATIONS_FOLDER)}
            for entry in list_images(folders[name] / IMAGES_FOLDER):
                yield SourceImage(
                    key=image_key(name, entry.name),
                    name=entry.name,
                    dataset=name,
                    locator=entry.path,
                    pixels_stamp=stamp_entry(entry),
                    annotation_stamp=annotations.get(f"{entry.name}.json", MISSING),
                )

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """How many images there are; lists folders, but no file's facts."""
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
        try:
            size = annotation["size"]
            return replace(image, size_hw=(int(size["height"]), int(size["width"])), tags=_tags(annotation))
        except (KeyError, TypeError, ValueError) as error:
            raise _format_error(self._annotation_path(image), "size", error) from error

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """Read the labels of one image; an object's key is its id on the server, or its box where it has none.

        Raises:
            AnnotationFormatError: The annotation is broken.
        """
        objects = []
        labels = self._read_annotation(image).get("objects") or ()
        for position, label in enumerate(labels):
            try:
                objects.append(self._make_object(label))
            except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
                raise _format_error(self._annotation_path(image), f"objects[{position}]", error) from error
        return objects

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file.

        Raises:
            ImageReadError: The file is missing or cannot be read.
        """
        return read_image_file(image.locator)

    def _find_datasets(self) -> dict[str, Path]:
        """Folders of all datasets by full path, sorted by it."""
        found: dict[str, Path] = {}
        waiting = [("", self.root)]
        while waiting:
            parent, folder = waiting.pop()
            for entry in list_subfolders(folder):
                dataset = Path(entry.path)
                if any((dataset / part).is_dir() for part in (IMAGES_FOLDER, ANNOTATIONS_FOLDER, NESTED_FOLDER)):
                    name = image_key(parent, entry.name)
                    found[name] = dataset
                    waiting.append((name, dataset / NESTED_FOLDER))
        return dict(sorted(found.items()))

    def _annotation_path(self, image: SourceImage) -> Path:
        return Path(image.locator).parent.parent / ANNOTATIONS_FOLDER / f"{image.name}.json"

    def _read_annotation(self, image: SourceImage) -> Mapping[str, Any]:
        path = self._annotation_path(image)
        if image.annotation_stamp == MISSING:
            return {}
        annotation = read_json(path)
        if not isinstance(annotation, dict):
            raise AnnotationFormatError(f"{path} is no annotation: expected an object with 'objects'; export it again")
        return annotation

    def _make_object(self, label: Mapping[str, Any]) -> SourceObject:
        class_name = str(label["classTitle"])
        geometry = parse_geometry(label, class_shape=self._class_shapes.get(class_name))
        return SourceObject(
            key=str(label["id"]) if label.get("id") is not None else box_key(geometry.box),
            class_name=class_name,
            geometry=geometry.name,
            box=geometry.box,
            tags=_tags(label),
            updated_at=_time(label.get("updatedAt")),
            annotated_by=label.get("labelerLogin"),
            shape=geometry.shape,
            skip_reason=geometry.skip_reason,
        )


def _tags(owner: Mapping[str, Any]) -> tuple[str, ...]:
    """Tags of an image or an object as sorted texts, ``name`` or ``name=value``."""
    tags = owner.get("tags") or ()
    texts = (tag["name"] if tag.get("value") in (None, "") else f"{tag['name']}={tag['value']}" for tag in tags)
    return tuple(sorted(texts))


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _format_error(path: Path, place: str, error: Exception) -> AnnotationFormatError:
    cause = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return AnnotationFormatError(f"{path} is broken at {place} ({cause}); correct it or export it again")
