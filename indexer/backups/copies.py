"""Points copied from one store to another: what is there already stays, and the end is checked."""

from __future__ import annotations

import random
from typing import Final

import numpy as np

from indexer.domain import Point, PointFilter, Progress
from indexer.errors import SnapshotOutdatedError, StoreUnavailableError
from indexer.stores.base import Collection

N_QUERIES: Final = 100
_NEIGHBORS: Final = 10
_TOLERANCE: Final = 1e-4
_SEED: Final = 0
_STAGE: Final = "copying points"


class DifferentCopyError(StoreUnavailableError):
    """A copy holds other vectors than its source."""


class Copy:
    """A copy of a collection, made or gone on with.

    Args:
        source: The collection.
        target: Where its points go; it may hold some of them already.
        on_progress: Told of every page.

    Attributes:
        n_points: Points of the source.
        n_copied: Points that were written; the others were there already.
        n_queries: Searches that both answered alike.
    """

    def __init__(self, source: Collection, target: Collection, on_progress: Progress) -> None:
        self._source, self._target, self._on_progress = source, target, on_progress
        self._random = random.Random(_SEED)  # noqa: S311 - which points are searched for, not a secret
        self._n_embedded, self._asked = 0, list[Point]()
        self.n_points = self.n_copied = self.n_queries = 0

    def run(self) -> None:
        """Copy what differs, remove what the source does not have, and compare both.

        Raises:
            SnapshotOutdatedError: Somebody wrote to the source meanwhile; run it again.
            StoreUnavailableError: The copy has not all points.
            DifferentCopyError: It has all of them and answers otherwise.
        """
        revision = self._source.revision
        total = self._source.count()
        for page in self._source.scroll(with_embeddings=True):
            self._copy(page)
            self._on_progress(_STAGE, self.n_points, total)
        if self._target.count() != self.n_points:
            self._remove_others()
        if self._source.revision != revision:
            raise SnapshotOutdatedError(self._source.name)
        self._compare()

    def _copy(self, page: list[Point]) -> None:
        there = {point.id: point for point in self._target.retrieve([point.id for point in page])}
        missing = [one for one in page if one.id not in there or there[one.id].payload != one.payload]
        self._target.upsert(missing)
        self.n_points += len(page)
        self.n_copied += len(missing)
        for point in page:
            if point.embedding is not None:
                self._choose(point)

    def _choose(self, point: Point) -> None:
        """Keep a fair choice of the points seen so far, for the comparison."""
        self._n_embedded += 1
        place = self._random.randrange(self._n_embedded)
        if len(self._asked) < N_QUERIES:
            self._asked.append(point)
        elif place < N_QUERIES:
            self._asked[place] = point

    def _remove_others(self) -> None:
        """Delete what an earlier try copied and the source does not have any more."""
        for page in self._target.scroll(fields=[]):
            ids = tuple(point.id for point in page)
            known = {one.id for part in self._source.scroll(PointFilter(ids=ids), fields=[]) for one in part}
            self._target.delete([point_id for point_id in ids if point_id not in known])

    def _compare(self) -> None:
        counts = [(one.count(), one.count(PointFilter(has_embedding=True))) for one in (self._source, self._target)]
        if counts[0] != counts[1]:
            raise StoreUnavailableError(
                f"the copy of '{self._source.name}' has {counts[1][0]} points ({counts[1][1]} with an embedding) and "
                f"not {counts[0][0]} ({counts[0][1]}); run it again, what was copied is kept"
            )
        for point in self._asked:
            self._on_progress("comparing searches", self.n_queries, len(self._asked))
            if not self._is_alike(point):
                raise DifferentCopyError(
                    f"the copy of '{self._source.name}' finds other neighbors of point {point.id}; "
                    "the copy is dropped, run it again"
                )
            self.n_queries += 1

    def _is_alike(self, point: Point) -> bool:
        """Whether both find points as near as each other, and the same ones but for equal scores."""
        if point.embedding is None:
            return True
        found = [one.query(point.embedding, limit=_NEIGHBORS, exact=True) for one in (self._source, self._target)]
        scores = [np.array([hit.score for hit in hits]) for hits in found]
        if scores[0].shape != scores[1].shape or not np.allclose(scores[0], scores[1], atol=_TOLERANCE):
            return False
        last = scores[0][-1] if len(scores[0]) else 0.0
        inner = [{hit.id for hit in hits if hit.score > last + _TOLERANCE} for hits in found]
        return all(ids <= {hit.id for hit in hits} for ids, hits in zip(inner, reversed(found), strict=True))
