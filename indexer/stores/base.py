"""The contract of stores. Both stores run one contract script and must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from indexer.domain import CollectionSpec, Neighbor, Point, PointColumns, PointFilter
from indexer.stores.leases import Lease

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def possible_ids(ids: Sequence[str]) -> list[str]:
    """Keep the ``ids`` that can be ids at all; an engine refuses the whole question for one that cannot."""
    return [point_id for point_id in ids if _UUID.fullmatch(point_id)]


class Collection(Protocol):
    """One embedding space: points of any number of sources. All writes are idempotent.

    Attributes:
        name: Name in the store.
        spec: What made the embeddings comparable.
    """

    name: str
    spec: CollectionSpec

    @property
    def revision(self) -> str:
        """Changes with every write but ``set_reviews``; equal ones mean equal points, also across processes."""
        ...

    @property
    def review_revision(self) -> str:
        """Changes with every ``set_reviews``, of which ``revision`` takes no note."""
        ...

    def reviewed_since(self, review_revision: str) -> set[str] | None:
        """Ids of the points whose review may have changed since a review revision was read; None if nobody knows."""
        ...

    def upsert(self, points: Sequence[Point]) -> None:
        """Write whole points; a point of the same id is replaced, payload and vector."""
        ...

    def set_payload(self, payloads: Mapping[str, Mapping[str, Any]]) -> None:
        """Set payload fields by point id, leaving other fields and the vector alone; a None value deletes the field.

        Unknown ids are ignored.
        """
        ...

    def set_reviews(self, reviews: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Set the payload field ``review`` by point id, or delete it where None; unknown ids are ignored.

        A verdict changes neither embeddings nor labels, so what was computed from them stays true: ``revision`` stays,
        ``review_revision`` changes.
        """
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Delete points; unknown ids are ignored."""
        ...

    def delete_embeddings(self, ids: Sequence[str]) -> None:
        """Take the vectors of points away and keep their payloads; unknown ids are ignored."""
        ...

    def retrieve(self, ids: Sequence[str], *, with_embeddings: bool = False) -> list[Point]:
        """The points that exist among ``ids``, in the order asked for."""
        ...

    def scroll(
        self,
        where: PointFilter | None = None,
        *,
        fields: Sequence[str] | None = None,
        with_embeddings: bool = False,
        page_size: int = 4096,
    ) -> Iterator[list[Point]]:
        """Yield pages of matching points in ascending order of id, with bounded memory.

        Args:
            where: Conditions, all points if None.
            fields: Payload fields wanted, all if None, none if empty.
            with_embeddings: Whether vectors are wanted.
            page_size: Points a page.
        """
        ...

    def read_columns(
        self,
        fields: Sequence[str],
        *,
        with_embeddings: bool = False,
        where: PointFilter | None = None,
    ) -> PointColumns:
        """Read matching points as columns, sorted by id; embeddings are L2-normalised float32."""
        ...

    def query(
        self,
        embedding: npt.NDArray[np.float32],
        *,
        limit: int,
        where: PointFilter | None = None,
        exact: bool = False,
    ) -> list[Neighbor]:
        """The ``limit`` points nearest to ``embedding`` (float32 (D,)) by cosine, nearest first."""
        ...

    def count(self, where: PointFilter | None = None) -> int:
        """Number of matching points, exact."""
        ...

    def facet(self, field: str, where: PointFilter | None = None, *, limit: int = 10_000) -> dict[str, int]:
        """Values of an indexed keyword field and how many matching points have each, most frequent first."""
        ...

    def optimize(self) -> None:
        """Build the search index after bulk writes; queries are exact and slower without it."""
        ...

    def is_current(self) -> bool:
        """Whether the store still holds this very collection; False after another process deleted or replaced it."""
        ...

    def hold(self, lease: Lease) -> None:
        """Take the lease of the collection, or renew it, so that two runs do not mix their writes.

        Raises:
            StoreLockedError: Somebody else holds it; the message says who and until when.
        """
        ...

    def release(self, token: str) -> None:
        """Give the lease back; one that is not held is no error."""
        ...


class VectorStore(Protocol):
    """Collections by name.

    Every method raises StoreUnavailableError when the store cannot be reached, read or written.
    """

    def collection_names(self) -> list[str]:
        """Names of all collections, sorted."""
        ...

    def create_collection(self, name: str, spec: CollectionSpec) -> Collection:
        """Create an empty collection.

        Raises:
            InvalidOptionsError: The name is taken or unfit.
        """
        ...

    def open_collection(self, name: str, *, spec: CollectionSpec | None = None) -> Collection:
        """Open a collection.

        Args:
            name: Name of the collection.
            spec: What the caller will write; compared with the stored one when given.

        Raises:
            CollectionNotFoundError: There is none of that name.
            CollectionMismatchError: ``spec`` differs; the message names the first field that does.
        """
        ...

    def delete_collection(self, name: str) -> None:
        """Delete a collection and everything in it.

        Raises:
            CollectionNotFoundError: There is none of that name.
        """
        ...

    def close(self) -> None:
        """Flush and release everything, also the lock on the data directory; closing twice is fine."""
        ...


class DraftStore(VectorStore, Protocol):
    """A store that can hold collections which are not complete yet: restored or copied ones."""

    def open_draft(self, name: str, spec: CollectionSpec, *, keeps: bool) -> Collection:
        """Open the unfinished collection of a name, or create it; nobody else sees it.

        Args:
            name: Name of the collection.
            spec: What it will hold; an unfinished one with another spec is replaced.
            keeps: Whether the points stay that an earlier try wrote.

        Raises:
            InvalidOptionsError: There is a finished collection of that name.
        """
        ...

    def publish(self, name: str) -> None:
        """Make an unfinished collection a finished one, in one step.

        Raises:
            CollectionNotFoundError: There is no unfinished one.
        """
        ...

    def drop_draft(self, name: str) -> None:
        """Remove the unfinished collection of a name, also one of an earlier process; a finished one stays.

        Raises:
            StoreUnavailableError: It cannot be removed.
        """
        ...
