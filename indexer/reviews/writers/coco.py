"""Classes written into COCO files: the annotation's ``category_id``, and a new class into ``categories``."""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from indexer.domain import SourceImage
from indexer.errors import AnnotationFormatError
from indexer.reviews.writers.base import STALE, WHOLE_IMAGE, Relabel, WritePlan, find_objects
from indexer.reviews.writers.category_ids import choose_id
from indexer.reviews.writers.json_text import JsonText, Span
from indexer.sources.coco import CocoSource
from indexer.sources.coco_file import CocoFile, read_categories


class _CocoSource(CocoSource):
    """A COCO source that tells from which annotations of its file the objects of an image are."""

    def file_of(self, image: SourceImage) -> CocoFile:
        """The JSON file that lists an image."""
        return self._files[image.dataset]

    def annotations_of(self, image: SourceImage) -> Sequence[Mapping[str, Any]]:
        """The annotations of an image, in the order of its objects."""
        return self._files[image.dataset].images[image.key].annotations


class CocoWriter:
    """Writes classes to COCO JSON files.

    Args:
        source: The open source.

    Attributes:
        source: The open source.
    """

    def __init__(self, source: _CocoSource) -> None:
        self.source = source

    @classmethod
    def open(cls, path: Path, *, source_key: str) -> Self:
        """Open a JSON file or a folder with such files.

        Raises:
            SourceUnavailableError: There is no COCO file.
            AnnotationFormatError: A JSON file is broken.
        """
        # Listing reads no image; one that was indexed from its URL or from outside would otherwise look changed.
        return cls(_CocoSource.open(path, source_key=source_key, allow_remote=True, allow_outside=True))

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
            file, given = self.source.file_of(image), objects[place].class_name
            if plan.decides_to_write(relabel, class_now=given, path=file.path):
                text = texts.get(image.dataset) or texts.setdefault(image.dataset, _CocoText(file))
                self._write(plan, relabel, text, self.source.annotations_of(image)[place], given)
        plan.changes = [text.json.to_edit() for text in texts.values() if text.json.is_changed]
        return plan

    def _write(
        self, plan: WritePlan, relabel: Relabel, text: _CocoText, annotation: Mapping[str, Any], given: str
    ) -> None:
        span = text.find(annotation)
        if span is None:
            plan.refuse(relabel, STALE)
            return
        text.set_category(span, text.require_category(relabel.class_name, given))
        plan.write(relabel, text.json.path)


class _CocoText:
    """The text of one COCO file.

    Args:
        file: The file as the source read it.

    Attributes:
        json: The file as it is now.

    Raises:
        AnnotationFormatError: It is no COCO file any more.
    """

    def __init__(self, file: CocoFile) -> None:
        self.json = JsonText(file.path)
        sections = self.json.members(self.json.root)
        try:
            self._array, annotations = sections["categories"], self.json.elements(sections["annotations"])
        except KeyError as error:
            raise AnnotationFormatError(f"{file.path} has no {error} any more; run 'lookalike index'") from error
        self._spans = self.json.elements(self._array)
        self._categories = [self.json.value(span) for span in self._spans]
        self._names = read_categories(self._categories)
        self._taken = [one["id"] for one in self._categories if isinstance(one, dict) and "id" in one]
        self._taken += [
            one["category_id"] for one in file.annotations if isinstance(one, dict) and "category_id" in one
        ]
        self._new_ids: dict[str, Any] = {}
        is_same = len(annotations) == len(file.annotations)
        pairs = zip(file.annotations, annotations, strict=True) if is_same else ()
        self._annotations = {id(annotation): span for annotation, span in pairs}

    def find(self, annotation: Mapping[str, Any]) -> Span | None:
        """Where an annotation that the source read stands; None if something else is there by now."""
        span = self._annotations.get(id(annotation))
        return span if span is not None and _are_alike(self.json.value(span), annotation) else None

    def require_category(self, class_name: str, like: str) -> Any:
        """The id of a category; if there is none of that name, a copy of another is added.

        Args:
            class_name: Its name.
            like: Name of the category that is copied.
        """
        place = self._find_category(class_name)
        if place is not None:
            return self._categories[place]["id"]
        if class_name not in self._new_ids:
            template = self._find_category(like)
            if template is None:
                raise AnnotationFormatError(
                    f"{self.json.path} has no category '{like}' any more; run 'lookalike index'"
                )
            new_id = choose_id(self._categories[template]["id"], self._taken, class_name)
            self.json.append_copy(self._array, self._spans[template], {"id": new_id, "name": class_name})
            self._taken.append(new_id)
            self._new_ids[class_name] = new_id
        return self._new_ids[class_name]

    def _find_category(self, class_name: str) -> int | None:
        """The place of a category whose id stands for that class and no other."""
        for place, category in enumerate(self._categories):
            is_named_so = isinstance(category, dict) and str(category.get("name")) == class_name
            if is_named_so and self._names.find(category.get("id")) == class_name:
                return place
        return None

    def set_category(self, annotation: Span, category_id: Any) -> None:
        """Give an annotation another category."""
        self.json.replace(self.json.members(annotation)["category_id"], category_id)


def _are_alike(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, types and NaN included; not if they are nested too deep to be told."""
    try:
        return marshal.dumps(one, 2) == marshal.dumps(other, 2)
    except ValueError:
        return False
