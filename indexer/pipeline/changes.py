"""Change detection: what the source says against what the collection holds (pure).

An image is compared first by its stamps, at the price of one ``stat`` a file. Only a changed image is compared object
by object: new pixels or a moved box need an embedding, anything else is a payload write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from indexer.domain import InstanceMode, SourceImage
from indexer.payload import RECORD_FIELDS, PayloadField
from indexer.points import SourceIdentity, make_image_payload
from indexer.reviews.review import is_review_about

Payload = Mapping[str, Any]

_PIXEL_FIELDS: Final = (PayloadField.PIXELS_HASH, PayloadField.BOX)
_JUDGED_FIELDS: Final = (*_PIXEL_FIELDS, PayloadField.CLASS_NAME)
_ALWAYS_KEPT: Final = RECORD_FIELDS | {PayloadField.EMBEDDED_AT}


class Verdict(StrEnum):
    """The change that one point needs."""

    EMBED = "embed"
    PAYLOAD = "payload"
    UNCHANGED = "unchanged"
    STALE = "older than stored"


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """The changes that the points of one image need; ids are those of ``indexer.points``.

    Attributes:
        verdicts: By wanted point.
        payload_changes: For PAYLOAD: the fields to set, None for those to delete.
        kept: For EMBED: what insights and people wrote that stays true.
        removed: Stored points that are wanted no more.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    payload_changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def ids(self, verdict: Verdict) -> list[str]:
        """The points of one verdict, in the order wanted."""
        return [point_id for point_id, found in self.verdicts.items() if found is verdict]


def is_image_unchanged(source: SourceIdentity, image: SourceImage, record: Payload | None, mode: InstanceMode) -> bool:
    """Whether an image needs no look at all, judged by its record in the collection.

    Args:
        source: The source.
        image: What the source lists, without having opened the file.
        record: Payload of the image's own point, or None if there is none.
        mode: The instance mode of the run.
    """
    if record is None:
        return False
    stamps = {
        PayloadField.PIXELS_STAMP: image.pixels_stamp,
        PayloadField.ANNOTATION_STAMP: image.annotation_stamp,
        PayloadField.INSTANCE_MODE: mode.value,
    }
    described = make_image_payload(source, image, size_hw=None, pixels_hash=None)
    for name in (PayloadField.GEOMETRY, PayloadField.TAGS):
        described.pop(name)  # what the annotation file says is told by its stamp
    optional = (PayloadField.CLASS_NAME, PayloadField.IMAGE_UPDATED_AT)
    return (
        all(record.get(name) == value for name, value in stamps.items())
        and all(record.get(name) == value for name, value in described.items())
        and all(name in described or name not in record for name in optional)
    )


def is_older(candidate: datetime | str | None, stored: str | None) -> bool:
    """Whether the source's time of edit is before the stored one; False where either is unknown."""
    if candidate is None or stored is None:
        return False
    moment = datetime.fromisoformat(candidate) if isinstance(candidate, str) else candidate
    return moment < datetime.fromisoformat(stored)


def plan_changes(
    wanted: Mapping[str, Payload],
    stored: Mapping[str, Payload],
    *,
    crop_fields: Sequence[str] = (),
    force: bool = False,
) -> ChangePlan:
    """Decide what to do with every point of one image.

    Args:
        wanted: Id -> payload as the source has it now, without ``embedded_at`` and review.
        stored: Id -> payload as the collection has it; a payload without ``embedded_at`` has no vector yet.
        crop_fields: Further payload fields that change the crop, such as the shape when the background is masked.
        force: Whether to embed everything anew.
    """
    plan = ChangePlan(removed=[point_id for point_id in stored if point_id not in wanted])
    for point_id, payload in wanted.items():
        have = stored.get(point_id)
        verdict = _judge(payload, have, crop_fields=crop_fields, force=force)
        plan.verdicts[point_id] = verdict
        if verdict is Verdict.PAYLOAD and have is not None:
            plan.payload_changes[point_id] = diff_payload(payload, have)
        elif verdict is Verdict.EMBED and have is not None:
            plan.kept[point_id] = {name: have[name] for name in _find_still_true(payload, have)}
    return plan


def _judge(payload: Payload, have: Payload | None, *, crop_fields: Sequence[str], force: bool) -> Verdict:
    if have is None or PayloadField.EMBEDDED_AT not in have:
        return Verdict.EMBED
    if is_older(payload.get(PayloadField.OBJECT_UPDATED_AT), have.get(PayloadField.OBJECT_UPDATED_AT)):
        return Verdict.STALE
    if force or not _is_same(payload, have, (*_PIXEL_FIELDS, *crop_fields)):
        return Verdict.EMBED
    # An edit of one of its objects moves the time stamp of an image; its record is written all the same.
    is_edited = diff_payload(payload, have).keys() - {PayloadField.IMAGE_UPDATED_AT}
    return Verdict.PAYLOAD if is_edited else Verdict.UNCHANGED


def _is_same(payload: Payload, have: Payload, names: Sequence[str]) -> bool:
    return all(payload.get(name) == have.get(name) for name in names)


def diff_payload(payload: Payload, have: Payload) -> dict[str, Any]:
    """The fields to set (None: to delete) that turn ``have`` into ``payload``; empty if none.

    A review is kept until class, box or pixels change, also where the class becomes what it accepted.
    """
    keep = _ALWAYS_KEPT | _find_still_true(payload, have)
    changes = {name: value for name, value in payload.items() if have.get(name) != value}
    gone: dict[str, Any] = {name: None for name in have if name not in payload and name not in keep}
    return changes | gone


def _find_still_true(payload: Payload, have: Payload) -> set[str]:
    """The fields that people wrote about ``have`` and that are true of ``payload``."""
    review = have.get(PayloadField.REVIEW)
    if review is None:
        return set()
    is_kept = _is_same(payload, have, _JUDGED_FIELDS) or is_review_about(review, have, payload)
    return {PayloadField.REVIEW} if is_kept else set()
