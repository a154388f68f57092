"""COCO instances: one JSON file a dataset, images found beside it.

Understood layouts: a JSON file; ``annotations/instances_<dataset>.json`` (the original, CVAT, Datumaro);
``<dataset>/_annotations.coco.json`` (Roboflow); ``labels.json`` or ``result.json`` with ``data/`` or ``images/``
(FiftyOne, Label Studio). Format: https://cocodataset.org/#format-data
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Self

from indexer.domain import InstanceMode, SkipReason, SourceImage, SourceObject
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.sources import geometry
from indexer.sources.base import Recognised, image_key, select_datasets
from indexer.sources.coco_layout import ImageFinder, find_files
from indexer.sources.files import MISSING, read_image_file, read_json
from indexer.sources.geometry import Geometry, box_key
from indexer.sources.notes import SourceNotes
from indexer.sources.remote import fetch
from indexer.sources.run_lengths import decode_runs


@dataclass(slots=True)
class _Entry:
    """One image of a JSON file with its annotations."""

    facts: Mapping[str, Any]
    path: str
    annotations: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _CocoFile:
    """One JSON file, grouped by image.

    Attributes:
        path: The file.
        categories: Category id -> class name.
        entries: Image key -> image.
    """

    path: Path
    categories: Mapping[Any, str]
    entries: Mapping[str, _Entry]


class CocoSource:
    """Images and objects of COCO JSON files.

    Args:
        root: The JSON file or the folder it was found in.
        key: Identity of the source.
        files: JSON file by dataset name.
        allow_remote: Whether an image that is not on disk is read from its ``coco_url`` or ``flickr_url``.
        include_crowd: Whether annotations with ``iscrowd`` are objects like all others.
    """

    expects: ClassVar[str] = "a COCO JSON file, or a folder with annotations/*.json or */_annotations.coco.json"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("coco")

    def __init__(
        self,
        root: Path,
        key: str,
        files: Mapping[str, Path],
        *,
        allow_remote: bool = False,
        include_crowd: bool = False,
    ) -> None:
        self.key, self.project = key, root.stem if root.is_file() else root.name
        self.notes = SourceNotes()
        self._allow_remote, self._include_crowd = allow_remote, include_crowd
        self._files = {dataset: _load(path, dataset) for dataset, path in sorted(files.items())}

    @classmethod
    def recognises(cls, path: Path) -> str | None:
        """A JSON file, or a folder in one of the layouts above."""
        files = find_files(path)
        return ", ".join(file.name for file in files.values()) or None

    @classmethod
    def open(
        cls, path: Path, *, source_key: str | None = None, allow_remote: bool = False, include_crowd: bool = False
    ) -> Self:
        """Open and read all JSON files.

        Raises:
            SourceUnavailableError: There is no COCO file.
            AnnotationFormatError: A JSON file is broken.
        """
        root, files = path.resolve(), find_files(path)
        if not files:
            raise SourceUnavailableError(f"{path} is no COCO data set; expected {cls.expects}")
        return cls(root, source_key or str(root), files, allow_remote=allow_remote, include_crowd=include_crowd)

    def dataset_names(self) -> Sequence[str]:
        """Names of the JSON files without ``instances_``, sorted."""
        return list(self._files)

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield images in the order of the JSON files, also those whose file is missing.

        Raises:
            UnknownNameError: A dataset does not exist.
        """
        for dataset in select_datasets(datasets, self.dataset_names()):
            file = self._files[dataset]
            finder = ImageFinder(file.path, dataset)
            for key, entry in file.entries.items():
                locator, pixels_stamp = finder.find(entry.path)
                url = _url(entry.facts)
                if pixels_stamp == MISSING and self._allow_remote and url:
                    locator, pixels_stamp = url, url
                yield SourceImage(
                    key=key,
                    name=PurePosixPath(entry.path).name,
                    dataset=dataset,
                    locator=locator,
                    pixels_stamp=pixels_stamp,
                    annotation_stamp=_hash(entry, file.categories),
                    size_hw=_size_hw(entry.facts),
                )

    def count_images(self, datasets: Sequence[str] | None = None) -> int | None:
        """How many images the JSON files list."""
        return sum(len(self._files[name].entries) for name in select_datasets(datasets, self.dataset_names()))

    def describe(self, image: SourceImage) -> SourceImage:
        """The image as it is: listing has told everything."""
        return image

    def read_objects(self, image: SourceImage) -> Sequence[SourceObject]:
        """The annotations of one image.

        Raises:
            AnnotationFormatError: An annotation is broken; the message says which.
        """
        file = self._files[image.dataset]
        objects = []
        for annotation in file.entries[image.key].annotations:
            try:
                objects.append(self._make_object(annotation, file.categories))
            except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
                which = f"annotation {annotation.get('id')} of {image.name}"
                message = f"{file.path}: {which} is broken ({type(error).__name__}: {error}); correct it"
                raise AnnotationFormatError(message) from error
        return objects

    def read_bytes(self, image: SourceImage) -> bytes:
        """Read the image file, or with ``allow_remote`` its URL.

        Raises:
            ImageReadError: The image is missing or cannot be read.
        """
        if image.pixels_stamp == image.locator:
            return fetch(image.locator)
        try:
            return read_image_file(image.locator)
        except ImageReadError as error:
            url = _url(self._files[image.dataset].entries[image.key].facts)
            if url is None or self._allow_remote:
                raise
            raise ImageReadError(f"{error}; it has a URL, which is read only with the option allow_remote") from error

    def _make_object(self, annotation: Mapping[str, Any], categories: Mapping[Any, str]) -> SourceObject:
        category = annotation["category_id"]
        if category not in categories:
            raise ValueError(f"category {category} is not in 'categories'")
        parsed = _parse_geometry(annotation)
        is_crowd = bool(annotation.get("iscrowd")) and not self._include_crowd
        return SourceObject(
            key=box_key(parsed.box),
            class_name=categories[category],
            geometry=parsed.name,
            box=parsed.box,
            shape=parsed.shape,
            skip_reason=SkipReason.CROWD if is_crowd else parsed.skip_reason,
        )


