"""Which embedding of each point something was computed from, so that a later process can tell what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.bytes_]


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPoints:
    """Points and when each was embedded: together they name an embedding, since one made anew has another time.

    Attributes:
        ids: UTF-8 bytes (N,), ascending; a quarter of the size of NumPy's text.
        embedded_at: UTF-8 bytes (N,), as the payload states it; empty where it does not, which is never the same.
    """

    ids: Texts
    embedded_at: Texts

    @classmethod
    def of(cls, ids: npt.NDArray[np.str_], embedded_at: npt.NDArray[np.object_]) -> Self:
        """The points of two columns.

        Args:
            ids: Unicode array (N,), ascending.
            embedded_at: object (N,), the payload field of that name.
        """
        return cls(_encode(ids), _encode([time or "" for time in embedded_at]))

    def __len__(self) -> int:
        return len(self.ids)

    def is_same(self, earlier: EmbeddedPoints) -> bool:
        """Whether both are the same points with the same embeddings, row by row."""
        return bool(
            np.array_equal(self.ids, earlier.ids)
            and np.array_equal(self.embedded_at, earlier.embedded_at)
            and (self.embedded_at != b"").all()
        )

    def find_in(self, earlier: EmbeddedPoints) -> npt.NDArray[np.int64]:
        """Each point's row in ``earlier``, int64 (N,); -1 where it is new or was embedded anew."""
        rows = earlier._find_ids(self.ids)
        known = np.flatnonzero(rows >= 0)
        times = self.embedded_at[known]
        is_same = (times == earlier.embedded_at[rows[known]]) & (times != b"")
        rows[known[~is_same]] = -1
        return rows

    def find_rows(self, ids: Sequence[str]) -> npt.NDArray[np.int64]:
        """The row of each id, int64 (n,); -1 if there is no such point."""
        # NumPy drops zeros at the end of a text, and no id has a character that cannot be encoded.
        possible = [point_id if point_id.isascii() and "\0" not in point_id else "" for point_id in ids]
        return self._find_ids(_encode(possible))

    def _find_ids(self, ids: Texts) -> npt.NDArray[np.int64]:
        if not len(self):
            return np.full(len(ids), -1, dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        return np.where(self.ids[rows] == ids, rows, -1)


def _encode(texts: Sequence[str] | npt.NDArray[np.str_]) -> Texts:
    return np.char.encode(np.asarray(texts, dtype=np.str_), "utf-8")
