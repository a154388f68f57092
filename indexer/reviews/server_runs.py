"""Relabels on servers as a run: carried out, taken back, and gone on with after a kill.

A run's manifest says what is to be done. Its journal says what only the run knows: which copy took an object's place.
Everything else is read from the server, so that a run may be carried out again at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from indexer.domain import Progress, ignore_progress
from indexer.errors import CancelledError, SourceError
from indexer.points import make_point_id
from indexer.reviews.ledger import Ledger
from indexer.reviews.log import leave_event
from indexer.reviews.moved_points import PointMove, move_points
from indexer.reviews.writers.file_changes import MANIFEST, keep_in_manifest
from indexer.reviews.writers.server_changes import FigureState, ServerChange
from indexer.reviews.writers.supervisely_server import connect_for
from indexer.sources.supervisely_figures import Figure, read_figures
from indexer.sources.supervisely_relabels import GONE, ObjectRelabel, ObjectRelabeller, rounds_of
from indexer.sources.supervisely_server import SuperviselyServer
from lookalike.visible_text import show_reason

OBJECTS: Final = "objects"
"""Member of a manifest that lists the relabels on servers."""
RELABELLING: Final = "relabelling objects on the server"
TAKING_BACK: Final = "giving objects their classes back"
_JOURNAL: Final = "objects.jsonl"
_CHANGED_SINCE: Final = "its class was changed since; change it on the server"


@dataclass(slots=True)
class RunResult:
    """The outcome of the relabels of a run.

    Attributes:
        figure_ids: Review -> the id that its object has now.
        refused: Review -> why its object stays as it was.
        left: Reviews whose objects were left, as the run was cancelled.
    """

    figure_ids: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    left: Sequence[str] = ()

    @property
    def n_decided(self) -> int:
        """Number of objects that have their class, or are refused."""
        return len(self.figure_ids) + len(self.refused)

    def decides(self, review_id: str) -> bool:
        """Whether it is known what became of a review's object."""
        return review_id in self.figure_ids or review_id in self.refused


