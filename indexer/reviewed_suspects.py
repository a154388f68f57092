"""The suspect model of a collection, kept in step with what people decide.

An accepted point counts with the class it shall have, and it leaves the ranking like a dismissed one: a person has
decided, nobody is asked again. A skipped point stays where it was. A verdict costs one product and a ranking, 0.3 s at
60,000 points of 256 dimensions; only a verdict that the model cannot take over has it fitted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

import numpy as np
import numpy.typing as npt

from indexer.errors import InvalidOptionsError
from indexer.insights.class_numbers import Names
from indexer.insights.suspects import Method, SuspectColumns, SuspectModel
from indexer.reviews import Review, ReviewVerdict

Fit = Callable[[Names], SuspectModel]
Mask = npt.NDArray[np.bool_]


class ReviewedSuspects:
    """Suspects of fixed points under changing reviews; safe for several threads.

    Args:
        ids: Unicode array (N,), ascending.
        class_names: object (N,), the classes that the source gives; None where there is none.
        fit: Makes the model of these points under other class names.
    """

    def __init__(self, ids: npt.NDArray[np.str_], class_names: Names, *, fit: Fit) -> None:
        self._ids, self._given, self._fit = ids, class_names, fit
        self._model: SuspectModel | None = None
        self._names, self._is_decided = class_names, np.zeros(len(ids), dtype=bool)
        self._lock = Lock()

    def rank(self, reviews: Mapping[str, Review], method: Method = "combined") -> SuspectColumns:
        """The ranking under the reviews that stand, by point id; reviews of other points are ignored.

        Raises:
            InvalidOptionsError: The method is unknown.
        """
        names, is_decided = self._apply(reviews)
        with self._lock:
            model = self._follow(names, is_decided)
            return model.rank(method)

    def _apply(self, reviews: Mapping[str, Review]) -> tuple[Names, Mask]:
        """Class names (N,) as people see them, and for which points they decided, bool (N,)."""
        names, is_decided = self._given.copy(), np.zeros(len(self._ids), dtype=bool)
        for point_id, review in reviews.items():
            row = int(np.searchsorted(self._ids, point_id))
            if row == len(self._ids) or self._ids[row] != point_id or review.verdict is ReviewVerdict.SKIP:
                continue
            is_decided[row] = True
            if review.verdict is ReviewVerdict.ACCEPT:
                names[row] = review.class_name
        return names, is_decided

    def _follow(self, names: Names, is_decided: Mask) -> SuspectModel:
        """Bring the model from the reviews it knows to those that stand."""
        changed = np.flatnonzero(names != self._names)
        model = None if self._model is None else _relabel(self._model, changed, names)
        if model is None:
            model = self._fit(names)
            self._is_decided = np.zeros(len(names), dtype=bool)
        if (is_decided & ~self._is_decided).any():
            model.confirm(np.flatnonzero(is_decided & ~self._is_decided))
        if (self._is_decided & ~is_decided).any():
            model.reopen(np.flatnonzero(self._is_decided & ~is_decided))
        self._model, self._names, self._is_decided = model, names, is_decided
        return model


def _relabel(model: SuspectModel, rows: npt.NDArray[np.int64], names: Names) -> SuspectModel | None:
    """The model with new class names in some rows, or None where it cannot take them over."""
    if not len(rows):
        return model
    labelled = [name for name in names if name]
    if not len(labelled) > len(set(labelled)) > 1:
        return None  # nothing is left to compare with, which a new model says in words
    try:
        model.relabel(rows, [str(names[row] or "") for row in rows])
    except InvalidOptionsError:  # a point without a class before or after
        return None
    return model
