"""Classes written into a Supervisely project folder: the label's ``classTitle``, and a new class into ``meta.json``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self
from zlib import crc32

from indexer.domain import SourceImage
from indexer.errors import AnnotationFormatError
from indexer.reviews.writers.base import WHOLE_IMAGE, Relabel, WritePlan, find_objects
from indexer.reviews.writers.json_text import JsonText, Span
from indexer.sources.files import MISSING, UNREACHABLE
from indexer.sources.supervisely_files import ANNOTATIONS_FOLDER, META_NAME, SuperviselyFilesSource

_ANY: Final = "any"
"""The shape of a class that takes every geometry."""


class SuperviselyFilesWriter:
    """Writes classes to a Supervisely project folder.

    Args:
        source: The open project.

    Attributes:
        source: The open project.
    """

    def __init__(self, source: SuperviselyFilesSource) -> None:
        self.source = source

    @classmethod
    def open(cls, path: Path, *, source_key: str) -> Self:
        """Open a project folder.

        Raises:
            SourceUnavailableError: There is no ``meta.json``.
            AnnotationFormatError: ``meta.json`` is broken.
        """
        return cls(SuperviselyFilesSource.open(path, source_key=source_key))

    def plan(self, relabels: Sequence[Relabel]) -> WritePlan:
        """Decide about every relabel; ``meta.json`` is changed first, so that no label ever names an unknown class.

        Raises:
            AnnotationFormatError: ``meta.json`` is broken.
        """
        plan, meta = WritePlan(), _Meta(self.source.root / META_NAME)
        files: dict[str, _Annotation] = {}
        for relabel in relabels:
            try:
                self._plan_one(plan, relabel, files, meta)
            except AnnotationFormatError as error:
                plan.refuse(relabel, str(error))
        texts = [meta.text, *(file.text for file in files.values())]
        plan.changes = [text.to_edit() for text in texts if text.is_changed]
        return plan

    def _plan_one(self, plan: WritePlan, relabel: Relabel, files: dict[str, _Annotation], meta: _Meta) -> None:
        image = relabel.image
        if relabel.object_key is None:
            plan.refuse(relabel, WHOLE_IMAGE)
            return
        if image is None or image.annotation_stamp in (MISSING, UNREACHABLE):
            plan.decides_to_write(relabel, class_now=None, path=None)
            return
        file = files.get(image.key) or files.setdefault(image.key, _Annotation(self.source, image))
        place = file.places.get(relabel.object_key)
        class_now = None if place is None else file.class_names[place]
        if plan.decides_to_write(relabel, class_now=class_now, path=file.text.path):
            self._write(plan, relabel, file, meta)

    def _write(self, plan: WritePlan, relabel: Relabel, file: _Annotation, meta: _Meta) -> None:
        place, wanted = file.places[relabel.object_key or ""], relabel.class_name
        given = file.class_names[place]
        if reason := meta.find_reason(wanted, given=given, shape=file.shape(place) or meta.shape(given)):
            plan.refuse(relabel, reason)
            return
        meta.add_class(wanted, like=given)
        file.set_class(place, wanted, class_id=meta.class_id(wanted))
        plan.write(relabel, file.text.path)


class _Annotation:
    """The annotation file of one image.

    Attributes:
        text: The file.
        class_names: Class of each label.
        places: Object key -> place among the labels.

    Raises:
        AnnotationFormatError: It is broken.
    """

    def __init__(self, source: SuperviselyFilesSource, image: SourceImage) -> None:
        self.text = JsonText(Path(image.locator).parent.parent / ANNOTATIONS_FOLDER / f"{image.name}.json")
        objects = source.read_objects(image)
        self.class_names, self.places = [obj.class_name for obj in objects], find_objects(objects)
        labels = self.text.members(self.text.root).get("objects")
        self._labels = [] if labels is None else [self.text.members(span) for span in self.text.elements(labels)]
        if len(self._labels) != len(objects):
            raise AnnotationFormatError(f"{self.text.path} changed while it was read; run 'lookalike index'")

    def shape(self, place: int) -> str | None:
        """The geometry type that a label states, as old files do not."""
        stated = self._labels[place].get("geometryType")
        return None if stated is None else self.text.value(stated)

    def set_class(self, place: int, class_name: str, *, class_id: Any) -> None:
        """Name another class in a label; where it also states the server's id, that of the class."""
        label = self._labels[place]
        self.text.replace(label["classTitle"], class_name)
        if "classId" in label:
            self.text.replace(label["classId"], class_id)


class _Meta:
    """The project's ``meta.json``.

    Attributes:
        text: The file.

    Raises:
        AnnotationFormatError: It is broken.
    """

    def __init__(self, path: Path) -> None:
        self.text = JsonText(path)
        members = self.text.members(self.text.root)
        if "classes" not in members:
            raise AnnotationFormatError(f"{path} has no 'classes'; export the project again")
        self._array = members["classes"]
        self._spans: dict[str, Span] = {}
        self._classes: dict[str, dict[str, Any]] = {}
        for span in self.text.elements(self._array):
            entry = self.text.value(span)
            if isinstance(entry, dict) and "title" in entry:
                self._spans[str(entry["title"])], self._classes[str(entry["title"])] = span, entry

    def shape(self, class_name: str) -> str | None:
        """The geometry type that a class takes."""
        return self._classes.get(class_name, {}).get("shape")

    def class_id(self, class_name: str) -> Any:
        """The server's id of a class, None where the project does not know it."""
        return self._classes[class_name].get("id")

    def find_reason(self, class_name: str, *, given: str, shape: str | None) -> str | None:
        """Why a label of class ``given`` and that geometry type cannot have a class; None if it can."""
        if class_name not in self._classes:
            return None if given in self._spans else f"its class '{given}' is not in {self.text.path}; add it there"
        taken = self.shape(class_name)
        if taken in (None, _ANY, shape):
            return None
        return f"class '{class_name}' takes {taken}, not {shape}; accept another class or change {self.text.path}"

    def add_class(self, class_name: str, *, like: str) -> None:
        """Add a class, if it is not there yet: a copy of another in another colour."""
        if class_name not in self._classes:
            color = f"#{crc32(class_name.encode()) & 0xFFFFFF:06X}"
            changes = {"title": class_name, "id": None, "color": color, "hotkey": "", "description": ""}
            self.text.append_copy(self._array, self._spans[like], changes)
            self._classes[class_name] = {**self._classes[like], "id": None}
