"""The contract of writers: accepted reviews in, the changes of files out. Planning writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, Self

from indexer.domain import SourceImage, SourceObject
from indexer.payload import PayloadField
from indexer.reviews.review import Review
from indexer.reviews.writers.file_changes import FileChange
from indexer.reviews.writers.server_changes import ServerChange
from indexer.sources.base import ImageSource
from indexer.sources.instances import number_keys

STALE: Final = "it changed since it was indexed; run 'lookalike index' and look again"
GONE: Final = "it is no longer in the source; run 'lookalike index'"
PATCH: Final = "write a patch file with 'lookalike reviews apply --patch FILE'"
WHOLE_IMAGE: Final = f"a whole image has no class in this format; {PATCH}"


@dataclass(frozen=True, slots=True)
class Relabel:
    """One accepted review, on its way to the source.

    Attributes:
        review: The review.
        image: Its image as the source lists it now; None if it does so no more.
        has_changed: Whether anybody but an earlier run changed image or annotation since it was indexed.
    """

    review: Review
    image: SourceImage | None
    has_changed: bool

    @property
    def class_name(self) -> str:
        """The class that the object shall have."""
        return self.review.class_name or ""

    @property
    def object_key(self) -> str | None:
        """The object; None where the whole image is meant."""
        return self.review.subject.get(PayloadField.OBJECT_KEY)


class Outcome(StrEnum):
    """Outcomes of a relabel."""

    WRITTEN = "written"
    ALREADY = "already so"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RelabelOutcome:
    """The outcome of one relabel, and where or why.

    Attributes:
        review: The review.
        outcome: What becomes of it.
        path: The file that says so, or the image on a server; None if refused.
        reason: Why it is refused; empty otherwise.
        moved_to: The id that the point gets by it, where it gets another one.
    """

    review: Review
    outcome: Outcome
    path: Path | str | None = None
    reason: str = ""
    moved_to: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The outcome as the command line prints it."""
        return {
            "review": self.review.id,
            "point_id": self.review.point_id,
            "image": self.review.subject.get(PayloadField.IMAGE_KEY),
            "object_key": self.review.subject.get(PayloadField.OBJECT_KEY),
            "from": self.review.given_class,
            "to": self.review.class_name,
            "outcome": self.outcome.value,
            "path": None if self.path is None else str(self.path),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ImageState:
    """Stamp of an image before its label changes.

    Attributes:
        source_key: Its source.
        image_key: The image.
        stamp: Its annotation's stamp.
        path: The file that is edited or moved.
    """

    source_key: str
    image_key: str
    stamp: str
    path: Path

    def to_json(self) -> dict[str, str]:
        """The state as a run's manifest has it."""
        return {"source_key": self.source_key, "image_key": self.image_key, "stamp": self.stamp, "path": str(self.path)}


@dataclass(slots=True)
class WritePlan:
    """The changes that a writer would make.

    Attributes:
        changes: Changes of files, in the order in which they must be made.
        server_changes: Objects on servers that get another class.
        outcomes: One for each relabel.
        images: The images whose labels are written.
    """

    changes: list[FileChange] = field(default_factory=list)
    server_changes: list[ServerChange] = field(default_factory=list)
    outcomes: list[RelabelOutcome] = field(default_factory=list)
    images: list[ImageState] = field(default_factory=list)

    def decides_to_write(self, relabel: Relabel, *, class_now: str | None, path: Path | None) -> bool:
        """Whether something is to be written; where not, that is noted with its reason.

        Args:
            relabel: What was accepted.
            class_now: Its class in the source; None if it is not there.
            path: The file that says so.
        """
        if class_now == relabel.class_name:
            self.outcomes.append(RelabelOutcome(relabel.review, Outcome.ALREADY, path))
        elif class_now is None:
            self.refuse(relabel, GONE)
        elif relabel.has_changed:
            self.refuse(relabel, STALE)
        else:
            return True
        return False

    def write(self, relabel: Relabel, path: Path, *, moved_to: str | None = None) -> None:
        """Note that ``path`` will hold the new class, and the id that the point gets if it is another one."""
        self.outcomes.append(RelabelOutcome(relabel.review, Outcome.WRITTEN, path, moved_to=moved_to))

    def refuse(self, relabel: Relabel, reason: str) -> None:
        """Note why nothing is written."""
        self.outcomes.append(RelabelOutcome(relabel.review, Outcome.REFUSED, reason=reason))


class LabelWriter(Protocol):
    """Writes classes to one source.

    Attributes:
        source: The source, as it is now.
    """

    source: ImageSource

    @classmethod
    def open(cls, path: Path, *, source_key: str) -> Self:
        """Open the source at ``path``.

        Raises:
            SourceError: It cannot be opened.
        """
        ...

    def plan(self, relabels: Sequence[Relabel]) -> WritePlan:
        """Decide about every relabel; an object that has its class already is left, whatever else changed.

        Raises:
            AnnotationFormatError: A file is broken.
        """
        ...


def find_objects(objects: Iterable[SourceObject]) -> dict[str, int]:
    """Object key, as points have it -> place in the source's order."""
    return {key: place for place, (key, _) in enumerate(number_keys(objects))}
