"""Things that the collections of both engines do alike: columns from pages, and changes of payloads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.domain import CollectionSpec, Point, PointColumns, PointFilter
from indexer.payload import PayloadField
from indexer.stores.columns import columns_from_pages


@dataclass(frozen=True, slots=True)
class PayloadChange:
    """Change of the payload of one point.

    Attributes:
        point_id: The point.
        present: Fields that get a value.
        absent: Fields that are deleted.
    """

    point_id: str
    present: dict[str, Any]
    absent: list[str]

    @classmethod
    def of(cls, point_id: str, payload: Mapping[str, Any]) -> PayloadChange:
        """The change that a payload with None for deleted fields asks for."""
        present = {str(key): value for key, value in payload.items() if value is not None}
        return cls(point_id, present, [str(key) for key, value in payload.items() if value is None])


class QdrantCollection(ABC):
    """A collection of either engine; see ``indexer.stores.base.Collection``.

    Attributes:
        name: Name in the store.
        spec: What made the embeddings comparable.
    """

    name: str
    spec: CollectionSpec

    def set_payload(self, payloads: Mapping[str, Mapping[str, Any]]) -> None:
        """Set payload fields by point id; a None value deletes the field. Unknown ids are ignored."""
        self._change(payloads, is_review=False)

    def set_reviews(self, reviews: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Set the field ``review`` by point id, or delete it where None; unknown ids are ignored."""
        payloads = {point_id: {PayloadField.REVIEW.value: review} for point_id, review in reviews.items()}
        self._change(payloads, is_review=True)

    def _change(self, payloads: Mapping[str, Mapping[str, Any]], *, is_review: bool) -> None:
        known = self._existing(list(payloads))
        changes = [PayloadChange.of(point_id, payload) for point_id, payload in payloads.items() if point_id in known]
        self._write_changes([one for one in changes if one.present or one.absent], is_review=is_review)

    def read_columns(
        self, fields: Sequence[str], *, with_embeddings: bool = False, where: PointFilter | None = None
    ) -> PointColumns:
        """Read matching points as columns, sorted by id; embeddings are L2-normalised float32."""
        pages = self.scroll(where, fields=fields, with_embeddings=with_embeddings)
        dimension = self.spec.dimension if with_embeddings else None
        return columns_from_pages(pages, fields, dimension, n_expected=self.count(where))

    @abstractmethod
    def count(self, where: PointFilter | None = None) -> int:
        """Number of matching points, exact."""

    @abstractmethod
    def scroll(
        self,
        where: PointFilter | None = None,
        *,
        fields: Sequence[str] | None = None,
        with_embeddings: bool = False,
        page_size: int = 4096,
    ) -> Iterator[list[Point]]:
        """Yield pages of matching points in ascending order of id, with bounded memory."""

    @abstractmethod
    def _existing(self, ids: Sequence[str]) -> set[str]:
        """Tell which of the ids points have."""

    @abstractmethod
    def _write_changes(self, changes: Sequence[PayloadChange], *, is_review: bool) -> None:
        """Change payloads of points that exist."""


def wanted_payload(fields: Sequence[str] | None) -> bool | list[str]:
    """The payload fields of an answer in both engines' words: all if None, none if empty."""
    return True if fields is None else [str(field) for field in fields] or False
