"""Reviews: what people decided about the class of a point. The nouns, and their form in payloads and in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import uuid4

from indexer.domain import Point, PointFilter
from indexer.errors import UnknownNameError
from indexer.payload import PayloadField
from indexer.stores.base import Collection
from lookalike.wire.names import name_image

_PIXEL_FIELDS: Final = (PayloadField.BOX, PayloadField.PIXELS_HASH)
_SUBJECT_FIELDS: Final = (
    PayloadField.SOURCE_KEY,
    PayloadField.DATASET,
    PayloadField.IMAGE_KEY,
    PayloadField.IMAGE_NAME,
    PayloadField.OBJECT_KEY,
    PayloadField.CLASS_NAME,
    *_PIXEL_FIELDS,
)


class ReviewVerdict(StrEnum):
    """Verdicts that a person may give on a point."""

    ACCEPT = "accept"
    """It shall have another class."""
    DISMISS = "dismiss"
    """Its class is right."""
    SKIP = "skip"
    """Undecided; somebody else may know."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The verdict of that name.

        Raises:
            UnknownNameError: There is none.
        """
        try:
            return cls(text)
        except ValueError:
            raise UnknownNameError("verdict", text, cls) from None


@dataclass(frozen=True, slots=True)
class Review:
    """One verdict on one point.

    Attributes:
        id: Its name in the log.
        point_id: The point.
        verdict: What was decided.
        who: By whom.
        at: When, aware UTC.
        given_class: The class that the point had when it was judged.
        class_name: The class that the point shall have; None unless the verdict is to accept.
        note: What else was said.
        subject: The point as it was judged or, read from a point, as it is now. Payload field -> value, enough to find
            the object without the point.
        replaces: Id of the review of the same point that stood before.
        entry: Equal for the reviews of one group of suspects, which are taken back together; None for a single point.
    """

    id: str
    point_id: str
    verdict: ReviewVerdict
    who: str
    at: datetime
    given_class: str | None
    class_name: str | None = None
    note: str | None = None
    subject: Mapping[str, Any] = field(default_factory=dict)
    replaces: str | None = None
    entry: str | None = None

    @classmethod
    def of(
        cls, point: Point, verdict: ReviewVerdict, *, who: str, class_name: str | None = None, note: str | None = None
    ) -> Self:
        """Judge a point, now."""
        standing = point.payload.get(PayloadField.REVIEW) or {}
        return cls(
            id=uuid4().hex[:12],
            point_id=point.id,
            verdict=verdict,
            who=who,
            at=datetime.now(UTC),
            given_class=point.payload.get(PayloadField.CLASS_NAME),
            class_name=class_name,
            note=note,
            subject=_describe(point.payload),
            replaces=standing.get("id"),
        )

    @classmethod
    def from_point(cls, point: Point) -> Self:
        """The review that stands with a point that has one."""
        return cls._parse(point.payload[PayloadField.REVIEW], point_id=point.id, subject=_describe(point.payload))

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The review that ``to_json`` wrote."""
        known = {name: record.get(name) for name in ("point_id", "replaces", "entry")}
        return cls._parse(record, subject=record["subject"], **known)

    @classmethod
    def _parse(cls, stored: Mapping[str, Any], *, subject: Mapping[str, Any], **known: Any) -> Self:
        return cls(
            id=stored["id"],
            verdict=ReviewVerdict(stored["verdict"]),
            who=stored["who"],
            at=datetime.fromisoformat(stored["at"]),
            given_class=_given_class(stored, subject),
            class_name=stored.get("class_name"),
            note=stored.get("note"),
            subject=subject,
            **known,
        )

    def to_payload(self) -> dict[str, Any]:
        """The review as the payload field ``review`` holds it."""
        stored = {
            "id": self.id,
            "verdict": self.verdict.value,
            "class_name": self.class_name,
            "who": self.who,
            "at": self.at.isoformat(),
            "note": self.note,
        }
        return {name: value for name, value in stored.items() if value is not None} | {"given_class": self.given_class}

    def to_json(self) -> dict[str, Any]:
        """The review as the log and the command line write it."""
        links = {"replaces": self.replaces, "entry": self.entry}
        known = self.to_payload() | {"point_id": self.point_id, "subject": dict(self.subject)}
        return known | {name: value for name, value in links.items() if value is not None}

    @property
    def image(self) -> str:
        """The data set and name of its image, or the key of one without a name."""
        return name_image(self.subject)

    @property
    def is_carried_out(self) -> bool:
        """Whether the point, as ``subject`` knows it, has the class that was accepted."""
        return self.class_name is not None and self.subject.get(PayloadField.CLASS_NAME) == self.class_name

    def is_about(self, payload: Mapping[str, Any]) -> bool:
        """Whether a point with that payload is what was judged; see ``is_review_about``."""
        return is_review_about(self.to_payload(), self.subject, payload)


def is_review_about(review: Mapping[str, Any], judged: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    """Whether a review that a point had still stands: box and pixels are the same, the class is as judged or accepted.

    The one rule by which verdicts are kept, ended and given back. It knows no history. If an accepted class is written
    to the source and taken back there, its review stands all the while.

    Args:
        review: The review as payloads hold it.
        judged: Payload of the point with which the review stood.
        payload: Payload of the point now.
    """
    given = _given_class(review, judged)
    is_same_object = all(judged.get(name) == payload.get(name) for name in _PIXEL_FIELDS)
    return is_same_object and payload.get(PayloadField.CLASS_NAME) in (given, review.get("class_name", given))


def _given_class(review: Mapping[str, Any], judged: Mapping[str, Any]) -> str | None:
    """The class that was judged; the first reviews did not say it, but ended when it changed."""
    given: str | None = review.get("given_class", judged.get(PayloadField.CLASS_NAME))
    return given


def _describe(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name.value: payload[name] for name in _SUBJECT_FIELDS if payload.get(name) is not None}


def read_reviews(collection: Collection, *verdicts: ReviewVerdict) -> dict[str, Review]:
    """The reviews that stand, by point id; all verdicts if none is named."""
    wanted = tuple(verdict.value for verdict in verdicts or ReviewVerdict)
    where = PointFilter(equals_any={PayloadField.REVIEW_VERDICT.value: wanted})
    fields = (PayloadField.REVIEW, *_SUBJECT_FIELDS)
    return {point.id: Review.from_point(point) for page in collection.scroll(where, fields=fields) for point in page}
