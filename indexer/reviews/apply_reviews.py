"""Accepted reviews written to their sources, and such a run taken back.

A run's backup lies beside the log, ``applied/RUN/``. It is made first, then the log is told, then files change one by
one. Whatever a kill leaves can be applied again or taken back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from indexer.errors import ConfigurationError, SourceError, SourceUnavailableError, UnknownNameError
from indexer.payload import PayloadField
from indexer.reviews.log import ReviewLog
from indexer.reviews.own_writes import IMAGES, OwnWrites
from indexer.reviews.review import ReviewVerdict, read_reviews
from indexer.reviews.server_runs import OBJECTS, RunResult, ServerRun, find_unfinished
from indexer.reviews.writers.base import Outcome, RelabelOutcome
from indexer.reviews.writers.file_changes import (
    MANIFEST,
    FileChange,
    FileMove,
    Restored,
    back_up,
    make_changes,
    undo_changes,
)
from indexer.reviews.writers.patch_file import write_patch
from indexer.reviews.writers.planning import SourcePlace, plan_writes
from indexer.reviews.writers.server_changes import ServerChange
from indexer.stores.base import Collection

Others = Callable[[], Iterable[Collection]]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """Where accepted classes are written, and whether.

    Attributes:
        place: Where the source is, if its key does not tell.
        patch: File to write instead, leaving the sources alone.
        is_dry_run: Whether nothing is written, only told.
    """

    place: SourcePlace = field(default_factory=SourcePlace)
    patch: Path | None = None
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """The changes that writing accepted reviews to their sources made, or would make.

    Attributes:
        outcomes: One for each review.
        changes: Files that were changed, in order.
        objects: Objects on servers that got another class.
        run: Name to undo it by; None for a dry run, a patch file, or where nothing was to do.
        patch: The patch file that was written instead.
    """

    outcomes: list[RelabelOutcome] = field(default_factory=list)
    changes: list[FileChange] = field(default_factory=list)
    objects: list[ServerChange] = field(default_factory=list)
    run: str | None = None
    patch: Path | None = None

    @property
    def counts(self) -> dict[Outcome, int]:
        """Count the reviews with each outcome."""
        return {outcome: sum(one.outcome is outcome for one in self.outcomes) for outcome in Outcome}

    @property
    def has_failed(self) -> bool:
        """Whether there was something to write and all of it was refused."""
        return bool(self.outcomes) and self.counts[Outcome.REFUSED] == len(self.outcomes)

    def to_json(self) -> dict[str, Any]:
        """The result as the command line prints it."""
        images = dict.fromkeys(change.place for change in self.objects)
        files = [
            {"path": str(change.path)} | ({"target": str(change.target)} if isinstance(change, FileMove) else {})
            for change in self.changes
        ]
        return {
            "run": self.run,
            "patch": None if self.patch is None else str(self.patch),
            **{outcome.name.lower(): count for outcome, count in self.counts.items()},
            "files": [*files, *({"path": image} for image in images)],
            "outcomes": [outcome.to_json() for outcome in self.outcomes],
        }


def apply_reviews(
    collection: Collection, log: ReviewLog, options: ApplyOptions, *, who: str, others: Others = tuple
) -> Applied:
    """Write the accepted classes that stand; see ``indexer.reviews.reviews.Reviews.apply``.

    Args:
        collection: Where the reviewed points are.
        log: The log of reviews.
        options: Where to write, and whether.
        who: Who does it, for the log.
        others: Gives all collections whose points may be of the same objects.
    """
    if options.patch is None and not options.is_dry_run:
        _go_on(collection, log, who, others)
    accepted = [one for one in read_reviews(collection, ReviewVerdict.ACCEPT).values() if not one.is_carried_out]
    if options.patch is not None:
        if not options.is_dry_run:
            write_patch(options.patch, accepted)
        return Applied([RelabelOutcome(one, Outcome.WRITTEN, options.patch) for one in accepted], patch=options.patch)
    plan = plan_writes(collection, accepted, options.place, OwnWrites(_runs_folder(log), log))
    if options.is_dry_run or not (plan.changes or plan.server_changes):
        return Applied(plan.outcomes, plan.changes, plan.server_changes)
    now = datetime.now(UTC)
    folder = _runs_folder(log) / f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:4]}"
    written = [one.review.id for one in plan.outcomes if one.outcome is Outcome.WRITTEN]
    event = {
        "event": "apply",
        "run": folder.name,
        "reviews": written,
        "moved": {one.moved_to: one.review.id for one in plan.outcomes if one.moved_to is not None},
        "who": who,
        "at": now.isoformat(),
    }
    objects = [change.to_json() for change in plan.server_changes]
    back_up(plan.changes, folder, {**event, OBJECTS: objects, IMAGES: [one.to_json() for one in plan.images]})
    log.append([event])
    make_changes(plan.changes, folder)
    run = ServerRun(folder, log, others)
    outcomes, made = plan.outcomes, plan.server_changes
    if run.changes:
        result = _carry_out(run, who)
        outcomes = [_tell(one, plan.server_changes, result) for one in outcomes]
        made = [change for change in made if change.review_id in result.figure_ids]
    return Applied(outcomes, plan.changes, made, run=folder.name)


def _go_on(collection: Collection, log: ReviewLog, who: str, others: Others) -> None:
    """Finish the runs that were killed while they relabelled objects on servers."""
    sources = collection.facet(PayloadField.SOURCE_KEY)
    for run in find_unfinished(_runs_folder(log), log, others, sources):
        with contextlib.suppress(ConfigurationError):  # what cannot be reached now is refused, one by one
            _carry_out(run, who)


def _carry_out(run: ServerRun, who: str) -> RunResult:
    try:
        return run.carry_out(who=who)
    except SourceError as error:
        raise SourceUnavailableError(
            f"{error}; run {run.name} is not finished: 'lookalike reviews apply' goes on with it, "
            f"'lookalike reviews undo --applied {run.name}' takes it back"
        ) from error


def _tell(outcome: RelabelOutcome, changes: Sequence[ServerChange], result: RunResult) -> RelabelOutcome:
    """The outcome of a review, with what became of its object on the server."""
    change = next((one for one in changes if one.review_id == outcome.review.id), None)
    if change is None:
        return outcome
    if reason := result.refused.get(change.review_id):
        return RelabelOutcome(outcome.review, Outcome.REFUSED, reason=reason)
    return replace(outcome, path=change.place_of(result.figure_ids[change.review_id]))


def restore_run(log: ReviewLog, run: str, *, who: str, others: Others = tuple) -> Restored:
    """Take a run back; see ``indexer.reviews.reviews.Reviews.restore``."""
    known = [path.parent.name for path in _runs_folder(log).glob(f"*/{MANIFEST}")]
    if run not in known:
        raise UnknownNameError("run", run, known)
    folder = _runs_folder(log) / run
    restored = undo_changes(folder)
    places, kept = ServerRun(folder, log, others).take_back(who=who)
    restored.paths.extend(places)
    restored.kept.update(kept)
    if not restored.kept:
        log.append([{"event": "restore", "run": run, "who": who, "at": datetime.now(UTC).isoformat()}])
    return restored


def wrote_to_server(log: ReviewLog, run: str) -> bool:
    """Whether a run changed objects on a server; False if there was no such run."""
    known = {path.parent.name: path.parent for path in _runs_folder(log).glob(f"*/{MANIFEST}")}
    return run in known and bool(ServerRun(known[run], log, tuple).changes)


def _runs_folder(log: ReviewLog) -> Path:
    return log.path.parent / "applied"
