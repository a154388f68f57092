"""A person's decision on points, and the checks that it must pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indexer.domain import Point
from indexer.errors import InvalidOptionsError, PointNotFoundError, ReviewConflictError
from indexer.payload import PayloadField
from indexer.reviews.review import ReviewVerdict
from indexer.stores.base import Collection


@dataclass(frozen=True, slots=True)
class Seen:
    """A point as a person saw it who judges it.

    Attributes:
        given_class: Its class.
        review_id: The review that stood; None for none.
    """

    given_class: str | None
    review_id: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's decision on some points.

    Attributes:
        verdict: ``accept``, ``dismiss`` or ``skip``.
        who: The person.
        class_name: For ``accept``, the class that the points shall have; the suggested one of each if None.
        allows_new_class: Whether ``class_name`` may be one that the collection does not have.
        note: What else there is to say.
        is_one_entry: Whether the points are one group of suspects: taking one review back takes all back.
        seen: What was seen of the points, by id, which must be so still. The others are not compared.
        request: Key of the request: the same key again gives the same reviews, and makes none.
    """

    verdict: str
    who: str
    class_name: str | None = None
    allows_new_class: bool = False
    note: str | None = None
    is_one_entry: bool = False
    seen: Mapping[str, Seen] = field(default_factory=dict)
    request: str | None = None


def check_texts(judgement: Judgement, verdict: ReviewVerdict) -> None:
    """Refuse what says nothing or contradicts itself, and text that no file can hold."""
    if judgement.class_name is not None and verdict is not ReviewVerdict.ACCEPT:
        raise InvalidOptionsError(f"a class goes with accept, not with {verdict}")
    for what, text in (
        ("who", judgement.who),
        ("class", judgement.class_name),
        ("note", judgement.note),
        ("key", judgement.request),
    ):
        if text is not None and (not text.strip() or not _is_unicode(text)):
            raise InvalidOptionsError(f"{what} {text!r} is no text; give some, or leave it out")


def require_seen(points: Sequence[Point], seen_by_id: Mapping[str, Seen]) -> None:
    """Refuse points that changed since somebody looked, or were decided by somebody else; a skip decides nothing."""
    for point in points:
        seen = seen_by_id.get(point.id)
        if seen is None:
            continue
        class_name, review = point.payload.get(PayloadField.CLASS_NAME), point.payload.get(PayloadField.REVIEW) or {}
        name = f"point '{point.id}'"
        if class_name != seen.given_class:
            shown, now = (f"'{text}'" if text else "without a class" for text in (seen.given_class, class_name))
            raise ReviewConflictError(f"{name} is {now} by now, not {shown} as it was shown; look at it again")
        if review.get("verdict", ReviewVerdict.SKIP) != ReviewVerdict.SKIP and review["id"] != seen.review_id:
            said = f"accepted as '{review['class_name']}'" if "class_name" in review else "dismissed"
            raise ReviewConflictError(f"{name} was {said} by {review['who']} meanwhile; take that back first")


def _is_unicode(text: str) -> bool:
    """Whether text can be encoded; a lone surrogate, as from a terminal in another encoding, cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def require_points(collection: Collection, point_ids: Sequence[str]) -> list[Point]:
    """The points, each with an embedding."""
    points = collection.retrieve(point_ids)
    embedded = {point.id for point in points if PayloadField.EMBEDDED_AT in point.payload}
    for point_id in point_ids:
        if point_id not in embedded:
            raise PointNotFoundError(f"collection '{collection.name}' has no embedded point '{point_id}'")
    return points


def require_labelled(points: Sequence[Point]) -> None:
    """Refuse points without a class."""
    for point in points:
        if not point.payload.get(PayloadField.CLASS_NAME):
            raise InvalidOptionsError(f"point '{point.id}' has no class that could be right; accept one instead")
