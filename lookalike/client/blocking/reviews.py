"""Verdicts of people, and what is written to the sources."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Unpack

from lookalike.client.applying import ApplyOptions, to_apply_request
from lookalike.client.blocking.listing import PAGE_SIZE, Listing, Page
from lookalike.client.blocking.run import Progress, Run
from lookalike.client.blocking.sender import Sender
from lookalike.client.paths import collection_path, user_name
from lookalike.client.problems import make_request
from lookalike.client.tables import Rows
from lookalike.wire.names import Verdict
from lookalike.wire.reviews import (
    AppliedReviews,
    LoggedReview,
    RestoredFiles,
    RestoreRequest,
    ReviewLogPage,
    ReviewModel,
    ReviewPage,
    ReviewRequest,
    SeenPoint,
    UndoneReview,
    UndoRequest,
)
from lookalike.wire.runs import RunInfo


class ReviewCalls(Sender):
    """Verdicts; who gives them is the user of this computer if nobody is named."""

    def reviews(
        self, collection: str | None = None, *verdicts: Verdict, limit: int | None = None
    ) -> Listing[ReviewModel]:
        """Iterate over the reviews that stand, newest first; all verdicts if none is named.

        Example:
            >>> for review in client.reviews("products", "accept"):
            ...     print(review.given_class, "->", review.class_name)
        """

        def fetch(offset: int, size: int) -> Page[ReviewModel]:
            page = self.list_reviews(collection, *verdicts, offset=offset, limit=size)
            return Page(page.reviews, page.next_offset, page.total)

        return Listing(fetch(0, min(limit or PAGE_SIZE, PAGE_SIZE)), fetch, limit=limit)

    def list_reviews(
        self, collection: str | None = None, *verdicts: Verdict, offset: int = 0, limit: int = 50
    ) -> ReviewPage:
        """Give one page of the reviews that stand; ``reviews`` gives all.

        Example:
            >>> page = client.list_reviews("products", "accept")
            >>> [(one.given_class, one.class_name) for one in page.reviews]
            [('shoe', 'boot')]
        """
        params = {"verdict": list(verdicts), "offset": offset, "limit": limit}
        return self._ask(ReviewPage, "GET", f"{collection_path(collection)}/reviews", params=params)

    def review_log(
        self, collection: str | None = None, *verdicts: Verdict, limit: int | None = None
    ) -> Listing[LoggedReview]:
        """Iterate over every review ever made, newest first, also those taken back and of points that are gone.

        Example:
            >>> for review in client.review_log("products", limit=10):
            ...     print(review.at, review.who, review.verdict, review.stands)
        """

        def fetch(offset: int, size: int) -> Page[LoggedReview]:
            page = self.list_review_log(collection, *verdicts, offset=offset, limit=size)
            return Page(page.reviews, page.next_offset, page.total)

        return Listing(fetch(0, min(limit or PAGE_SIZE, PAGE_SIZE)), fetch, limit=limit)

    def list_review_log(
        self, collection: str | None = None, *verdicts: Verdict, offset: int = 0, limit: int = 50
    ) -> ReviewLogPage:
        """Give one page of the log; ``review_log`` gives all.

        Example:
            >>> page = client.list_review_log("products")
            >>> page.total
            12
        """
        params = {"verdict": list(verdicts), "offset": offset, "limit": limit}
        return self._ask(ReviewLogPage, "GET", f"{collection_path(collection)}/reviews/log", params=params)

    def add_reviews(  # noqa: PLR0913 - a verdict has that many sides
        self,
        ids: str | Sequence[str],
        verdict: Verdict,
        collection: str | None = None,
        *,
        class_name: str | None = None,
        allows_new_class: bool = False,
        is_one_entry: bool = False,
        note: str | None = None,
        who: str | None = None,
        seen: Sequence[SeenPoint] = (),
        idempotency_key: str | None = None,
    ) -> Rows[ReviewModel]:
        """Record a verdict on points: on all of them, or on none if one cannot have it.

        Args:
            ids: Ids of the points.
            verdict: ``accept`` another class, ``dismiss`` (the class is right) or ``skip``.
            collection: Name of the collection; may be left out if there is only one.
            class_name: The right class, with ``accept``; the suggested one if None.
            allows_new_class: Whether it may be a class that the collection does not have.
            is_one_entry: Whether the points are one group: taking one review back takes all back.
            note: What else is worth keeping.
            who: Who says so.
            seen: The points as they were shown. One with another class or another review by now has all refused.
            idempotency_key: The same key again answers the same reviews and records nothing.

        Example:
            >>> reviews = client.add_reviews(suspect.id, "accept", class_name="boot")
            >>> reviews[0].verdict
            'accept'
        """
        request = make_request(
            ReviewRequest,
            ids=[ids] if isinstance(ids, str) else list(ids),
            verdict=verdict,
            who=who or user_name(),
            class_name=class_name,
            allows_new_class=allows_new_class,
            is_one_entry=is_one_entry,
            note=note,
            seen=list(seen),
            idempotency_key=idempotency_key,
        )
        path = f"{collection_path(collection)}/reviews"
        return Rows(self._ask(list[ReviewModel], "POST", path, json=request.model_dump(mode="json", exclude_none=True)))

    def undo_review(
        self, review_id: str | None = None, collection: str | None = None, *, who: str | None = None
    ) -> UndoneReview:
        """Take a review back, the last that stands if None; the one that it replaced stands again.

        Example:
            >>> undone = client.undo_review()
            >>> undone.undone.verdict
            'accept'
        """
        request = make_request(UndoRequest, who=who or user_name(), review_id=review_id)
        path = f"{collection_path(collection)}/reviews/undo"
        return self._ask(UndoneReview, "POST", path, json=request.model_dump(mode="json"))

    def apply_reviews(
        self,
        source: str | os.PathLike[str] | None = None,
        collection: str | None = None,
        *,
        who: str | None = None,
        on_progress: Progress | None = None,
        **options: Unpack[ApplyOptions],
    ) -> Run[AppliedReviews]:
        """Start to write accepted classes to the sources, with a backup; indexing these has the points follow.

        Args:
            source: Path of a source; every source whose key is its path if None. Needs local power.
            collection: Name of the collection; may be left out if there is only one.
            who: Who does it, for the log.
            on_progress: Told how far it is while somebody waits.
            **options: Where the source is, and a key to send the request again, see ``ApplyOptions``.

        Returns:
            The run. Cancelled, it stops between two files; what it wrote is recorded, and the error says what is left.

        Example:
            >>> applied = client.apply_reviews().wait()
            >>> applied.n_written
            12
        """
        request = to_apply_request(source, who, is_local=self._is_local, **options)
        path = f"{collection_path(collection)}/reviews/apply"
        info = self._ask(RunInfo, "POST", path, json=request.model_dump(mode="json"))
        return Run(self, info, AppliedReviews, on_progress=on_progress)

    def preview_apply(
        self,
        source: str | os.PathLike[str] | None = None,
        collection: str | None = None,
        *,
        who: str | None = None,
        **options: Unpack[ApplyOptions],
    ) -> AppliedReviews:
        """Tell what ``apply_reviews`` would write; nothing is.

        Args:
            source: As for ``apply_reviews``, as are the others.
            collection: Name of the collection; may be left out if there is only one.
            who: Who asks.
            **options: Where the source is, see ``ApplyOptions``.

        Example:
            >>> client.preview_apply().n_written
            12
        """
        request = to_apply_request(source, who, is_local=self._is_local, dry_run=True, **options)
        path = f"{collection_path(collection)}/reviews/apply"
        return self._ask(AppliedReviews, "POST", path, json=request.model_dump(mode="json"))

    def restore_files(
        self,
        run: str,
        *,
        who: str | None = None,
        idempotency_key: str | None = None,
        on_progress: Progress | None = None,
    ) -> Run[RestoredFiles]:
        """Start to give the files that a run of ``apply_reviews`` changed their very bytes back.

        Args:
            run: Name of the run, as its ``AppliedReviews`` has it.
            who: Who does it, for the log.
            idempotency_key: The same key again gives the same run.
            on_progress: Told how far it is while somebody waits.

        Returns:
            The run. A file that others changed since is kept; after it was cancelled, the same call goes on.

        Example:
            >>> restored = client.restore_files(applied.run).wait()
            >>> restored.kept
            []
        """
        request = make_request(RestoreRequest, run=run, who=who or user_name(), idempotency_key=idempotency_key)
        info = self._ask(RunInfo, "POST", "/reviews/restore", json=request.model_dump(mode="json"))
        return Run(self, info, RestoredFiles, on_progress=on_progress)
