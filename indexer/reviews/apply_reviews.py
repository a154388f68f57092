"""Accepted reviews written to their sources, and such a run taken back.

A run's backup lies beside the log, ``applied/RUN/``. It is made first, then the log is told, then files change one by
one. Whatever a kill leaves can be applied again or taken back. A run that is cancelled, or that fails at a file, is cut
down to what it wrote, so that the rest is free again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from indexer.collection.collections import ATTEMPTS
from indexer.domain import Progress, ignore_progress
from indexer.errors import (
    CancelledError,
    ConfigurationError,
    SnapshotOutdatedError,
    SourceError,
    SourceUnavailableError,
    UnknownNameError,
)
from indexer.payload import PayloadField
from indexer.reviews.ledger import Ledger
from indexer.reviews.log import ReviewLog, leave_event
from indexer.reviews.own_writes import IMAGES, OwnWrites
from indexer.reviews.review import Review, ReviewVerdict, read_reviews
from indexer.reviews.server_runs import OBJECTS, RunResult, ServerRun, find_unfinished
from indexer.reviews.writers.base import Outcome, RelabelOutcome, WritePlan
from indexer.reviews.writers.file_changes import (
    MANIFEST,
    FileChange,
    FileMove,
    Restored,
    back_up,
    is_made,
    keep_in_manifest,
    make_changes,
    undo_changes,
)
from indexer.reviews.writers.patch_file import write_patch
from indexer.reviews.writers.planning import SourcePlace, plan_writes
from indexer.reviews.writers.server_changes import ServerChange
from indexer.stores.base import Collection

WRITING: Final = "writing files"


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
    collection: Collection,
    ledger: Ledger,
    options: ApplyOptions,
    *,
    who: str,
    on_progress: Progress = ignore_progress,
) -> Applied:
    """Write the accepted classes that stand; see ``indexer.reviews.reviews.Reviews.apply``.

    Args:
        collection: Where the reviewed points are.
        ledger: The log of reviews, and the collections whose points may be of the same objects.
        options: Where to write, and whether.
        who: Who does it, for the log.
        on_progress: Told how far it is; what it raises between two files stops the work.
    """
    if options.patch is None and not options.is_dry_run:
        _go_on(collection, ledger, who, on_progress)
    if options.patch is not None:
        accepted = _read_accepted(collection)
        if not options.is_dry_run:
            write_patch(options.patch, accepted)
        return Applied([RelabelOutcome(one, Outcome.WRITTEN, options.patch) for one in accepted], patch=options.patch)
    for _ in range(ATTEMPTS):
        accepted = _read_accepted(collection)
        if accepted:
            on_progress("looking what is to be written", 0, len(accepted))
        plan = plan_writes(collection, accepted, options.place, OwnWrites(_runs_folder(ledger.log), ledger))
        if options.is_dry_run or not (plan.changes or plan.server_changes):
            return Applied(plan.outcomes, plan.changes, plan.server_changes)
        folder = _begin(collection, ledger, plan, who)
        if folder is not None:
            return _Writing(folder, ledger, plan, who).carry_out(on_progress)
    raise SnapshotOutdatedError(collection.name)


def _read_accepted(collection: Collection) -> list[Review]:
    return [one for one in read_reviews(collection, ReviewVerdict.ACCEPT).values() if not one.is_carried_out]


def _begin(collection: Collection, ledger: Ledger, plan: WritePlan, who: str) -> Path | None:
    """Back up what a plan changes, and tell the log; None if a review of the plan was taken back meanwhile."""
    now = datetime.now(UTC)
    folder = _runs_folder(ledger.log) / f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:4]}"
    written = [one.review.id for one in plan.outcomes if one.outcome is Outcome.WRITTEN]
    event = {
        "event": "apply",
        "run": folder.name,
        "reviews": written,
        "moved": {one.moved_to: one.review.id for one in plan.outcomes if one.moved_to is not None},
        "who": who,
        "at": now.isoformat(),
    }
    with ledger.alone():
        if not set(written) <= {review.id for review in _read_accepted(collection)}:
            return None
        objects = [change.to_json() for change in plan.server_changes]
        back_up(plan.changes, folder, {**event, OBJECTS: objects, IMAGES: [one.to_json() for one in plan.images]})
        ledger.record(event)
    return folder


class _Writing:
    """A run that was begun: its files are backed up, and the log knows it.

    Args:
        folder: The folder of the run.
        ledger: The log of reviews.
        plan: What is to be written.
        who: Who does it, for the log.
    """

    def __init__(self, folder: Path, ledger: Ledger, plan: WritePlan, who: str) -> None:
        self._folder, self._ledger, self._plan, self._who = folder, ledger, plan, who
        self._made: list[FileChange] = []

    def carry_out(self, on_progress: Progress) -> Applied:
        """Write files, then objects on servers.

        Raises:
            SourceError: A file cannot be written, or a server failed.
            CancelledError: ``on_progress`` said so; the run is what was written by then.
        """
        plan = self._plan
        try:
            self._write_files(on_progress)
        except CancelledError as error:
            if len(self._made) < len(plan.changes) or plan.server_changes:
                self._leave_others()
                raise CancelledError(self._describe_stop(len(self._made), len(plan.changes), "file")) from error
        except SourceError:
            self._leave_others()
            raise
        run = ServerRun(self._folder, self._ledger)
        if not run.changes:
            return Applied(plan.outcomes, plan.changes, [], run=self._folder.name)
        result = _carry_out(run, self._who, on_progress)
        if result.left:
            n_written = len(result.figure_ids)
            raise CancelledError(self._describe_stop(n_written, n_written + len(result.left), "object"))
        outcomes = [_tell(one, plan.server_changes, result) for one in plan.outcomes]
        made = [change for change in plan.server_changes if change.review_id in result.figure_ids]
        return Applied(outcomes, plan.changes, made, run=self._folder.name)

    def _write_files(self, on_progress: Progress) -> None:
        n_all = len(self._plan.changes)

        def tell(change: FileChange) -> None:
            self._made.append(change)
            on_progress(WRITING, len(self._made), n_all)

        if n_all:
            on_progress(WRITING, 0, n_all)
        make_changes(self._plan.changes, self._folder, tell)

    def _leave_others(self) -> None:
        """Have the run be what was written: the others are free to be judged and written again."""
        others = self._plan.changes[len(self._made) :]
        if others and is_made(others[0]):  # written, and then something failed
            self._made.append(others.pop(0))
        left_places = {one.target if isinstance(one, FileMove) else one.path for one in others}
        on_servers = {change.review_id for change in self._plan.server_changes}
        left = [
            one.review.id
            for one in self._plan.outcomes
            if one.outcome is Outcome.WRITTEN and (one.path in left_places or one.review.id in on_servers)
        ]
        keep_in_manifest(self._folder, {OBJECTS: []}, n_changes=len(self._made))
        self._ledger.record(leave_event(self._folder.name, left, self._who))

    def _describe_stop(self, n_written: int, n_all: int, what: str) -> str:
        told = f"cancelled: {n_written} of {n_all} {what}s {'was' if n_written == 1 else 'were'} written"
        n_files = len(self._made)
        if what == "object" and n_files:
            told += f", and {n_files} {'file' if n_files == 1 else 'files'}"
        rest = "'lookalike reviews apply' writes the rest"
        if not n_written and not n_files:
            return f"{told}; {rest}"
        return f"{told}; {rest}, 'lookalike reviews undo --applied {self._folder.name}' takes back what was written"


def _go_on(collection: Collection, ledger: Ledger, who: str, on_progress: Progress) -> None:
    """Finish the runs that were killed while they relabelled objects on servers."""
    sources = collection.facet(PayloadField.SOURCE_KEY)
    for run in find_unfinished(_runs_folder(ledger.log), ledger, sources):
        with contextlib.suppress(ConfigurationError):  # what cannot be reached now is refused, one by one
            _carry_out(run, who, on_progress)


def _carry_out(run: ServerRun, who: str, on_progress: Progress) -> RunResult:
    try:
        return run.carry_out(who=who, on_progress=on_progress)
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


def restore_run(ledger: Ledger, run: str, *, who: str, on_progress: Progress = ignore_progress) -> Restored:
    """Take a run back; see ``indexer.reviews.reviews.Reviews.restore``."""
    folder = find_run(ledger.log, run)
    try:
        restored = undo_changes(folder, on_progress)
        server_run = ServerRun(folder, ledger)
        places, kept = server_run.take_back(who=who, on_progress=on_progress)
    except CancelledError as error:
        raise CancelledError(
            f"cancelled before all of run {run} was taken back; 'lookalike reviews undo --applied {run}' goes on"
        ) from error
    restored.paths.extend(places)
    restored.kept.update(kept)
    restored.images.update({change.place: change.image for change in server_run.changes})
    if not restored.kept:
        ledger.record({"event": "restore", "run": run, "who": who, "at": datetime.now(UTC).isoformat()})
    return restored


def find_run(log: ReviewLog, run: str) -> Path:
    """The folder of a run.

    Raises:
        UnknownNameError: There was none of that name.
    """
    known = _find_runs(log)
    if run not in known:
        raise UnknownNameError("run", run, known)
    return known[run]


def wrote_to_server(ledger: Ledger, run: str) -> bool:
    """Whether a run changed objects on a server; False if there was no such run."""
    known = _find_runs(ledger.log)
    return run in known and bool(ServerRun(known[run], ledger).changes)


def _find_runs(log: ReviewLog) -> dict[str, Path]:
    return {path.parent.name: path.parent for path in _runs_folder(log).glob(f"*/{MANIFEST}")}


def _runs_folder(log: ReviewLog) -> Path:
    return log.path.parent / "applied"