def _load(path: Path, dataset: str) -> _CocoFile:
    content = read_json(path)
    try:
        categories = {category["id"]: str(category["name"]) for category in content["categories"]}
        entries: dict[str, _Entry] = {}
        by_id: dict[Any, _Entry] = {}
        for facts in content["images"]:
            file_name = str(facts["file_name"]).replace("\\", "/")
            key = image_key(dataset, _path_in_dataset(file_name, dataset))
            by_id[facts["id"]] = entries.setdefault(key, _Entry(facts, file_name))
        for annotation in content.get("annotations", ()):
            if annotation["image_id"] in by_id:
                by_id[annotation["image_id"]].annotations.append(annotation)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"{path} is no COCO file: {type(error).__name__}: {error}"
        raise AnnotationFormatError(f"{message}; expected 'images', 'annotations' and 'categories'") from error
    return _CocoFile(path, categories, entries)


def _path_in_dataset(file_name: str, dataset: str) -> str:
    """``file_name`` without the folders that an exporter puts before it."""
    path = file_name.lstrip("/").removeprefix("./").removeprefix("images/")
    return path.removeprefix(f"{dataset}/") if dataset else path


def _size_hw(facts: Mapping[str, Any]) -> tuple[int, int] | None:
    height, width = facts.get("height"), facts.get("width")
    return (int(height), int(width)) if height and width else None


def _url(facts: Mapping[str, Any]) -> str | None:
    return facts.get("coco_url") or facts.get("flickr_url")


def _hash(entry: _Entry, categories: Mapping[Any, str]) -> str:
    """Stamp of an image's annotations; a renamed category changes it too."""
    names = [categories.get(annotation.get("category_id")) for annotation in entry.annotations]
    facts = (entry.facts.get("height"), entry.facts.get("width"), entry.annotations, names)
    # Version 2 is the last that writes equal values as equal bytes; four times as fast as JSON.
    return blake2b(marshal.dumps(facts, 2), digest_size=8).hexdigest()


def _parse_geometry(annotation: Mapping[str, Any]) -> Geometry:
    """Box from ``bbox`` where there is one, else around the segmentation or the visible keypoints."""
    shaped = _parse_shape(annotation)
    if "bbox" not in annotation:
        return shaped or geometry.skipped("unknown", SkipReason.UNKNOWN_GEOMETRY)
    left, top, width, height = annotation["bbox"]
    boxed = geometry.rectangle(left, top, left + width, top + height)
    return boxed if shaped is None or shaped.skip_reason else shaped._replace(box=boxed.box)


def _parse_shape(annotation: Mapping[str, Any]) -> Geometry | None:
    segmentation, nodes = annotation.get("segmentation"), annotation.get("keypoints")
    if isinstance(segmentation, Mapping):
        return _run_lengths(segmentation)
    if segmentation:
        return geometry.polygons([_pairs(ring) for ring in segmentation])
    if nodes:
        visible = [[x, y] for x, y, v in zip(nodes[::3], nodes[1::3], nodes[2::3], strict=True) if v > 0]
        return geometry.keypoints(visible) if visible else None
    return None


def _run_lengths(segmentation: Mapping[str, Any]) -> Geometry:
    counts, size_hw = segmentation["counts"], segmentation["size"]
    try:
        pixels = decode_runs(counts, size_hw)
    except (ValueError, OverflowError):
        return geometry.skipped("bitmap", SkipReason.UNREADABLE_MASK)
    return geometry.mask(pixels, (0, 0))


def _pairs(flat: Sequence[float]) -> list[list[float]]:
    """``[x1, y1, x2, y2, ...]`` as corners."""
    return [[x, y] for x, y in zip(flat[::2], flat[1::2], strict=True)]
