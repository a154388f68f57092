"""Verdicts of people, and what is written to the sources. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from lookalike.wire.base import ClassName, IdempotencyKey, IdInPath, RequestModel, WireModel
from lookalike.wire.names import ApplyOutcome, Verdict
from lookalike.wire.paths import AnyPath, ServerPath


class SeenPoint(RequestModel):
    """A point as a page showed it to the person who judges it."""

    id: IdInPath
    class_name: str | None = Field(default=None, max_length=1000, description="the class that was shown")
    review: str | None = Field(default=None, max_length=200, description="id of the review that was shown")


class ReviewRequest(RequestModel):
    """A person's decision on some points."""

    ids: list[IdInPath] = Field(min_length=1, max_length=10_000)
    verdict: Verdict
    who: str = Field(min_length=1, max_length=200)
    class_name: ClassName | None = Field(
        default=None, description="with accept: the right class; the suggested one if null"
    )
    allows_new_class: bool = False
    is_one_entry: bool = Field(default=False, description="the points are a group: taking one back takes all back")
    note: str | None = Field(default=None, max_length=10_000)
    seen: list[SeenPoint] = Field(
        default_factory=list,
        max_length=10_000,
        description="the points as they were shown; one with another class or somebody else's verdict by now has all "
        "refused (409). A point that is not among them is not compared",
    )
    idempotency_key: str | None = Field(
        default=None,
        min_length=8,
        max_length=200,
        description="the same key again answers the same reviews and records nothing, also after a restart",
    )


class ReviewModel(WireModel):
    """A person's verdict on a point."""

    id: str
    point_id: str
    verdict: Verdict
    who: str
    at: datetime
    class_name: str | None
    given_class: str | None = Field(description="the class that the point had when it was judged")
    note: str | None
    entry: str | None = Field(default=None, description="equal for reviews of one group, which are taken back together")
    subject: dict[str, Any] = Field(default_factory=dict, description="the point as it was judged, by payload field")
    replaces: str | None = Field(default=None, description="id of the review of the point that stood before")


class ReviewPage(WireModel):
    """Some of the reviews that stand, newest first."""

    reviews: list[ReviewModel]
    total: int
    next_offset: int | None = Field(description="offset of the next page, null on the last")


class UndoRequest(RequestModel):
    """Take a review back."""

    who: str = Field(min_length=1, max_length=200)
    review_id: str | None = Field(default=None, max_length=200, description="the last that stands if null")
    idempotency_key: str | None = Field(
        default=None, min_length=8, max_length=200, description="the same key again takes nothing more back"
    )


class UndoneReview(WireModel):
    """The review that an undo took back, and the one that stands now."""

    undone: ReviewModel
    standing: ReviewModel | None


class LoggedReview(ReviewModel):
    """A review as the log has it."""

    stands: bool = Field(description="false where it was taken back or replaced, or where its point changed or is gone")
    run: str | None = Field(description="the run that wrote it to its source, if that was not restored")


class ReviewLogPage(WireModel):
    """Some reviews of the log, newest first."""

    reviews: list[LoggedReview]
    total: int
    next_offset: int | None = Field(description="offset of the next page, null on the last")


class ApplyRequest(RequestModel):
    """Write accepted classes to the sources."""

    who: str = Field(min_length=1, max_length=200)
    dry_run: bool = Field(default=False, description="only tell what would be written")
    path: ServerPath | None = Field(default=None, description="the source; every source whose key is its path if null")
    source_key: str | None = Field(default=None, max_length=4096, description="identity of the source at path")
    source_format: str | None = Field(default=None, max_length=100, description="its format, if not recognised")
    patch: ServerPath | None = Field(default=None, description="file to write instead, leaving the sources alone")
    idempotency_key: IdempotencyKey | None = Field(
        default=None, description="the same key again gives the same run, as long as the server runs"
    )


class ChangedFile(WireModel):
    """A file that a run changes."""

    path: AnyPath
    target: AnyPath | None = Field(description="where it moves; null if its content changes")
    image: str | None = Field(default=None, description="the image as people name it, on a server; null for a file")


class RelabelModel(WireModel):
    """The outcome of applying an accepted review, and where or why."""

    review_id: str
    point_id: str
    image: str = Field(description="the image as people name it: data set and name")
    image_key: str
    object_key: str | None
    given_class: str | None
    class_name: str
    outcome: ApplyOutcome
    path: AnyPath | None = Field(description="the file that says so; null if refused")
    reason: str = Field(description="why it is refused; empty otherwise")


class RefusedImage(WireModel):
    """An image with an object that cannot have its class."""

    image: str
    reason: str


class AppliedReviews(WireModel):
    """The changes that writing accepted classes to the sources made, or would make."""

    run: str | None = Field(description="name to restore it by; null for a dry run or where nothing was to do")
    patch: AnyPath | None = Field(default=None, description="the file that was written instead")
    n_written: int
    n_already: int
    n_refused: int
    files: list[ChangedFile]
    outcomes: list[RelabelModel]
    failures: list[RefusedImage] = Field(default_factory=list, description="the first that are refused, for people")


class RestoreRequest(RequestModel):
    """Give the files that a run changed their very bytes back."""

    run: str = Field(min_length=1, max_length=200)
    who: str = Field(min_length=1, max_length=200)
    idempotency_key: IdempotencyKey | None = Field(
        default=None, description="the same key again gives the same run, as long as the server runs"
    )


class KeptFile(WireModel):
    """A file that a restore left as it is."""

    path: AnyPath
    image: str | None = Field(default=None, description="the image as people name it, on a server; null for a file")
    reason: str


class RestoredFiles(WireModel):
    """The changes that a restore made."""

    paths: list[AnyPath] = Field(description="files that are again what they were before the run")
    kept: list[KeptFile]
