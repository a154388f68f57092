"""Classes written into COCO files: the annotation's ``category_id``, and a new class into ``categories``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from indexer.domain import SourceImage
from indexer.sources.coco import CocoSource
from indexer.sources.coco_layout import find_files
from indexer.writers.base import WHOLE_IMAGE, Relabel, WritePlan, find_objects
from indexer.writers.json_text import JsonText, Span


class _CocoSource(CocoSource):
    """A COCO source that tells which annotations of its file an image has."""

    def image_ids(self, image: SourceImage) -> set[Any]:
        """The ids of an image in its file; several where the file lists it several times."""
        return {annotation["image_id"] for annotation in self._files[image.dataset].entries[image.key].annotations}


class CocoWriter:
    """Writes classes to COCO JSON files.

    Args:
        source: The open source.
        files: JSON file by dataset name.

    Attributes:
        source: The open source.
    """

    def __init__(self, source: _CocoSource, files: Mapping[str, Path]) -> None:
        self.source, self._files = source, files

    @classmethod
    def open(cls, path: Path, *, source_key: str) -> Self:
        """Open a JSON file or a folder with such files.

        Raises:
            SourceUnavailableError: There is no COCO file.
            AnnotationFormatError: A JSON file is broken.
        """
        # Listing reads nothing remote; an image indexed from its URL would otherwise look changed.
        return cls(_CocoSource.open(path, source_key=source_key, allow_remote=True), find_files(path))

    def plan(self, relabels: Sequence[Relabel]) -> WritePlan:
        """Decide about every relabel.

        Raises:
            AnnotationFormatError: A JSON file is broken.
        """
        plan = WritePlan()
        texts: dict[str, _CocoText] = {}
        for relabel in relabels:
            if relabel.object_key is None:
                plan.refuse(relabel, WHOLE_IMAGE)
                continue
            image = relabel.image
            objects = [] if image is None else self.source.read_objects(image)
            place = find_objects(objects).get(relabel.object_key)
            if image is None or place is None:
                plan.decides_to_write(relabel, class_now=None, path=None)
                continue
            text = texts.get(image.dataset) or texts.setdefault(image.dataset, _CocoText(self._files[image.dataset]))
            given = objects[place].class_name
            if plan.decides_to_write(relabel, class_now=given, path=text.json.path):
                text.set_category(self.source.image_ids(image), place, text.require_category(relabel.class_name, given))
                plan.write(relabel, text.json.path)
        plan.changes = [text.json.to_edit() for text in texts.values() if text.json.is_changed]
        return plan


class _CocoText:
    """One COCO file.

    Attributes:
        json: The file.
    """

    def __init__(self, path: Path) -> None:
        self.json = JsonText(path)
        sections = self.json.members(self.json.root)
        self._array, self._templates = sections["categories"], dict[str, Span]()
        self._ids: dict[str, Any] = {}
        for span in self.json.elements(self._array):
            category = self.json.value(span)
            self._ids.setdefault(str(category["name"]), category["id"])
            self._templates.setdefault(str(category["name"]), span)
        self._annotations: dict[Any, list[Span]] = {}
        for span in self.json.elements(sections["annotations"]):
            self._annotations.setdefault(self.json.value(span)["image_id"], []).append(span)

    def require_category(self, class_name: str, like: str) -> Any:
        """The id of a category; where there is none of that name, a copy of another is added."""
        if class_name not in self._ids:
            self._ids[class_name] = 1 + max(number for number in self._ids.values() if isinstance(number, int))
            changes = {"id": self._ids[class_name], "name": class_name}
            self.json.append_copy(self._array, self._templates[like], changes)
        return self._ids[class_name]

    def set_category(self, image_ids: set[Any], place: int, category_id: Any) -> None:
        """Give the annotation at a place among those of an image another category."""
        spans = sorted(span for image_id in image_ids for span in self._annotations[image_id])
        self.json.replace(self.json.members(spans[place])["category_id"], category_id)
