"""Embeddings as arrays."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lookalike.errors import UnexpectedAnswerError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_HEADER: Final = struct.Struct("<4sIIII")
_ID_BYTES: Final = 36


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The embeddings of some points, by ascending id.

    Attributes:
        ids: Ids of the points, N.
        embeddings: float32 (N, D), row by row the ids.
        revision: The collection's revision that they are of.
    """

    ids: list[str]
    embeddings: npt.NDArray[np.float32]
    revision: str

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class EmbeddingsPage:
    """One page of them.

    Attributes:
        total: Points on all pages.
        dimension: D.
        revision: As of ``Embeddings``.
        ids: Those of the page.
        data: Their embeddings, little endian float32.
    """

    total: int
    dimension: int
    revision: str
    ids: list[str]
    data: bytes


def read_page(body: bytes) -> EmbeddingsPage:
    """One page from the form that ``lookalike.wire`` describes.

    Raises:
        UnexpectedAnswerError: The bytes have another form.
    """
    try:
        magic, total, n_rows, dimension, n_revision = _HEADER.unpack_from(body)
    except struct.error:
        magic, total, n_rows, dimension, n_revision = b"", 0, 0, 0, 0
    start = _HEADER.size + n_revision
    end = start + n_rows * _ID_BYTES
    if magic != b"LKE1" or len(body) != end + 4 * n_rows * dimension:
        raise UnexpectedAnswerError(200, "the server sent embeddings in another form than expected")
    ids = [body[at : at + _ID_BYTES].decode("ascii") for at in range(start, end, _ID_BYTES)]
    return EmbeddingsPage(total, dimension, body[_HEADER.size : start].decode(), ids, body[end:])


def join_pages(pages: list[EmbeddingsPage]) -> Embeddings:
    """All pages as one array; at least one is needed."""
    import numpy as np

    data = b"".join(page.data for page in pages)
    embeddings = np.frombuffer(data, dtype="<f4").astype(np.float32).reshape(-1, pages[0].dimension)
    return Embeddings([point_id for page in pages for point_id in page.ids], embeddings, pages[0].revision)
