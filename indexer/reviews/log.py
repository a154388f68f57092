"""The log of reviews: one JSON document a line, only ever appended, so that no verdict is lost with its point.

Six kinds of events: ``review`` and ``undo`` of one, ``apply`` (reviews that a run writes to the source), ``leave``
(those of them that a stopped run did not write), ``restore`` of such a run, and ``move`` (a run or its restore gave
objects on a server other ids). Reading them in order gives what stands now.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from filelock import FileLock, Timeout

from indexer.domain import Progress
from indexer.errors import StoreUnavailableError
from indexer.reviews.review import Review

Event = Mapping[str, Any]
_LOOK_S: Final = 0.2


@dataclass(slots=True)
class ReviewHistory:
    """State that the events give, read in order.

    Attributes:
        reviews: All reviews ever made, by id, oldest first.
        standing: Reviewed point -> the id of the review that stands, None after an undo of its only one.
        runs: Reviews written to the source and not restored, by id, with the run that wrote each.
        moved: Point -> the review that stands there because such a run gave the object another id.
        stayed: Those of them that restoring a run leaves, as the object keeps its new id.
        touched: The points that events were about, in their order.
        collections: Review -> the collection in which it was given.
        made: Key of a request -> the reviews that it made, so that the same request again makes no others.
        undone: Key of a request -> the review that it took back.
    """

    reviews: dict[str, Review] = field(default_factory=dict)
    standing: dict[str, str | None] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    stayed: set[str] = field(default_factory=set)
    touched: list[str] = field(default_factory=list)
    collections: dict[str, str] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    undone: dict[str, str] = field(default_factory=dict)

    def find_due(self, point_id: str) -> Review | None:
        """The review that a point shall have, as long as it is what was judged."""
        review_id = self.moved.get(point_id) or self.standing.get(point_id)
        return None if review_id is None else self.reviews.get(review_id)

    def take(self, event: Event) -> None:
        """Add what the next event says.

        Raises:
            KeyError, ValueError, TypeError: It is none.
        """
        match event["event"]:
            case "review":
                review = Review.from_json(event)
                self.reviews[review.id] = review
                self.standing[review.point_id] = review.id
                self.moved.pop(review.point_id, None)
                self.collections[review.id] = event["collection"]
                self.touched.append(review.point_id)
                if event.get("request"):
                    self.made.setdefault(event["request"], []).append(review.id)
            case "undo":
                undone = self.reviews[event["review"]]
                self.standing[undone.point_id] = undone.replaces
                if self.moved.pop(event["point"], None) and undone.replaces is not None:
                    self.moved[event["point"]] = undone.replaces
                self.touched += {undone.point_id, event["point"]}  # two where a run moved the image
                if event.get("request"):
                    self.undone.setdefault(event["request"], undone.id)
            case "apply":
                self.runs |= dict.fromkeys(event["reviews"], event["run"])
                self.moved |= event["moved"]
                self.touched += event["moved"]
            case "leave":
                left = set(event["reviews"])
                self.runs = {one: run for one, run in self.runs.items() if one not in left}
                self.touched += [point_id for point_id, review in self.moved.items() if review in left]
                self.moved = {point_id: one for point_id, one in self.moved.items() if self._stays(point_id, one)}
            case "move":
                self.moved |= event["moved"]
                self.stayed |= event["moved"].keys()
                self.touched += event["moved"]
            case "restore":
                restored = event["run"]
                self.runs = {review: run for review, run in self.runs.items() if run != restored}
                self.moved = {
                    point_id: review for point_id, review in self.moved.items() if self._stays(point_id, review)
                }
            case unknown:
                raise ValueError(f"unknown event '{unknown}'")

    def _stays(self, point_id: str, review: str) -> bool:
        return review in self.runs or point_id in self.stayed


def leave_event(run: str, reviews: Sequence[str], who: str) -> Event:
    """The event that says what a stopped run did not write."""
    return {"event": "leave", "run": run, "reviews": list(reviews), "who": who, "at": datetime.now(UTC).isoformat()}


def log_path(data_dir: Path) -> Path:
    """Where the log of a data directory is."""
    return data_dir / "reviews" / "log.jsonl"


class ReviewLog:
    """The log of a data directory; several processes may append to it.

    Args:
        path: The file; made with the first event.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._history = ReviewHistory()
        self._n_bytes = self._n_lines = 0
        self._writer_lock = FileLock(path.with_name("writer.lock"))  # a thread that has it may take it again

    def read(self) -> ReviewHistory:
        """The history as it stands; only what was appended since the last call is read.

        Raises:
            StoreUnavailableError: The file cannot be read, or a line of it is broken.
        """
        try:
            with self.path.open("rb") as file:
                self._read_on(file)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StoreUnavailableError(f"review log {self.path} cannot be read: {error.strerror}") from error
        return self._history

    def append(self, events: Iterable[Event]) -> None:
        """Add events, on disk when this returns.

        Raises:
            StoreUnavailableError: The file cannot be written, or a line of it is broken.
        """
        lines = "".join(json.dumps(event) + "\n" for event in events).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_suffix(".lock")), self.path.open("a+b") as file:
                self._read_on(file)
                file.truncate(self._n_bytes)  # the half line of a killed process, never confirmed to anybody
                file.seek(max(self._n_bytes - 1, 0))
                has_open_end = file.read() not in {b"", b"\n"}  # as some editors leave the last line
                file.write(b"\n" + lines if has_open_end else lines)
                file.flush()
                os.fsync(file.fileno())
                self._read_on(file)
        except OSError as error:
            raise StoreUnavailableError(f"review log {self.path} cannot be written: {error.strerror}") from error

    def events(self) -> list[dict[str, Any]]:
        """All events, in their order; half a line of a killed writer is none.

        Raises:
            StoreUnavailableError: The file cannot be read, or a line of it is broken.
        """
        self.read()
        if not self._n_bytes:
            return []
        with self.path.open("rb") as file:
            lines = file.read(self._n_bytes).splitlines()
        return [json.loads(line) for line in lines if line.strip()]

    def add_missing(self, events: Iterable[Event]) -> int:
        """Add events of another log; those about points that this log knows are left out, as it decides.

        Returns:
            How many were added.

        Raises:
            StoreUnavailableError: The file cannot be read or written.
        """
        known = {json.dumps(event, sort_keys=True) for event in self.events()}
        choice = _Missing(self.read())
        new = [one for one in events if json.dumps(one, sort_keys=True) not in known and choice.takes(one)]
        if new:
            self.append(new)
        return len(new)

    @contextmanager
    def writing_back(self, on_progress: Progress) -> Iterator[None]:
        """Keep away others who write to sources, or take that back; verdicts go on.

        Args:
            on_progress: Told that it waits for another one; what it raises ends the wait.

        Raises:
            StoreUnavailableError: The folder of the log cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path.with_name("write_back.lock"))
            while not _is_taken(lock):
                on_progress("waiting for another write-back", 0, None)
        except OSError as error:
            raise StoreUnavailableError(f"review log {self.path} cannot be written: {error.strerror}") from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep writers of other processes away, for a change that depends on what the log says.

        Raises:
            StoreUnavailableError: The folder of the log cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer_lock.acquire()
        except OSError as error:
            raise StoreUnavailableError(f"review log {self.path} cannot be written: {error.strerror}") from error
        try:
            yield
        finally:
            self._writer_lock.release()

    def _read_on(self, file: BinaryIO) -> None:
        """Read the lines that follow what is known; half a line that ends the file is left."""
        if file.seek(0, os.SEEK_END) < self._n_bytes:  # somebody put another file in its place
            self._history, self._n_bytes, self._n_lines = ReviewHistory(), 0, 0
        file.seek(self._n_bytes)
        for line in file:
            try:
                if line.strip():
                    self._history.take(json.loads(line))
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                if isinstance(error, json.JSONDecodeError) and not line.endswith(b"\n"):
                    return
                place, cause = f"{self.path}, line {self._n_lines + 1}", f"{type(error).__name__}: {error}"
                raise StoreUnavailableError(f"review log {place} is broken ({cause}); correct the line") from error
            self._n_lines += line.count(b"\n")
            self._n_bytes += len(line)


def _is_taken(lock: FileLock) -> bool:
    """Take a lock if it becomes free within a moment."""
    try:
        lock.acquire(timeout=_LOOK_S)
    except Timeout:
        return False
    return True


class _Missing:
    """Chooses the events of another log that do not contradict this one.

    Args:
        history: What this log says.
    """

    def __init__(self, history: ReviewHistory) -> None:
        self._known_points = set(history.touched)
        self._taken: set[str] = set()

    def takes(self, event: Event) -> bool:
        """Whether to add the next event."""
        match event.get("event"):
            case "review":
                is_new = event["point_id"] not in self._known_points
                self._taken |= {event["id"]} if is_new else set()
            case "undo":
                is_new = event["review"] in self._taken
            case "apply":
                is_new = set(event["reviews"]) <= self._taken
                self._taken |= {event["run"]} if is_new else set()
            case "restore" | "move" | "leave":
                is_new = event["run"] in self._taken
            case _:
                is_new = False
        return is_new
