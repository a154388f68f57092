"""Finished images -> the collection, in an order that a crash cannot hurt.

An image's own point carries the stamps that make the next run skip it, so it is written last. Whatever a killed run
left behind, the next one looks at the image again and finds in the store what was already embedded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Point
from indexer.payload import PayloadField
from indexer.pipeline.changes import diff_payload
from indexer.pipeline.prepared_images import PreparedImage
from indexer.stores.base import Collection

_POINTS_PER_WRITE: Final = 512


@dataclass(slots=True)
class FinishedImage:
    """A prepared image with the embeddings of all its crops.

    Attributes:
        prepared: The image and its plan.
        embeddings: float32 (D,) by point to embed.
        is_written: Whether the collection has it already, as another machine wrote it.
    """

    prepared: PreparedImage
    embeddings: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    is_written: bool = False


@dataclass(slots=True)
class _Writes:
    """The operations of one write, in the order in which they happen."""

    points: list[Point] = field(default_factory=list)
    payloads: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    unembedded: list[str] = field(default_factory=list)
    records: list[Point] = field(default_factory=list)
    record_payloads: dict[str, Mapping[str, Any]] = field(default_factory=dict)


class CollectionWriter:
    """Collects finished images and writes them in the background, at most one write at a time.

    Args:
        collection: Where to write.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._finished: list[FinishedImage] = []
        self._n_points = 0
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._pending: Future[None] | None = None

    def add(self, finished: FinishedImage) -> None:
        """Take one image whose embeddings are complete.

        Raises:
            StoreUnavailableError: An earlier write failed.
        """
        if finished.is_written:
            return
        self._finished.append(finished)
        self._n_points += 1 + len(finished.embeddings)
        if self._n_points >= _POINTS_PER_WRITE:
            self._start_write()

    def finish(self) -> None:
        """Write what is left and wait for it.

        Raises:
            StoreUnavailableError: A write failed.
        """
        self._start_write()
        self._wait()

    def close(self) -> None:
        """Wait for the write under way and drop what was not started; what was written is consistent."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _start_write(self) -> None:
        self._wait()
        if self._finished:
            finished, self._finished, self._n_points = self._finished, [], 0
            self._pending = self._executor.submit(write_images, self._collection, finished)

    def _wait(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            pending.result()


def write_images(collection: Collection, images: Sequence[FinishedImage]) -> None:
    """Write images; doing it again, or in part and then again, gives the same collection.

    Raises:
        StoreUnavailableError: A write failed.
    """
    writes, now = _Writes(), datetime.now(UTC).isoformat()
    for image in images:
        _collect(writes, image, now)
    collection.upsert(writes.points)
    collection.set_payload(writes.payloads)
    collection.delete(writes.gone)
    collection.delete_embeddings(writes.unembedded)
    collection.upsert(writes.records)
    collection.set_payload(writes.record_payloads)


def _collect(writes: _Writes, image: FinishedImage, now: str) -> None:
    prepared = image.prepared
    plan, record_id = prepared.plan, prepared.record_id
    for point_id, embedding in image.embeddings.items():
        payload = prepared.payloads[point_id] | plan.kept.get(point_id, {}) | {PayloadField.EMBEDDED_AT.value: now}
        (writes.records if point_id == record_id else writes.points).append(Point(point_id, payload, embedding))
    writes.payloads |= {key: new for key, new in plan.payload_changes.items() if key != record_id}
    writes.gone += plan.removed
    if record_id in image.embeddings:
        return
    if prepared.record is None:
        writes.records.append(Point(record_id, prepared.record_payload))
        return
    difference = diff_payload(prepared.record_payload, prepared.record)
    if record_id not in prepared.payloads and PayloadField.EMBEDDED_AT in prepared.record:
        # The instance mode no longer makes the image itself a point; it stays known, without its vector.
        writes.unembedded.append(record_id)
        difference[PayloadField.EMBEDDED_AT.value] = None
    writes.record_payloads[record_id] = difference
