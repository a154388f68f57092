"""Embeddings as binary pages."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from indexer.collection.collections import Collections
from indexer.collection.selections import check_selection_of, select_rows
from indexer.collection.snapshot import Snapshot
from indexer.domain import PointFilter
from indexer.errors import SnapshotOutdatedError
from lookalike.wire.points import EmbeddingsQuery

_HEADER: Final = struct.Struct("<4sIIII")
_MAGIC: Final = b"LKE1"


def pack_embeddings(collections: Collections, name: str, query: EmbeddingsQuery, selection: PointFilter) -> bytes:
    """One page of the embeddings of a selection, as ``lookalike.wire`` describes it.

    Raises:
        SnapshotOutdatedError: The collection is not at the revision that the query names.
    """

    def answer(snapshot: Snapshot) -> bytes:
        if query.revision not in {None, snapshot.revision}:
            raise SnapshotOutdatedError(name)
        rows = np.flatnonzero(select_rows(snapshot, check_selection_of(snapshot, selection)))
        chosen = rows[query.offset : query.offset + query.limit]
        revision = snapshot.revision.encode()
        embeddings = np.ascontiguousarray(snapshot.embeddings()[chosen], dtype="<f4")
        header = _HEADER.pack(_MAGIC, len(rows), len(chosen), embeddings.shape[1], len(revision))
        return b"".join((header, revision, snapshot.ids[chosen].astype("S36").tobytes(), embeddings.tobytes()))

    return collections.ask(name, answer, with_embeddings=True)
