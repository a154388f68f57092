"""The wire models of groups of points and of reviews. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas import BoxModel, ClassName, PointId, WireModel


class PointBrief(WireModel):
    """A point in brief, as members of groups are shown."""

    id: str
    dataset: str | None
    image_name: str | None
    object_key: str | None
    box: BoxModel | None
    class_name: str | None


class ClusterModel(WireModel):
    """A cluster of similar points."""

    cluster: int
    name: str
    size: int
    dominant_class: str | None
    purity: float = Field(description="the dominant class's share of the labelled points, 0 to 1")
    examples: list[PointBrief] = Field(description="most typical first")


class DuplicateGroup(WireModel):
    """Points that look the same."""

    size: int
    lowest_similarity: float = Field(description="cosine of the weakest link that holds the group together")
    is_exact: bool
    has_class_conflict: bool
    is_leak: bool = Field(description="members lie in several datasets, such as train and val")
    points: list[PointBrief] = Field(description="at most 100")


class OutlierModel(PointBrief):
    """A point unlike all others."""

    score: float = Field(description="rank-based, 0 to 1, 1 = strangest")
    reason: str


class ConfusionCell(WireModel):
    """Points of one given class whose neighbors have mostly one other."""

    given: str
    neighborhood: str
    count: int
    ids: list[str] = Field(description="empty where both classes are the same")


class Confusion(WireModel):
    """Given class against the class of the neighborhood; cells without points are left out."""

    classes: list[str]
    cells: list[ConfusionCell]


class PickModel(PointBrief):
    """A picked point."""

    stands_for: int | None = Field(default=None, description="points that it represents; null for diverse picks")


class CheckModel(WireModel):
    """One limit and what was found."""

    name: str
    outcome: Literal["holds", "exceeded", "cannot tell"]
    n_found: int
    n_points: int
    limit: str
    why: str
    examples: list[str] = Field(description="the first findings in words; the copies of a group are joined by ' = '")


class ClearSuspects(WireModel):
    """When a suspect counts for the check: where both scores speak clearly against its class."""

    ridge_margin: float
    relative_distance: float
    precision: str = Field(description="what was measured about suspects above both")


class ClearCopies(WireModel):
    """When objects count as copies for the check."""

    similarity: float
    precision: str = Field(description="what was measured about pairs above it")


class CheckReport(WireModel):
    """Whether a collection holds its limits, as ``lookalike check --json`` prints it."""

    outcome: Literal["holds", "exceeded", "cannot tell"]
    exit_code: int
    why: str = Field(default="", description="why nothing could be checked, else empty")
    checks: list[CheckModel]
    clear_suspects: ClearSuspects
    clear_copies: ClearCopies


class ReviewRequest(WireModel):
    """What a person says about some points."""

    ids: list[PointId] = Field(min_length=1, max_length=10_000)
    verdict: Literal["accept", "dismiss", "skip"]
    who: str = Field(min_length=1, max_length=200)
    class_name: ClassName | None = Field(
        default=None, description="with accept: the right class; the suggested one if null"
    )
    allows_new_class: bool = False
    is_one_entry: bool = Field(default=False, description="the points are a group: taking one back takes all back")
    note: str | None = Field(default=None, max_length=10_000)
    given_class: ClassName | None = Field(
        default=None,
        description="the class that was shown, null for none; if sent, a point with another class or somebody else's "
        "verdict is refused (409)",
    )
    seen_review: str | None = Field(
        default=None, max_length=200, description="with given_class: id of the review that was shown, null for none"
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
    verdict: Literal["accept", "dismiss", "skip"]
    who: str
    at: datetime
    class_name: str | None
    given_class: str | None = Field(description="the class that the point had when it was judged")
    note: str | None
    entry: str | None = Field(default=None, description="equal for reviews of one group, which are taken back together")


class UndoRequest(WireModel):
    """Take a review back."""

    who: str = Field(min_length=1, max_length=200)
    review_id: str | None = Field(default=None, max_length=200, description="the last that stands if null")
    idempotency_key: str | None = Field(
        default=None, min_length=8, max_length=200, description="the same key again takes nothing more back"
    )


class UndoneReview(WireModel):
    """What an undo took back, and what stands now."""

    undone: ReviewModel
    standing: ReviewModel | None


class LoggedReview(ReviewModel):
    """A review as the log has it."""

    stands: bool = Field(description="false where it was taken back or replaced, or where its point changed or is gone")
    run: str | None = Field(description="the run that wrote it to its source, if that was not restored")


class ApplyRequest(WireModel):
    """Write accepted classes to the sources."""

    who: str = Field(min_length=1, max_length=200)
    dry_run: bool = Field(default=False, description="only tell what would be written")


class ChangedFile(WireModel):
    """A file that a run changes."""

    path: str
    target: str | None = Field(description="where it moves; null if its content changes")


class RelabelModel(WireModel):
    """What became of an accepted review, and where or why."""

    review_id: str
    point_id: str
    image_key: str
    object_key: str | None
    given_class: str | None
    class_name: str
    outcome: Literal["written", "already so", "refused"]
    path: str | None = Field(description="the file that says so; null if refused")
    reason: str = Field(description="why it is refused; empty otherwise")


class AppliedReviews(WireModel):
    """What writing accepted classes to the sources did, or would do."""

    run: str | None = Field(description="name to restore it by; null for a dry run or where nothing was to do")
    n_written: int
    n_already: int
    n_refused: int
    files: list[ChangedFile]
    outcomes: list[RelabelModel]


class RestoreRequest(WireModel):
    """Give the files that a run changed their very bytes back."""

    run: str = Field(min_length=1, max_length=200)
    who: str = Field(min_length=1, max_length=200)


class KeptFile(WireModel):
    """A file that a restore left as it is."""

    path: str
    reason: str


class RestoredFiles(WireModel):
    """What a restore did."""

    paths: list[str] = Field(description="files that are again what they were before the run")
    kept: list[KeptFile]
