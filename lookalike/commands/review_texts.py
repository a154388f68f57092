"""Reviews as commands show them: a line for people, JSON as the log has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lookalike.wire.names import name_image

if TYPE_CHECKING:
    from lookalike.wire.reviews import LoggedReview, ReviewModel


def describe(review: ReviewModel) -> str:
    """One line for people."""
    change = f"{review.given_class} -> {review.class_name}" if review.class_name else f"{review.given_class}"
    note = f"  ({review.note})" if review.note else ""
    image = name_image(review.subject)
    when = f"{review.at:%Y-%m-%d %H:%M}"
    return f"{review.id}  {when}  {review.who}  {review.verdict:8} {change}  {image}  {review.point_id}{note}"


def describe_fate(one: LoggedReview) -> str:
    """The fate of a review, for the end of its line."""
    written = f"  [written by run {one.run}]" if one.run else ""
    return written if one.stands else f"{written}  [does not stand]"


def to_json(review: ReviewModel) -> dict[str, Any]:
    """A review as the log has it: what it does not say is left out."""
    said = {
        "id": review.id,
        "verdict": review.verdict,
        "class_name": review.class_name,
        "who": review.who,
        "at": review.at.isoformat(),
        "note": review.note,
    }
    known = {"given_class": review.given_class, "point_id": review.point_id, "subject": review.subject}
    links = {"replaces": review.replaces, "entry": review.entry}
    return _without_none(said) | known | _without_none(links) | _fate_of(review)


def _fate_of(review: ReviewModel) -> dict[str, Any]:
    """The fate that the log knows."""
    stands = getattr(review, "stands", None)
    return {} if stands is None else {"stands": stands, "run": getattr(review, "run", None)}


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
