"""Report of one run: counts per outcome, and a few examples of what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from indexer.domain import SkipReason
from indexer.sources.notes import LOST_ANNOTATIONS, Note, NoteKind
from lookalike.counting import count_text

_MAX_EXAMPLES: Final = 20


@dataclass(slots=True)
class ImageCounts:
    """Source images by outcome; ``seen`` is the sum of all but ``removed``."""

    seen: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(slots=True)
class InstanceCounts:
    """Instances by outcome."""

    embedded: int = 0
    payload_updated: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: int = 0


@dataclass(slots=True)
class SyncReport:
    """The result of one run.

    Attributes:
        collection: Name of the collection written to.
        source_key: Identity of the source read.
        format: Format of the source.
        recognised_by: By what the format was recognised.
        images: Source images by outcome.
        instances: Instances by outcome.
        skipped_reasons: Why objects became no point, with counts.
        failures: The first failures as ``{"image": ..., "reason": ...}``; ``images.failed`` counts them all.
        notes: What the source declares and does not have, and what was passed over, with first examples.
        model_loaded: Whether the network was loaded.
        seconds: Wall-clock seconds of the run.
    """

    collection: str
    source_key: str
    format: str = ""
    recognised_by: str = ""
    images: ImageCounts = field(default_factory=ImageCounts)
    instances: InstanceCounts = field(default_factory=InstanceCounts)
    skipped_reasons: dict[str, int] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    notes: dict[NoteKind, Note] = field(default_factory=dict)
    model_loaded: bool = False
    seconds: float = 0.0

    @property
    def failure(self) -> str | None:
        """Why the run as a whole has failed, in one line; None if something of the source is in the collection."""
        images, instances = self.images, self.instances
        for kind in (NoteKind.SHRUNK, NoteKind.VANISHED):
            if kind in self.notes:
                return self.notes[kind].examples[0]
        if NoteKind.UNFINISHED in self.notes:
            note = self.notes[NoteKind.UNFINISHED]
            verb = "is" if note.count == 1 else "are"
            told = f"{count_text(note.count, 'upload')} {verb} not finished, the first: {note.examples[0]}"
            return f"{told}; index again when {'it is' if note.count == 1 else 'they are'}"
        if images.seen and images.failed == images.seen:
            return _describe_all_failed(images.seen, self.failures[0]["reason"])
        if not images.seen and NoteKind.MISSING_PART in self.notes:
            return f"there are no images: {self.notes[NoteKind.MISSING_PART].examples[0]}"
        if NoteKind.NO_IMAGES in self.notes:
            return self.notes[NoteKind.NO_IMAGES].examples[0]
        is_stored = instances.embedded or instances.payload_updated or instances.unchanged
        return None if is_stored else self._describe_lost_annotations()

    def _describe_lost_annotations(self) -> str | None:
        lost = [self.notes[kind] for kind in NoteKind if kind in LOST_ANNOTATIONS and kind in self.notes]
        if lost:
            return f"none of the annotations could be used; the first: {lost[0].examples[0]}"
        reasons = (reason for reason in (SkipReason.BROKEN, SkipReason.UNKNOWN_CLASS) if reason in self.skipped_reasons)
        counted = ", ".join(f"{self.skipped_reasons[reason]} with {reason}" for reason in reasons)
        return f"none of the annotations could be used: {counted}" if counted else None

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types: the fields by name, notes as a list."""
        notes = [{"kind": kind.value, **asdict(note)} for kind, note in self.notes.items()]
        return {**asdict(self), "notes": notes}

    def add_failure(self, image: str, reason: str) -> None:
        """Count one image that could not be read."""
        self.images.failed += 1
        if len(self.failures) < _MAX_EXAMPLES:
            self.failures.append({"image": image, "reason": reason})

    def add_skipped(self, reasons: Mapping[str, int]) -> None:
        """Count objects that became no point."""
        for reason, count in reasons.items():
            self.skipped_reasons[str(reason)] = self.skipped_reasons.get(str(reason), 0) + count
            self.instances.skipped += count


def _describe_all_failed(n_images: int, reason: str) -> str:
    if n_images == 1:
        return f"the only image could not be read: {reason}"
    return f"none of the {n_images:,} images could be read; the first: {reason}"
