"""Decisions of people about points: said, taken back, kept, and written to the sources.

A verdict goes into the log, and from there to its point. The point's copy is what suspects, filters and the map see.
The log is what survives: a verdict that its point lost without having changed (a killed process, a re-index that ran
meanwhile, a collection deleted and made again) is given back from it. There is one log for all collections of a data
directory: a verdict is about an object, which has the same id under every model.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

from indexer.collection.collections import ATTEMPTS, Collections
from indexer.domain import Point, Progress, ignore_progress
from indexer.errors import (
    CollectionNotFoundError,
    InvalidOptionsError,
    SnapshotOutdatedError,
    UnknownNameError,
)
from indexer.payload import PayloadField
from indexer.reviews.judgement import Judgement, check_texts, require_labelled, require_points, require_seen
from indexer.reviews.ledger import Ledger
from indexer.reviews.log import Event, ReviewHistory, ReviewLog
from indexer.reviews.lost_verdicts import find_lost
from indexer.reviews.review import Review, ReviewVerdict
from indexer.reviews.standing import StandingReviews
from indexer.reviews.suggestions import Suggest, Suggestion
from indexer.reviews.undoable import find_others, find_undoable
from indexer.stores.base import Collection

if TYPE_CHECKING:
    from indexer.reviews.apply_reviews import Applied, ApplyOptions
    from indexer.reviews.writers.file_changes import Restored


@dataclass(frozen=True, slots=True)
class LoggedReview:
    """A review as the log has it.

    Attributes:
        review: The review, with its point as it was judged.
        stands: Whether its point has it.
        run: The run that wrote it to its source, if that was not restored.
    """

    review: Review
    stands: bool
    run: str | None

    def to_json(self) -> dict[str, Any]:
        """The review as the command line prints it."""
        return self.review.to_json() | {"stands": self.stands, "run": self.run}


class Reviews:
    """The reviews of a workspace's collections; one writer at a time.

    Args:
        collections: Where the points are.
        log: What survives of a review.
    """

    def __init__(self, collections: Collections, log: ReviewLog) -> None:
        self._collections, self._log, self._standing = collections, log, StandingReviews()
        self._n_followed: dict[str, int] = {}
        """Collection -> how many of the points that the log touched it has been told of."""
        self._lock = RLock()
        self._ledger = Ledger(log, self._alone, collections.open_all)

    def standing(self, name: str | None = None, *verdicts: ReviewVerdict) -> list[Review]:
        """The reviews that stand, newest first; all verdicts if none is named."""
        found = self._standing.of(self._open(name)).values()
        wanted = [review for review in found if not verdicts or review.verdict in verdicts]
        return sorted(wanted, key=lambda review: (review.at, review.point_id), reverse=True)  # pages need one order

    def by_point(self, collection: Collection) -> Mapping[str, Review]:
        """The reviews that stand with a collection's points as they are, by point id; not to be written to."""
        return self._standing.of(collection)

    def history(self) -> ReviewHistory:
        """Every review ever made, also of points that are gone, and what was taken back or written to a source."""
        with self._lock:
            return self._log.read()

    def logged(self, name: str | None = None, *verdicts: ReviewVerdict) -> list[LoggedReview]:
        """Every review ever made in a collection, or standing there, newest first; all verdicts if none is named."""
        with self._lock:
            collection = self._open(name)
            standing = {review.id for review in self._standing.of(collection).values()}
            history = self._log.read()
            return [
                LoggedReview(review, review.id in standing, history.runs.get(review.id))
                for review in reversed(history.reviews.values())
                if collection.name == history.collections[review.id] or review.id in standing
                if not verdicts or review.verdict in verdicts
            ]

    def add(
        self,
        name: str | None,
        point_ids: Sequence[str],
        judgement: Judgement,
        *,
        suggest: Suggest | None = None,
        on_progress: Progress = ignore_progress,
    ) -> list[Review]:
        """Judge points: all of them, or none if one cannot be judged so.

        Args:
            name: Name of the collection, None for the only one.
            point_ids: The points.
            judgement: What is said about them.
            suggest: Finds the classes of accepted points if the judgement names none.
            on_progress: Told of that search.

        Raises:
            PointNotFoundError: One of the points does not exist.
            UnknownNameError: There is no such verdict or class.
            InvalidOptionsError: A point cannot have this verdict; the message says why.
            ReviewConflictError: A point is not what was seen.
            SnapshotOutdatedError: The points were written again and again while their classes were searched.
        """
        verdict, wanted = ReviewVerdict.parse(judgement.verdict), list(dict.fromkeys(point_ids))
        check_texts(judgement, verdict)
        with self._lock:
            made = self._find_made(wanted, judgement)
        if len(made) == len(wanted):
            return made
        if verdict is not ReviewVerdict.ACCEPT or judgement.class_name is not None:
            return self._add(name, wanted, judgement)
        if suggest is None:
            raise InvalidOptionsError("accept names the right class; there is nothing here to suggest one")
        for _ in range(ATTEMPTS):
            # Outside the lock: a first fit may take long, and others judge meanwhile.
            require_points(self._collections.open(name), wanted)
            suggested = suggest(name, wanted, on_progress=on_progress)
            with contextlib.suppress(SnapshotOutdatedError):
                return self._add(name, wanted, judgement, suggested)
        raise SnapshotOutdatedError(self._collections.open(name).name)

    def _add(
        self,
        name: str | None,
        point_ids: Sequence[str],
        judgement: Judgement,
        suggested: Mapping[str, Suggestion] | None = None,
    ) -> list[Review]:
        """Judge points with the class named, or each with its suggested one.

        Raises:
            SnapshotOutdatedError: A point is not what its suggestion was made for.
        """
        verdict = ReviewVerdict(judgement.verdict)
        with self._alone():
            collection = self._open(name)
            made = self._find_made(point_ids, judgement)  # by now; some of them if the process was killed meanwhile
            judged = {review.point_id for review in made}
            points = require_points(collection, [one for one in point_ids if one not in judged])
            require_seen(points, judgement.seen)
            classes = self._choose_classes(collection, points, judgement, suggested)
            reviews = [
                Review.of(point, verdict, who=judgement.who, class_name=classes.get(point.id), note=judgement.note)
                for point in points
            ]
            if judgement.is_one_entry and len(point_ids) > 1:
                reviews = [replace(review, entry=[*made, *reviews][0].id) for review in reviews]
            known = self._log.read().reviews
            replaced = [Review.from_point(point) for point in points if PayloadField.REVIEW in point.payload]
            unknown = [review for review in replaced if review.id not in known]  # of another data directory's log
            facts = {"event": "review", "collection": collection.name}
            key = {} if judgement.request is None else {"request": judgement.request}
            events = [facts | review.to_json() for review in unknown]
            self._record([*events, *(facts | review.to_json() | key for review in reviews)])
        return [*made, *reviews]

    def _choose_classes(
        self,
        collection: Collection,
        points: Sequence[Point],
        judgement: Judgement,
        suggested: Mapping[str, Suggestion] | None,
    ) -> dict[str, str]:
        """The class that each point shall have, by id; none unless the verdict is to accept."""
        if suggested is not None:
            return _take_suggestions(collection, points, suggested)
        if judgement.verdict == ReviewVerdict.ACCEPT:
            return self._check_class(collection, points, judgement)
        if judgement.verdict == ReviewVerdict.DISMISS:
            require_labelled(points)
        return {}

    def _find_made(self, point_ids: Sequence[str], judgement: Judgement) -> list[Review]:
        """The reviews that the request made before, if it did.

        Raises:
            InvalidOptionsError: Its key belongs to another request.
        """
        history = self._log.read()
        made = [history.reviews[review_id] for review_id in history.made.get(judgement.request or "", ())]
        wanted = set(point_ids)
        if any(one.point_id not in wanted or not _says(one, judgement) for one in made):
            raise _foreign_key(judgement.request)
        return made

    def undo(
        self, name: str | None = None, review_id: str | None = None, *, who: str, request: str | None = None
    ) -> tuple[Review, Review | None]:
        """Take back a review, by default the last that stands; the one it replaced stands again.

        A review of a group of suspects is taken back with those of the other members. The same request, known by its
        key, takes back nothing more.

        Returns:
            The review taken back, and the one it replaced, which stands again if it is about the point as it is now.

        Raises:
            InvalidOptionsError: There is no such review, or it does not stand, or it was written to its source.
        """
        with self._alone():
            history = self._log.read()
            if request in history.undone:
                review = history.reviews[history.undone[request]]
                if review_id not in {None, review.id}:
                    raise _foreign_key(request)
                return review, history.find_due(review.point_id)
            standing = {one.id: one for one in self._standing.of(self._open(name)).values()}
            review = find_undoable(history, review_id, set(standing))
            former, now = history.reviews.get(review.replaces or ""), standing[review.id]
            if former is not None and not former.is_about(now.subject):
                former = None
            said = {"who": who, "at": datetime.now(UTC).isoformat()} | ({"request": request} if request else {})
            undone = [review, *find_others(review, history, set(standing))]  # the point may have another id since
            self._record(
                {"event": "undo", "review": one.id, "point": standing[one.id].point_id, **said} for one in undone
            )
        return review, former

    def apply(
        self,
        name: str | None = None,
        options: ApplyOptions | None = None,
        *,
        who: str,
        on_progress: Progress = ignore_progress,
    ) -> Applied:
        """Write accepted classes to the sources; the points follow when these are indexed again.

        Where a server gives an object another id, its points get it at once, in every collection. Others may judge
        meanwhile; one process writes back at a time.

        Args:
            name: Name of the collection, None for the only one.
            options: Where to write, and whether.
            who: Who does it, for the log.
            on_progress: Told how far it is. What it raises between two files stops the work.

        Raises:
            UnknownNameError: The collection has no such source.
            SourceError: A file cannot be written; the message says how to take back what was written before.
            CancelledError: ``on_progress`` raised it; what was written by then is recorded and can be taken back.
        """
        from indexer.reviews.apply_reviews import ApplyOptions, apply_reviews  # the writers decode images

        with self._log.writing_back(on_progress):
            found = self._open(name)
            try:
                return apply_reviews(found, self._ledger, options or ApplyOptions(), who=who, on_progress=on_progress)
            finally:
                with self._lock:
                    self._follow(found)

    def restore(self, run: str, *, who: str, on_progress: Progress = ignore_progress) -> Restored:
        """Give the files that a run of ``apply`` changed their very bytes back, and objects their classes.

        Raises:
            UnknownNameError: There was no such run.
            SourceError: Its backup is damaged.
            CancelledError: ``on_progress`` raised it; restoring the run again goes on.
        """
        from indexer.reviews.apply_reviews import restore_run

        with self._log.writing_back(on_progress):
            return restore_run(self._ledger, run, who=who, on_progress=on_progress)

    def wrote_to_server(self, run: str) -> bool:
        """Whether a run of ``apply`` changed objects on a server; False if there was no such run."""
        from indexer.reviews.apply_reviews import wrote_to_server

        return wrote_to_server(self._ledger, run)

    def require_run(self, run: str) -> None:
        """Refuse the name of a run of ``apply`` that there was not.

        Raises:
            UnknownNameError: There was no such run.
        """
        from indexer.reviews.apply_reviews import find_run

        find_run(self._log, run)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other writers of the log away, in this process and in others."""
        with self._lock, self._log.alone():
            yield

    def mend(self, name: str | None = None) -> int:
        """Give points back the verdicts that they lost although they are what was judged, and take the others away.

        Returns:
            How many points were mended.
        """
        with self._lock:
            collection = self._collections.open(name)
            self._n_followed.pop(collection.name, None)
            return self._follow(collection)

    def follow(self, name: str | None = None) -> None:
        """Have a collection's points show what the log says by now; next to nothing to do where nothing was added."""
        self._open(name)

    def _open(self, name: str | None) -> Collection:
        """The collection, with the verdicts that the log has by now, be it from a killed process or another one."""
        collection = self._collections.open(name)
        with self._lock:
            self._follow(collection)
        return collection

    def _record(self, events: Iterable[Event]) -> None:
        """Append to the log, and have the collections follow that were asked for reviews before."""
        self._log.append(events)
        for name in list(self._n_followed):
            try:
                self._follow(self._collections.open(name))
            except CollectionNotFoundError:  # deleted since
                del self._n_followed[name]

    def _follow(self, collection: Collection) -> int:
        """Bring the points that the log touched since the last time to what it says; how many were not."""
        history, lost = self._find_lost_since(collection)
        if lost:
            with self._log.alone():  # another process may have written them by now, or others
                history, lost = self._find_lost_since(collection)
                collection.set_reviews({point_id: one.to_payload() if one else None for point_id, one in lost.items()})
        self._n_followed[collection.name] = len(history.touched)
        return len(lost)

    def _find_lost_since(self, collection: Collection) -> tuple[ReviewHistory, dict[str, Review | None]]:
        """The log, and what points lack of it that it touched since the last time."""
        history = self._log.read()
        n_followed = self._n_followed.get(collection.name, 0)
        return history, find_lost(collection, history, dict.fromkeys(history.touched[n_followed:]))

    def _check_class(self, collection: Collection, points: Sequence[Point], judgement: Judgement) -> dict[str, str]:
        """The class that was named, for each point by id; refused if it is unknown or says nothing new."""
        wanted = judgement.class_name
        assert wanted is not None
        if not judgement.allows_new_class:
            classes = set(self._collections.describe(collection.name).classes)
            reviews = self._standing.of(collection).values()
            classes |= {review.class_name for review in reviews if review.class_name is not None}
            if wanted not in classes:
                raise UnknownNameError("class", wanted, classes)
        for point in points:
            if point.payload.get(PayloadField.CLASS_NAME) == wanted:
                raise InvalidOptionsError(f"point '{point.id}' is '{wanted}' already; dismiss it if that is right")
        return {point.id: wanted for point in points}


def _says(review: Review, judgement: Judgement) -> bool:
    """Whether a review is one that the judgement would make."""
    same_class = judgement.class_name in {None, review.class_name}
    said = (review.verdict, review.who, review.note or None)
    return same_class and said == (judgement.verdict, judgement.who, judgement.note or None)


def _foreign_key(request: str | None) -> InvalidOptionsError:
    return InvalidOptionsError(f"key '{request}' belongs to another request; give each its own")


def _take_suggestions(
    collection: Collection, points: Sequence[Point], suggested: Mapping[str, Suggestion]
) -> dict[str, str]:
    """The class suggested for each point, by id.

    Raises:
        SnapshotOutdatedError: A point is not what its suggestion was made for.
    """
    for point in points:
        if not suggested[point.id].is_about(point):
            raise SnapshotOutdatedError(collection.name)
    return {point.id: suggested[point.id].class_name for point in points}
