"""The suspect model of a collection, kept in step with what people decide and with the names that a source gives.

An accepted point counts with the class it shall have, and it leaves the ranking like a dismissed one. A person has
decided, and nobody is asked again. A skipped point stays where it was. A verdict or another name costs the classes that
it moves and a ranking, .3 CPU seconds at 100,000 points of 384 dimensions. It gives the ranking of a fresh fit within
rounding. Only a class that is given or taken away has the model fitted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

import numpy as np
import numpy.typing as npt

from indexer.collection.class_numbers import Names
from indexer.collection.embedded_points import EmbeddedPoints
from indexer.domain import Progress, ignore_progress
from indexer.errors import InvalidOptionsError
from indexer.insights.suspects import Method, SuspectColumns, SuspectModel
from indexer.reviews.review import Review, ReviewVerdict

Fit = Callable[[Names, Progress], SuspectModel]
Mask = npt.NDArray[np.bool_]


class ReviewedSuspects:
    """Suspects of fixed points under changing reviews; safe for several threads.

    Args:
        points: The N points, which stay the same.
        class_names: object (N,), the classes that the source gives; None if there is none.
        reviews: The reviews that stand, by point id; those of other points are ignored.
        fit: Makes the model of these points under given class names.
        on_progress: Told of the first fit.

    Attributes:
        points: As given.
    """

    def __init__(
        self,
        points: EmbeddedPoints,
        class_names: Names,
        *,
        reviews: Mapping[str, Review],
        fit: Fit,
        on_progress: Progress = ignore_progress,
    ) -> None:
        self.points = points
        self._given, self._fit = class_names, fit
        self._lock = Lock()
        self._names, self._is_decided = self._apply(reviews)
        self._model = self._fit_anew(on_progress)

    def name_points(self, class_names: Names) -> None:
        """Set the classes, object (N,), that the source gives now; the next ranking follows them."""
        with self._lock:
            self._given = class_names

    def rank(
        self, reviews: Mapping[str, Review], method: Method = "combined", *, on_progress: Progress = ignore_progress
    ) -> SuspectColumns:
        """The ranking under the reviews that stand now.

        Args:
            reviews: The reviews, by point id.
            method: How points are ranked.
            on_progress: Told of what has to be fitted again.

        Raises:
            InvalidOptionsError: The method is unknown.
        """
        with self._lock:
            self._follow(*self._apply(reviews))
            return self._model.rank(method, on_progress=on_progress)

    def _apply(self, reviews: Mapping[str, Review]) -> tuple[Names, Mask]:
        """Class names (N,) as people see them, and for which points they decided, bool (N,)."""
        names, is_decided = self._given.astype(object), np.zeros(len(self.points), dtype=bool)
        for row, review in zip(self.points.find_rows(list(reviews)), reviews.values(), strict=True):
            if row < 0 or review.verdict is ReviewVerdict.SKIP:
                continue
            is_decided[row] = True
            if review.verdict is ReviewVerdict.ACCEPT:
                names[row] = review.class_name
        return names, is_decided

    def _follow(self, names: Names, is_decided: Mask) -> None:
        """Bring the model from the reviews it knows to those that stand."""
        changed, was_decided = np.flatnonzero(names != self._names), self._is_decided
        self._names, self._is_decided = names, is_decided
        if len(changed) and not _relabel(self._model, changed, names):
            self._model = self._fit_anew()
            return
        if (is_decided & ~was_decided).any():
            self._model.confirm(np.flatnonzero(is_decided & ~was_decided))
        if (was_decided & ~is_decided).any():
            self._model.reopen(np.flatnonzero(was_decided & ~is_decided))

    def _fit_anew(self, on_progress: Progress = ignore_progress) -> SuspectModel:
        model = self._fit(self._names, on_progress)
        model.confirm(np.flatnonzero(self._is_decided))
        return model


def _relabel(model: SuspectModel, rows: npt.NDArray[np.int64], names: Names) -> bool:
    """Give some rows new classes; False where the model cannot take them over."""
    try:
        model.relabel(rows, [str(names[row] or "") for row in rows])
    except InvalidOptionsError:  # a point without a class before or after, or nothing left to compare with
        return False
    return True
