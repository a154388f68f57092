"""Notes of a source: what it declares and does not have, and what it passed over, counted with first examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Final

from lookalike.visible_text import show_controls

MAX_EXAMPLES: Final = 5


class NoteKind(StrEnum):
    """Kinds of notes, in words that stand after a count."""

    MISSING_PART = "declared but not there"
    NO_IMAGES = "sources without images"
    BROKEN_FILE = "annotation files that cannot be read"
    UNKNOWN_IMAGE = "annotations of images that the source does not have"
    NO_OBJECTS = "annotation files that tell of no objects"
    NO_LABEL_FILE = "images without a label file"
    NO_LABEL_FOLDER = "folders of label files that are not there or empty"
    NO_CLASS_NAMES = "data sets without names of classes, which are called by their index"
    BROKEN_ANNOTATION = "annotations that cannot be used"
    OTHER_SPELLING = "images found under another spelling of their name"
    BY_FILE_NAME = "images of another machine's paths, found by the end of their path"
    IGNORED_FILE = "files passed over"
    KEPT = "images kept, as the part of the source that may hold them is not there"
    UNFINISHED = "images whose upload is not finished"
    VANISHED = "images kept, as their dataset is not there"
    OTHER_SOURCES = "other sources in the same collection, shown with this one; --collection NAME keeps them apart"
    SHRUNK = "images kept, as the source lists fewer than half of those that are known"


LOST_ANNOTATIONS: Final = frozenset((NoteKind.UNKNOWN_IMAGE, NoteKind.BROKEN_FILE, NoteKind.NO_LABEL_FOLDER))
"""Kinds that mean that annotations were not used; a run that uses none at all has failed."""


@dataclass(slots=True)
class Note:
    """Number of times that something was noted, with the first examples."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class SourceNotes:
    """Collects notes while a source is opened, listed and read; safe for several threads.

    Listing an image twice notes twice: a source is opened anew for each run.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._notes: dict[NoteKind, Note] = {}
        self._incomplete: set[str] = set()

    def add(self, kind: NoteKind, example: str, *, count: int = 1) -> None:
        """Count something, and keep ``example`` if it is among the first.

        Args:
            kind: What it is.
            example: One line for people: which file, which name, why.
            count: How many things the example stands for.
        """
        with self._lock:
            note = self._notes.setdefault(kind, Note())
            note.count += count
            if len(note.examples) < MAX_EXAMPLES:
                note.examples.append(show_controls(example))

    def mark_incomplete(self, dataset: str) -> None:
        """Say that a dataset cannot be listed whole, so that nothing of it is removed from the collection."""
        with self._lock:
            self._incomplete.add(dataset)

    def add_missing_part(self, dataset: str, example: str) -> None:
        """Note a folder, split or list file that is declared but not there; nothing of its dataset is removed."""
        self.add(NoteKind.MISSING_PART, example)
        self.mark_incomplete(dataset)

    def is_incomplete(self, dataset: str) -> bool:
        """Whether a dataset, or one that it is nested in, was not listed whole."""
        with self._lock:
            return any(not one or dataset == one or dataset.startswith(f"{one}/") for one in self._incomplete)

    def collected(self) -> Mapping[NoteKind, Note]:
        """The notes so far, by kind."""
        with self._lock:
            return {kind: Note(note.count, list(note.examples)) for kind, note in self._notes.items()}
