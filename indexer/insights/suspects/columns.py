"""The ranking of all points as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Entries:
    """Entries of a ranking, each a group or a single point.

    Attributes:
        rows: int64 (m,), the points, those of one entry side by side.
        starts: int64 (e,), where each entry begins among them.
        sizes: int64 (e,), how many points it has.
    """

    rows: Rows
    starts: Rows
    sizes: Rows

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, start: int, stop: int) -> list[Rows]:
        """The points of some entries, int64 (g,) each."""
        bounds = zip(self.starts[start:stop], self.sizes[start:stop], strict=True)
        return [self.rows[first : first + size] for first, size in bounds]


@dataclass(frozen=True)
class SuspectColumns:
    """One row per point.

    Attributes:
        classes: The class names, sorted; numbers below point into it.
        given: int32 (N,), the class that each point has, -1 if it has none.
        score: float32 (N,), 0..1 by rank, 1 is the most suspect; nan if the point cannot be ranked.
        ridge_margin: float32 (N,), above 0 if the ridge prefers another class; nan as above.
        relative_distance: float32 (N,), -1..1, above 0 if another class is nearer; nan as above.
        suggested: int32 (N,), the class that the ridge prefers, -1 if nothing speaks against the given one.
        evidence: int32 (N, 10), the nearest points that vote, nearest first, padded with -1; if no neighbor has one,
            those that share the point's pixels or image.
        has_witness: bool (N,), whether the evidence votes.
        is_clumped: bool (N,), whether neighbors with the same class were left out because they are contradicted too.
        group: int32 (N,), equal for similar points that have one class and seem to be of one other; -1 for the rest.
        why_empty: Why no point is ranked, or None.
    """

    classes: tuple[str, ...]
    given: Numbers
    score: Floats
    ridge_margin: Floats
    relative_distance: Floats
    suggested: Numbers
    evidence: Numbers
    has_witness: npt.NDArray[np.bool_]
    is_clumped: npt.NDArray[np.bool_]
    group: Numbers
    why_empty: str | None = None

    @classmethod
    def empty(cls, classes: tuple[str, ...], given: Rows, why_empty: str) -> SuspectColumns:
        """The columns of points of which none can be ranked."""
        n_points = len(given)
        return cls(
            classes=classes,
            given=given.astype(np.int32),
            score=np.full(n_points, np.nan, dtype=np.float32),
            ridge_margin=np.full(n_points, np.nan, dtype=np.float32),
            relative_distance=np.full(n_points, np.nan, dtype=np.float32),
            suggested=np.full(n_points, -1, dtype=np.int32),
            evidence=np.full((n_points, 10), -1, dtype=np.int32),
            has_witness=np.zeros(n_points, dtype=bool),
            is_clumped=np.zeros(n_points, dtype=bool),
            group=np.full(n_points, -1, dtype=np.int32),
            why_empty=why_empty,
        )

    def top(self, n_suspects: int) -> Rows:
        """The most suspect points against which something speaks, int64 (at most ``n_suspects``,), worst first."""
        rows = np.flatnonzero(self.suggested >= 0)
        return rows[np.argsort(-self.score[rows], kind="stable")][:n_suspects]

    def group_rows(self, rows: Rows) -> Entries:
        """Put points of one group together, at the place of the first.

        Args:
            rows: int64 (m,), points in order of the ranking; those of a group that are not among them are not added.
        """
        keys = np.where(self.group[rows] >= 0, self.group[rows], -1 - np.arange(len(rows)))
        order = np.argsort(keys, kind="stable")
        starts = np.unique(keys[order], return_index=True)[1]
        places = np.argsort(order[starts])
        return Entries(rows[order], starts[places], np.diff(starts, append=len(rows))[places])

    def count_entries(self, rows: Rows) -> int:
        """Count the entries that ``group_rows`` makes of points, int64 (m,)."""
        groups = self.group[rows]
        return int((groups < 0).sum()) + len(np.unique(groups[groups >= 0]))