class ServerRun:
    """The relabels on servers of one run.

    Args:
        folder: The folder of the run, with its manifest.
        ledger: Told where reviewed points go, and what is left; its collections go with the objects.

    Attributes:
        changes: The relabels.
        states: The objects that it relabelled, by project and id, as it left them.
        copies: Object -> the copy that took its place, by project.
        is_over: Whether it was carried out or taken back.
    """

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._folder, self._ledger = folder, ledger
        self.changes = _read_changes(folder)
        self.copies: dict[str, dict[int, int]] = {}
        self._undo: dict[str, dict[int, ObjectRelabel]] = {}
        self.states: dict[str, dict[int, FigureState]] = {}
        self.is_over, self._is_undone = not self.changes, False
        self._read_journal()

    @property
    def name(self) -> str:
        """Name of the run."""
        return self._folder.name

    def carry_out(self, *, who: str, on_progress: Progress = ignore_progress) -> RunResult:
        """Relabel the objects, and have their points follow.

        Args:
            who: Who does it, for the log.
            on_progress: Told before each round of objects. If it says that the work is cancelled, the run is what was
                done by then, and is over.

        Raises:
            SourceUnavailableError: A server failed; the run can be gone on with.
        """
        result = RunResult()
        for project, changes in self._by_project().items():
            of_relabel = {change.relabel: change for change in changes}
            server, project_id = connect_for(project)
            with closing(server):
                relabeller = self._relabeller(server, project_id, project)
                for batch in rounds_of(of_relabel):
                    try:
                        on_progress(RELABELLING, result.n_decided, len(self.changes))
                    except CancelledError:
                        self._leave_others(result, who)
                        return result
                    done, refused = self._relabel(server, relabeller, {one: of_relabel[one] for one in batch}, who)
                    result.refused |= {of_relabel[one].review_id: reason for one, reason in refused.items()}
                    result.figure_ids |= {of_relabel[one].review_id: figure_id for one, figure_id in done.items()}
        self._note({"over": "carried out"})
        return result

    def _leave_others(self, result: RunResult, who: str) -> None:
        """Have the run be what was done, as it was cancelled."""
        left = [one.review_id for one in self.changes if not result.decides(one.review_id)]
        self.changes = [one for one in self.changes if result.decides(one.review_id)]
        keep_in_manifest(self._folder, {OBJECTS: [change.to_json() for change in self.changes]})
        self._note({"over": "cancelled"})
        self._ledger.record(leave_event(self.name, left, who))
        result.left = left

    def take_back(self, *, who: str, on_progress: Progress = ignore_progress) -> tuple[list[str], dict[str, str]]:
        """Give the objects the class that they had.

        Args:
            who: Who does it, for the log.
            on_progress: Told before each round of objects; what it raises stops the work.

        Returns:
            Places of the objects that got it, and of those that did not with the reason.

        Raises:
            SourceUnavailableError: A server failed; taking back again goes on.
        """
        restored: list[str] = []
        kept: dict[str, str] = {}
        if not self.changes or self._is_undone:
            return restored, kept
        self._note({"over": "taken back"})
        for project, changes in self._by_project().items():
            server, project_id = connect_for(project)
            with closing(server):
                relabeller = self._relabeller(server, project_id, project)
                cleaned: set[ObjectRelabel] = set()
                for batch in rounds_of(change.relabel for change in changes):
                    on_progress(TAKING_BACK, len(restored) + len(kept), len(self.changes))
                    cleaned |= relabeller.remove_copies(batch)
                plan, reasons = self._plan_undo(server, project, changes)
                of_relabel = {relabel: change for change, relabel in plan.items()}
                done: dict[ObjectRelabel, int] = {}
                refused: dict[ObjectRelabel, str] = {}
                for batch in rounds_of(of_relabel):
                    on_progress(TAKING_BACK, len(done) + len(refused), len(self.changes))
                    given, left = self._relabel(server, relabeller, {one: of_relabel[one] for one in batch}, who)
                    done |= given
                    refused |= left
            for change in changes:
                at = change.place_of(self._newest(project, change.relabel.figure_id))
                if (change in plan and plan[change] in done) or change.relabel in cleaned:
                    restored.append(at)
                elif reason := refused.get(plan[change]) if change in plan else reasons.get(change):
                    kept[at] = reason
        if not kept:
            self._note({"over": "undone"})
            self._is_undone = True
        return restored, kept

    def _relabel(
        self,
        server: SuperviselyServer,
        relabeller: ObjectRelabeller,
        batch: Mapping[ObjectRelabel, ServerChange],
        who: str,
    ) -> tuple[dict[ObjectRelabel, int], dict[ObjectRelabel, str]]:
        """Relabel some objects of one project, note how they are left, and have their points follow.

        Returns:
            The ids of the objects, and why others stay as they are.
        """
        done, refused = relabeller.carry_out(list(batch))
        self._note_states(server, next(iter(batch.values())).project, done)
        self._move([(batch[one], one.figure_id, figure_id) for one, figure_id in done.items()], who)
        return done, refused

    def _plan_undo(
        self, server: SuperviselyServer, project: str, changes: Sequence[ServerChange]
    ) -> tuple[dict[ServerChange, ObjectRelabel], dict[ServerChange, str]]:
        """Decide how the objects get their old class back; gives that, and the reasons for leaving some."""
        plan: dict[ServerChange, ObjectRelabel] = {}
        reasons: dict[ServerChange, str] = {}
        begun = self._undo.setdefault(project, {})
        for dataset_id in dict.fromkeys(change.relabel.dataset_id for change in changes):
            there = [change for change in changes if change.relabel.dataset_id == dataset_id]
            figures = read_figures(server, dataset_id, {change.relabel.image_id for change in there})
            for change in there:
                relabel = change.relabel
                current = begun.get(self._newest(project, relabel.figure_id, begun))
                if current is not None and _is_open(current, figures):  # a kill came before it was done
                    plan[change] = current
                    continue
                figure = figures.get(self._newest(project, relabel.figure_id))
                if figure is None:
                    reasons[change] = GONE
                elif figure.class_id == relabel.after:
                    known = tuple(sorted(one.id for one in figures.values() if one.image_id == relabel.image_id))
                    new = ObjectRelabel(dataset_id, relabel.image_id, figure.id, relabel.after, relabel.before, known)
                    plan[change] = begun.setdefault(figure.id, new)
                elif figure.class_id != relabel.before:
                    reasons[change] = _CHANGED_SINCE
        self._note({"project": project, "undo": [asdict(relabel) for relabel in plan.values()]})
        return plan, reasons

    def _relabeller(self, server: SuperviselyServer, project_id: int, project: str) -> ObjectRelabeller:
        copies = self.copies.setdefault(project, {})

        def note(new: Mapping[int, int]) -> None:
            self._note({"project": project, "copies": {str(before): after for before, after in new.items()}})
            copies.update(new)

        return ObjectRelabeller(server, project_id, copies, note)

    def _note_states(self, server: SuperviselyServer, project: str, done: Mapping[ObjectRelabel, int]) -> None:
        """Note the state of relabelled objects, so that a later run knows it for this one's."""
        states: dict[str, dict[str, Any]] = {}
        figure_ids, noted_at = set(done.values()), datetime.now(UTC).isoformat()
        for dataset_id in dict.fromkeys(relabel.dataset_id for relabel in done):
            image_ids = {relabel.image_id for relabel in done if relabel.dataset_id == dataset_id}
            for figure in read_figures(server, dataset_id, image_ids).values():
                if figure.id in figure_ids:
                    states[str(figure.id)] = asdict(FigureState(figure.class_id, figure.updated_at, noted_at))
        if states:
            self._note({"project": project, "states": states})

    def _move(self, moved: Sequence[tuple[ServerChange, int, int]], who: str) -> None:
        """Have points follow objects that got another id; the log is told first."""
        moves, events, history = [], {}, self._ledger.log.read()
        for change, before, after in moved:
            if before == after:
                continue
            image_key = str(change.relabel.image_id)
            old, new = (make_point_id(change.source_key, image_key, str(one)) for one in (before, after))
            moves.append(PointMove(old, new, str(after)))
            due = history.find_due(old)  # a later one, if the object was judged again
            events[new] = change.review_id if due is None else due.id
        if moves:
            at = datetime.now(UTC).isoformat()
            with self._ledger.alone():  # nobody judges a point while it moves
                self._ledger.record({"event": "move", "run": self.name, "moved": events, "who": who, "at": at})
                move_points(self._ledger.collections(), moves)

    def _newest(self, project: str, figure_id: int, until: Mapping[int, Any] | None = None) -> int:
        """The id that an object has after all copies, also of later runs, or the first of them that is in ``until``."""
        copies = self._every_copy.get(project, {}) | self.copies.get(project, {})
        while figure_id in copies and not (until and figure_id in until):
            figure_id = copies[figure_id]
        return figure_id

    @cached_property
    def _every_copy(self) -> dict[str, dict[int, int]]:
        """Object -> copy, by project, as all runs made them."""
        found: dict[str, dict[int, int]] = {}
        for path in self._folder.parent.glob(f"*/{MANIFEST}"):
            for project, copies in ServerRun(path.parent, self._ledger).copies.items():
                found.setdefault(project, {}).update(copies)
        return found

    def _by_project(self) -> dict[str, list[ServerChange]]:
        found: dict[str, list[ServerChange]] = {}
        for change in self.changes:
            found.setdefault(change.project, []).append(change)
        return found

    def _note(self, line: Mapping[str, Any]) -> None:
        """Append to the journal; on disk when this returns."""
        try:
            with (self._folder / _JOURNAL).open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps(line)}\n")  # a killed process may have left half a line
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SourceError(f"cannot write {self._folder / _JOURNAL}: {error.strerror}; apply again") from error

    def _read_journal(self) -> None:
        try:
            lines = (self._folder / _JOURNAL).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise SourceError(f"cannot read {self._folder / _JOURNAL}: {error.strerror}") from error
        for text in lines:
            try:
                line = json.loads(text)
            except ValueError:
                continue  # the half line of a killed process; nothing was done after it
            if "over" in line:
                self.is_over, self._is_undone = True, self._is_undone or line["over"] == "undone"
            copies = self.copies.setdefault(line.get("project", ""), {})
            copies |= {int(before): after for before, after in line.get("copies", {}).items()}
            states = self.states.setdefault(line.get("project", ""), {})
            states |= {int(one): FigureState(**state) for one, state in line.get("states", {}).items()}
            begun = self._undo.setdefault(line.get("project", ""), {})
            begun |= {one["figure_id"]: ObjectRelabel.from_json(one) for one in line.get("undo", ())}


def _is_open(relabel: ObjectRelabel, figures: Mapping[int, Figure]) -> bool:
    """Whether an object still has the class that it shall lose, or is gone and only its copy is there."""
    figure = figures.get(relabel.figure_id)
    return figure is None or figure.class_id == relabel.before


def find_unfinished(runs: Path, ledger: Ledger, source_keys: Container[str]) -> list[ServerRun]:
    """The runs that were killed while they relabelled objects of some sources, oldest first."""
    found = []
    for path in sorted(runs.glob(f"*/{MANIFEST}")):
        run = ServerRun(path.parent, ledger)
        if not run.is_over and any(change.source_key in source_keys for change in run.changes):
            found.append(run)
    return found


def _read_changes(folder: Path) -> list[ServerChange]:
    """The relabels of a run's manifest.

    Raises:
        SourceError: It is missing or broken.
    """
    try:
        return [ServerChange.from_json(one) for one in json.loads((folder / MANIFEST).read_bytes()).get(OBJECTS, ())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{folder / MANIFEST} cannot be read ({show_reason(error)})") from error
